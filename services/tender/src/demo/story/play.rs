use super::{Day, challenge, decline, ledger, manual_capture, one_call, order, refund, saved_card};
use crate::demo::api::Api;
use crate::demo::error::DemoError;
use crate::demo::stage::Stage;

/// How many scenes there are.
pub(in crate::demo) const SCENES: usize = 8;

/// Plays the whole day.
pub(in crate::demo) async fn play(api: &Api, stage: &mut Stage, day: &mut Day) -> Result<(), DemoError> {
    let card = saved_card::play(api, stage).await?;
    let hamper = one_call::play(api, stage, day, &card).await?;
    decline::play(api, stage).await?;
    challenge::play(api, stage, day).await?;
    manual_capture::play(api, stage, day, &card).await?;
    refund::play(api, stage, day, &hamper).await?;
    order::play(api, stage, day).await?;
    ledger::play(api, stage, day).await
}

//! Money goes back, and the payment learns of it by an event.

use serde_json::json;
use tender_domain::kernel::Money;

use super::Day;
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::waiting::until;
use crate::demo::wire::{Intent, Refund};

const BACK_MINOR: i64 = 2_000;

pub(super) async fn play(
    api: &Api,
    stage: &mut Stage,
    day: &mut Day,
    paid: &Intent,
) -> Result<(), DemoError> {
    stage.scene("The jam was broken: a part of the hamper is refunded")?;
    let back = Money::new(BACK_MINOR, paid.currency);
    let body = json!({
        "payment_intent_id": paid.id,
        "amount": BACK_MINOR,
        "reason": "product_return",
    });
    let refund: Refund = api.post("/v1/payments/refunds", body).await?;
    let (refund, _) = until("the end of the refund", async || {
        let now: Refund = api.get(&format!("/v1/payments/refunds/{}", refund.id)).await?;
        Ok((now.status != "processing" && now.status != "pending").then_some(now))
    })
    .await?;
    expect("the refund's status", "succeeded", &*refund.status)?;
    day.refunded(&paid.id, back);
    stage.done(&format!("{back} of {} given back: {}", paid.amount(), refund.status))?;

    let (_, waited) = until("the payment's share of the refund", async || {
        let intent: Intent = api.get(&format!("/v1/payments/intents/{}", paid.id)).await?;
        Ok((intent.refunded() == back).then_some(()))
    })
    .await?;
    stage.done(&format!("the event refund.processed reached the payment in {} ms", waited.as_millis()))?;
    Ok(())
}

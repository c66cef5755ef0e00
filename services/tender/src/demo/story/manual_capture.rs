//! A deposit is held, and a part of it taken.

use serde_json::{Value, json};
use tender_domain::kernel::Money;

use super::{Day, saved_card::Card};
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::Intent;

const TAKEN_MINOR: i64 = 18_000;

pub(super) async fn play(api: &Api, stage: &mut Stage, day: &mut Day, card: &Card) -> Result<(), DemoError> {
    stage.scene("Mara rents a boat: a deposit is held, a part is taken")?;
    let body = json!({
        "amount": 30_000,
        "currency": "EUR",
        "customer_id": card.customer,
        "payment_method_id": card.method,
        "capture_mode": "manual",
        "confirm": true,
        "description": "Sailing boat, one day",
    });
    let held: Intent = api.post("/v1/payments/intents", body).await?;
    expect("the payment's status", "requires_capture", &*held.status)?;
    expect("what was captured", 0, held.captured().minor())?;
    stage.done(&format!("{} held on her card, nothing taken yet", held.amount()))?;

    let path = format!("/v1/payments/intents/{}", held.id);
    let _: Value = api.post(&format!("{path}/capture"), json!({ "amount": TAKEN_MINOR })).await?;
    let intent: Intent = api.get(&path).await?;
    let taken = Money::new(TAKEN_MINOR, intent.currency);
    expect("the payment's status", "succeeded", &*intent.status)?;
    expect("what was captured", taken, intent.captured())?;
    day.captured(&intent.id, taken);
    stage.done(&format!("back in the harbour at noon: {taken} taken, the rest let go"))?;
    Ok(())
}

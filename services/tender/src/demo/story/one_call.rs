//! A payment in one call, and the same call again.

use serde_json::json;

use super::{Day, saved_card::Card};
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::Intent;

const PATH: &str = "/v1/payments/intents";

pub(super) async fn play(
    api: &Api,
    stage: &mut Stage,
    day: &mut Day,
    card: &Card,
) -> Result<Intent, DemoError> {
    stage.scene("She buys a breakfast hamper")?;
    let body = json!({
        "amount": 5194,
        "currency": "EUR",
        "customer_id": card.customer,
        "payment_method_id": card.method,
        "confirm": true,
        "description": "Breakfast hamper",
        "metadata": { "basket": "demo" },
    });
    let key = api.uuid().to_string();
    let first = api.post_with_key::<Intent>(PATH, &key, body.clone()).await?;
    let intent = first.body;
    expect("the payment's status", "succeeded", &*intent.status)?;
    expect("what was captured", intent.amount(), intent.captured())?;
    day.captured(&intent.id, intent.captured());
    stage.done(&format!(
        "created, confirmed and captured in one call: {} {}",
        intent.amount(),
        intent.status
    ))?;
    stage.aside(&intent.id)?;

    let again = api.post_with_key::<Intent>(PATH, &key, body).await?;
    expect("the intent of the repeated call", &*intent.id, &*again.body.id)?;
    expect("whether the first answer was given again", true, again.replayed)?;
    expect("its status", first.status, again.status)?;
    stage.done("her browser sends the order twice: the same answer again, charged once")?;
    Ok(intent)
}

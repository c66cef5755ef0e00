//! A bank that wants to see its customer first.

use serde_json::json;

use super::{Day, saved_card};
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::Intent;

const CHALLENGE: &str = "4000 0000 0000 3220";

pub(super) async fn play(api: &Api, stage: &mut Stage, day: &mut Day) -> Result<(), DemoError> {
    stage.scene("Ines' bank asks who she is (3-D Secure)")?;
    let (card, _) = saved_card::save(api, CHALLENGE).await?;
    let body = json!({
        "amount": 24_000,
        "currency": "EUR",
        "customer_id": card.customer,
        "payment_method_id": card.method,
        "confirm": true,
        "description": "Two nights by the lake",
    });
    let waiting: Intent = api.post("/v1/payments/intents", body).await?;
    expect("the payment's status", "requires_action", &*waiting.status)?;
    let url = waiting.next_action.map(|action| action.url).unwrap_or_default();
    expect("whether there is a page to send her to", true, url.starts_with("http"))?;
    stage.done(&format!("{} waits: she is sent to her bank's page", waiting.id))?;

    let path = format!("/v1/payments/intents/{}/3ds/complete", waiting.id);
    let intent: Intent = api.post(&path, json!({ "result": "success" })).await?;
    expect("the payment's status", "succeeded", &*intent.status)?;
    expect("what was captured", intent.amount(), intent.captured())?;
    day.captured(&intent.id, intent.captured());
    stage.done(&format!("she approves it in her bank's app: {} {}", intent.amount(), intent.status))?;
    Ok(())
}

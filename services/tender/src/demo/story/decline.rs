//! A card without enough money.

use serde_json::json;

use super::saved_card;
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::Intent;

const INSUFFICIENT_FUNDS: &str = "4000 0000 0000 9995";

pub(super) async fn play(api: &Api, stage: &mut Stage) -> Result<(), DemoError> {
    stage.scene("Tom's card is declined")?;
    let (card, _) = saved_card::save(api, INSUFFICIENT_FUNDS).await?;
    let body = json!({
        "amount": 1990,
        "currency": "EUR",
        "customer_id": card.customer,
        "payment_method_id": card.method,
        "confirm": true,
    });
    let intent: Intent = api.post("/v1/payments/intents", body).await?;
    expect("the payment's status", "requires_payment_method", &*intent.status)?;
    expect("what was captured", 0, intent.captured().minor())?;
    let (mut code, mut network, mut message) = ("", "", "");
    if let Some(error) = &intent.last_payment_error {
        code = error.decline_code.as_deref().unwrap_or_default();
        network = error.network_code.as_deref().unwrap_or_default();
        message = &error.message;
    }
    expect("the decline code", "insufficient_funds", code)?;
    stage.done(&format!("{} declined: {code} (network code {network}), nothing taken", intent.amount()))?;
    stage.aside(&format!("Tom reads: “{message}” He may try another card."))?;
    Ok(())
}

//! A customer saves a card.

use serde_json::json;

use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::Method;

const VISA: &str = "4242 4242 4242 4242";

/// A saved card and whose it is.
pub(super) struct Card {
    pub(super) method: String,
    pub(super) customer: String,
}

/// Saves a card by its number, as only the vault may be told it.
pub(super) async fn save(api: &Api, number: &str) -> Result<(Card, Method), DemoError> {
    let customer = format!("cust_{}", api.uuid().simple());
    let body = json!({
        "type": "card",
        "customer_id": customer,
        "card": { "number": number, "exp_month": 12, "exp_year": 2039, "cvc": "123", "holder_name": "Mara Lind" },
        "consent": { "given": true, "text_version": "demo-1" },
        "metadata": { "nickname": "demo" },
    });
    let method: Method = api.post("/v1/payments/methods", body).await?;
    Ok((Card { method: method.id.clone(), customer }, method))
}

pub(super) async fn play(api: &Api, stage: &mut Stage) -> Result<Card, DemoError> {
    stage.scene("Mara saves her card")?;
    let (card, method) = save(api, VISA).await?;
    expect("the last four digits of the saved card", "4242", &*method.last4)?;
    stage.done(&format!("{} ending in {} is saved as {}", method.brand, method.last4, method.id))?;
    let print: String = method.fingerprint.chars().take(20).collect();
    stage.aside(&format!(
        "Its number was seen by the vault only, and is stored nowhere. (fingerprint {print}…)"
    ))?;
    Ok(card)
}

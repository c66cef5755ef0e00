//! An order is paid in the words of another system: the tickets dialect.

use serde_json::{Number, Value, json};
use tender_domain::kernel::{Currency, IntentId, Money};

use super::Day;
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::wire::{Intent, TicketsAnswer};

const PATH: &str = "/tickets/payments";

pub(super) async fn play(api: &Api, stage: &mut Stage, day: &mut Day) -> Result<(), DemoError> {
    stage.scene("The ticket shop pays an order in its own dialect")?;
    let (order, customer) = (api.uuid(), api.uuid());
    let total = Money::new(15_000, Currency::USD);
    let directory = json!({
        "kind": "order", "customer_id": customer, "amount": total.minor(), "currency": total.currency(),
    });
    let _: Value = api.put(&format!("/v1/payments/orders/{order}"), directory).await?;
    stage.done(&format!("the order of {total} is in the orders directory"))?;

    let body = json!({
        "orderId": order, "customerId": customer, "amount": exactly(total), "currency": total.currency(),
        "paymentMethod": "credit_card",
    });
    let paid: TicketsAnswer = api.post(PATH, body.clone()).await?;
    expect("`success` of the ticket shop's answer", true, paid.success)?;
    expect("the payment's status", "succeeded", &*paid.payment.status)?;
    let id = IntentId::from_uuid(paid.payment.id).to_string();
    let intent: Intent = api.get(&format!("/v1/payments/intents/{id}")).await?;
    expect("what was captured", total, intent.captured())?;
    day.captured(&id, total);
    stage.done(&format!("POST {PATH}: success"))?;
    stage.aside(&format!("payment {}", paid.payment.id))?;

    let again: TicketsAnswer = api.post(PATH, body).await?;
    expect("the payment of the repeated call", paid.payment.id, again.payment.id)?;
    stage.done("paid a second time by mistake: the same payment, charged once")?;
    Ok(())
}

/// The amount as a JSON number with its places: 150.00.
fn exactly(money: Money) -> Number {
    money.to_decimal().to_string().parse().expect("a decimal is a JSON number")
}

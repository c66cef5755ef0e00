//! The adventures dialect shows what refunds tells of a payment's refunds.

use serde_json::{Value, json};
use tender_domain::kernel::{Currency, EventId, Id, Message, Metadata, Money, Version};
use tender_domain::ports::{Clock, Consumer};
use tender_domain::refunds::RefundStatus;
use tender_events::{Envelope, PublicEvent, RefundFailed, RefundProcessed};
use tender_intents::RefundsOfIntents;
use uuid::Uuid;

use crate::adventures::{details, payment, post, process, steps};
use crate::rig::{Process, World, acme};

/// What refunds tells of a refund of a payment.
pub(crate) fn refund(world: &World, payment: Uuid, number: u128, minor: i64) -> RefundProcessed {
    let amount = Money::new(minor, Currency::USD);
    RefundProcessed {
        refund_id: Id::from_uuid(Uuid::from_u128(number)),
        charge_id: Id::from_uuid(Uuid::from_u128(1)),
        intent_id: Id::from_uuid(payment),
        payment_id: payment,
        tenant_id: acme(),
        order_id: None,
        customer_id: None,
        merchant_account_id: "ma_default".to_owned(),
        connector: "simulator".to_owned(),
        gateway_reference: Some("re_1".to_owned()),
        amount: amount.to_decimal(),
        amount_minor: minor,
        currency: Currency::USD,
        status: RefundStatus::Succeeded.as_str().to_owned(),
        reason: "other".to_owned(),
        refund_method: "original_payment_method".to_owned(),
        origin: "tender".into(),
        livemode: false,
        version: Version::new(2),
        created_at: world.clock.now(),
        processed_at: world.clock.now(),
        metadata: Metadata::new([("reason".to_owned(), "storm".to_owned())].into()).expect("short"),
    }
}

pub(crate) fn failed(done: RefundProcessed, after_success: bool) -> RefundFailed {
    RefundFailed {
        refund_id: done.refund_id,
        charge_id: done.charge_id,
        intent_id: done.intent_id,
        payment_id: done.payment_id,
        tenant_id: done.tenant_id,
        order_id: None,
        customer_id: None,
        merchant_account_id: done.merchant_account_id,
        connector: done.connector,
        gateway_reference: None,
        amount: done.amount,
        amount_minor: done.amount_minor,
        currency: done.currency,
        status: RefundStatus::Failed.as_str().to_owned(),
        reason: done.reason,
        refund_method: done.refund_method,
        origin: "tender".into(),
        failure_reason: "gateway_error".to_owned(),
        failure_message: "no".to_owned(),
        actions: Vec::new(),
        after_success,
        livemode: false,
        version: Version::new(if after_success { 3 } else { 2 }),
        created_at: done.created_at,
        failed_at: done.processed_at,
        metadata: done.metadata,
    }
}

pub(crate) async fn tell(process: &Process, event: impl PublicEvent) {
    let message: Message =
        event.into_message(Envelope { id: EventId(Uuid::from_u128(9)), traceparent: None });
    let consumer = RefundsOfIntents(process.service.clone());
    // Twice, as a broker may.
    for _ in 0..2 {
        consumer.handle(&message).await.expect("it is taken up");
    }
}

#[actix_web::test]
async fn refunds_show_in_the_payment_and_its_history_each_once() {
    let world = World::new();
    let process = process(&world).await;
    let paid = post(&process, &payment("tok_visa", "key")).await;
    let id = Uuid::try_parse(paid.text("payment_id")).expect("a UUID");
    world.wait(60);
    tell(&process, refund(&world, id, 1, 5_000)).await;
    tell(&process, failed(refund(&world, id, 2, 7), false)).await;
    let part = details(&process, &paid).await;
    assert_eq!(part["status"], "PARTIALLY_REFUNDED");
    let refunds = part["refunds"].as_array().expect("a list");
    assert_eq!(refunds.len(), 2);
    let shown = json!({
        "refund_id": Uuid::from_u128(1), "payment_id": id, "amount": refunds[0]["amount"], "reason": "storm",
        "gateway_ref": "re_1", "status": "COMPLETED", "created_at": refunds[0]["created_at"],
    });
    assert_eq!(refunds[0], shown);
    assert_eq!(refunds[0]["amount"].to_string(), "50.00");
    assert_eq!(refunds[1]["status"], "FAILED");
    world.wait(60);
    tell(&process, refund(&world, id, 3, 19_950)).await;
    let all = details(&process, &paid).await;
    let told: Vec<_> =
        steps(&all).map(|step| (step["status"].as_str().expect("a text"), &step["reason"])).collect();
    let storm = json!("storm");
    let expected = [
        ("PENDING", &Value::Null),
        ("COMPLETED", &Value::Null),
        ("PARTIALLY_REFUNDED", &storm),
        ("REFUNDED", &storm),
    ];
    assert_eq!(told, expected);
    assert_eq!(all["status"], "REFUNDED");
}

#[actix_web::test]
async fn a_refund_that_was_taken_back_gives_nothing_back_in_whatever_order_it_is_told() {
    let world = World::new();
    let process = process(&world).await;
    for (key, success_first) in [("a", true), ("b", false)] {
        let paid = post(&process, &payment("tok_visa", key)).await;
        let id = Uuid::try_parse(paid.text("payment_id")).expect("a UUID");
        let done = refund(&world, id, id.as_u128() + 1, 5_000);
        if success_first {
            tell(&process, done.clone()).await;
            tell(&process, failed(done, true)).await;
        } else {
            tell(&process, failed(done.clone(), true)).await;
            tell(&process, done).await;
        }
        let details = details(&process, &paid).await;
        assert_eq!(
            (&details["status"], &details["refunds"][0]["status"]),
            (&json!("COMPLETED"), &json!("FAILED"))
        );
    }
}

#[actix_web::test]
async fn a_refund_that_failed_was_done_after_all_and_is_taken_back_counts_as_it_stands_whatever_comes_first()
{
    let world = World::new();
    let process = process(&world).await;
    for (number, order) in
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].iter().enumerate()
    {
        let paid = post(&process, &payment("tok_visa", &format!("key-{number}"))).await;
        let id = Uuid::try_parse(paid.text("payment_id")).expect("a UUID");
        let done = refund(&world, id, id.as_u128() + 1, 5_000);
        let not_done = RefundFailed { version: Version::new(2), ..failed(done.clone(), false) };
        let after_all = RefundProcessed { version: Version::new(3), ..done.clone() };
        let back = RefundFailed { version: Version::new(4), ..failed(done, true) };
        for event in order {
            match event {
                0 => tell(&process, not_done.clone()).await,
                1 => tell(&process, after_all.clone()).await,
                _ => tell(&process, back.clone()).await,
            }
        }
        let shown = details(&process, &paid).await;
        let stands = (&shown["status"], &shown["refunds"][0]["status"], &shown["refunds"][1]);
        assert_eq!(stands, (&json!("COMPLETED"), &json!("FAILED"), &Value::Null), "{order:?}");
    }
    let paid = post(&process, &payment("tok_visa", "after-all")).await;
    let id = Uuid::try_parse(paid.text("payment_id")).expect("a UUID");
    let done = refund(&world, id, id.as_u128() + 1, 5_000);
    tell(&process, failed(done.clone(), false)).await;
    tell(&process, RefundProcessed { version: Version::new(3), ..done }).await;
    let shown = details(&process, &paid).await;
    assert_eq!(
        (&shown["status"], &shown["refunds"][0]["status"]),
        (&json!("PARTIALLY_REFUNDED"), &json!("COMPLETED"))
    );
}

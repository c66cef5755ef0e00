//! Where charges come from: events, and intents itself.

use tender_domain::kernel::{EventId, IntentId, Message, Metadata, TenantId, Version};
use tender_domain::ports::{Clock, Consumer, HandleError};
use tender_domain::refunds::{CapturedCharge, ChargeRef, RefundFilter, RefundStore};
use tender_events::{Envelope, PaymentFailed, PaymentProcessed, PublicEvent, ReversedCapture};
use tender_refunds::{CreateRefund, NamedCharge, RefundsConsumer, RefundsError};
use uuid::Uuid;

use crate::support::{Stage, body, caller, captured, customer, new_id, wanted};

/// The event of one of the charge's captures.
fn event(stage: &Stage, charge: &CapturedCharge, nth: usize) -> Message {
    let part = charge.captures[nth];
    let event = PaymentProcessed {
        payment_id: charge.intent_id.uuid(),
        intent_id: charge.intent_id,
        charge_id: charge.charge_id,
        capture_id: part.id,
        tenant_id: TenantId::sandbox(),
        order_id: charge.order_id.clone(),
        customer_id: charge.customer_id.clone(),
        reservation_id: None,
        merchant_account_id: charge.merchant_account_id.clone(),
        connector: charge.connector.clone(),
        gateway_reference: charge.gateway_reference.clone(),
        transaction_id: charge.gateway_reference.clone(),
        amount: part.amount.to_decimal(),
        amount_minor: part.amount.minor(),
        currency: part.amount.currency(),
        captured_total_minor: part.amount.minor(),
        authorized_minor: charge.authorized.minor(),
        status: "succeeded".into(),
        payment_method: Some("card".into()),
        origin: "tender".into(),
        livemode: charge.livemode,
        version: Version::new(3),
        processed_at: stage.clock.now(),
        metadata: Metadata::default(),
    };
    event.into_message(Envelope { id: EventId(Uuid::from_u128(rand::random())), traceparent: None })
}

async fn captured_of(stage: &Stage, charge: &CapturedCharge) -> Option<i64> {
    let stored = stage.store.charge(&TenantId::sandbox(), ChargeRef::Charge(charge.charge_id)).await.unwrap();
    stored.map(|stored| stored.captured().minor())
}

#[tokio::test]
async fn captures_count_once_in_whatever_order_and_however_often_they_are_told() {
    let stage = Stage::new();
    let charge = captured(&[3_000, 2_000]);
    let consumer = RefundsConsumer::new(stage.service.clone());
    for nth in [1, 1, 0, 1, 0] {
        consumer.handle(&event(&stage, &charge, nth)).await.unwrap();
    }
    assert_eq!(captured_of(&stage, &charge).await, Some(5_000));
}

/// The event of a capture of the charge that did not last.
fn taken_back(stage: &Stage, charge: &CapturedCharge, nth: usize) -> Message {
    let part = charge.captures[nth];
    let event = PaymentFailed {
        payment_id: charge.intent_id.uuid(),
        intent_id: charge.intent_id,
        tenant_id: TenantId::sandbox(),
        order_id: charge.order_id.clone(),
        customer_id: charge.customer_id.clone(),
        reservation_id: None,
        merchant_account_id: charge.merchant_account_id.clone(),
        amount: charge.authorized.to_decimal(),
        amount_minor: charge.authorized.minor(),
        currency: charge.authorized.currency(),
        payment_method: Some("card".into()),
        livemode: charge.livemode,
        version: Version::new(4),
        error_code: "CAPTURE_REVERSED".into(),
        error_message: "taken back".into(),
        failure_reason: "no funds".into(),
        attempt: 1,
        is_final: false,
        status: "succeeded".into(),
        attempted_at: stage.clock.now(),
        reversed_capture: Some(ReversedCapture {
            capture_id: part.id,
            charge_id: charge.charge_id,
            connector: charge.connector.clone(),
            gateway_reference: charge.gateway_reference.clone(),
            amount_minor: part.amount.minor(),
            authorized_minor: charge.authorized.minor(),
        }),
    };
    event.into_message(Envelope { id: EventId(Uuid::from_u128(rand::random())), traceparent: None })
}

#[tokio::test]
async fn a_capture_that_is_taken_back_counts_no_more_whichever_message_comes_first() {
    for order in [[true, false], [false, true]] {
        let stage = Stage::new();
        let charge = captured(&[3_000, 2_000]);
        let consumer = RefundsConsumer::new(stage.service.clone());
        consumer.handle(&event(&stage, &charge, 0)).await.unwrap();
        for succeeded in order.into_iter().chain(order) {
            let message = if succeeded { event(&stage, &charge, 1) } else { taken_back(&stage, &charge, 1) };
            consumer.handle(&message).await.unwrap();
        }
        assert_eq!(captured_of(&stage, &charge).await, Some(3_000), "{order:?}");
        assert!(stage.topics().is_empty(), "nothing was refunded, so nothing is missing");
    }
}

#[tokio::test]
async fn what_was_refunded_of_a_capture_that_is_taken_back_is_told_to_a_person_once() {
    let stage = Stage::new();
    let charge = stage.charge(&[3_000]);
    let answered = stage.refund(&charge, Some(2_000), "k").await.unwrap();
    assert_eq!(answered.answer.status, 201);
    let consumer = RefundsConsumer::new(stage.service.clone());
    for _ in 0..2 {
        consumer.handle(&taken_back(&stage, &charge, 0)).await.unwrap();
    }
    let alerts: Vec<_> =
        stage.told().into_iter().filter(|(topic, _)| topic.name() == "alert.raised").collect();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].1["code"], "charge_shortfall");
    let detail = alerts[0].1["detail"].as_str().unwrap();
    assert!(detail.contains("20.00 EUR more than is left"), "{detail}");
}

#[tokio::test]
async fn an_event_that_comes_after_the_charge_was_asked_for_counts_nothing_twice() {
    let stage = Stage::new();
    let charge = stage.charge(&[3_000, 2_000]);
    let answered = stage.refund(&charge, Some(1_000), "k").await.unwrap();
    assert_eq!(answered.answer.status, 201);
    let consumer = RefundsConsumer::new(stage.service.clone());
    for nth in [0, 1] {
        consumer.handle(&event(&stage, &charge, nth)).await.unwrap();
    }
    assert_eq!(captured_of(&stage, &charge).await, Some(5_000));
}

#[tokio::test]
async fn an_event_that_contradicts_what_is_known_is_poison_and_changes_nothing() {
    let stage = Stage::new();
    let charge = captured(&[3_000]);
    let consumer = RefundsConsumer::new(stage.service.clone());
    consumer.handle(&event(&stage, &charge, 0)).await.unwrap();
    let mut other = captured(&[3_001]);
    (other.charge_id, other.intent_id) = (charge.charge_id, charge.intent_id);
    other.captures[0].id = charge.captures[0].id;
    let refused = consumer.handle(&event(&stage, &other, 0)).await;
    assert!(matches!(refused, Err(HandleError::Poison(_))), "{refused:?}");
    let mut broken = event(&stage, &charge, 0);
    broken.data = "{".into();
    let refused = consumer.handle(&broken).await;
    assert!(matches!(refused, Err(HandleError::Poison(_))), "{refused:?}");
    assert_eq!(captured_of(&stage, &charge).await, Some(3_000));
}

#[tokio::test]
async fn all_that_is_left_includes_captures_whose_event_is_late() {
    let stage = Stage::new();
    let charge = stage.charge(&[3_000, 2_000]);
    let consumer = RefundsConsumer::new(stage.service.clone());
    consumer.handle(&event(&stage, &charge, 0)).await.unwrap();
    let more = stage.refund(&charge, Some(4_000), "k1").await.unwrap();
    assert_eq!((more.answer.status, body(&more)["amount"].as_i64()), (201, Some(4_000)));

    let stage = Stage::new();
    let charge = stage.charge(&[3_000, 2_000]);
    RefundsConsumer::new(stage.service.clone()).handle(&event(&stage, &charge, 1)).await.unwrap();
    let all = stage.refund(&charge, None, "k2").await.unwrap();
    assert_eq!(body(&all)["amount"], 5_000);
}

#[tokio::test]
async fn what_might_be_wrong_without_intents_is_not_decided_without_it() {
    let stage = Stage::new();
    let charge = stage.charge(&[3_000, 2_000]);
    RefundsConsumer::new(stage.service.clone()).handle(&event(&stage, &charge, 0)).await.unwrap();
    *stage.charges.is_away.lock().unwrap() = true;
    for amount in [None, Some(4_000)] {
        let refused = stage.refund(&charge, amount, "k").await;
        assert!(matches!(refused, Err(RefundsError::SourceUnavailable(_))), "{amount:?}: {refused:?}");
    }
    let within = stage.refund(&charge, Some(3_000), "k").await.unwrap();
    assert_eq!(within.answer.status, 201, "what is known to be there can be refunded");
}

#[tokio::test]
async fn an_intent_without_a_capture_is_told_from_one_that_is_not_there() {
    let stage = Stage::new();
    let open: IntentId = new_id();
    stage.charges.not_captured.lock().unwrap().push(open);
    let by_intent =
        |intent| CreateRefund { charge: NamedCharge::Intent(intent), ..wanted(&captured(&[1]), None) };
    let refused = stage.refund_as(&caller(), by_intent(open), "k1").await;
    assert!(matches!(refused, Err(RefundsError::NotCaptured)), "{refused:?}");
    let refused = stage.refund_as(&caller(), by_intent(new_id()), "k2").await;
    assert!(matches!(refused, Err(RefundsError::NoSuchCharge)), "{refused:?}");
    // Neither was kept: once it is captured, the same key goes through.
    let mut charge = captured(&[5_000]);
    charge.intent_id = open;
    stage.charges.not_captured.lock().unwrap().clear();
    stage.charges.known.lock().unwrap().push(charge);
    assert_eq!(stage.refund_as(&caller(), by_intent(open), "k1").await.unwrap().answer.status, 201);
}

#[tokio::test]
async fn nobody_sees_or_refunds_what_is_anothers() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let answered = stage.refund(&charge, Some(1_000), "k").await.unwrap();
    let id = crate::support::id_of(&answered);
    let mut stranger = caller();
    stranger.tenant = "stranger".parse().unwrap();
    let seen = stage.service.get_refund(&stranger, id, None).await;
    assert!(matches!(seen, Err(RefundsError::NoSuchRefund)), "{seen:?}");
    let refused = stage.refund_as(&stranger, wanted(&charge, None), "k").await;
    assert!(matches!(refused, Err(RefundsError::NoSuchCharge)), "{refused:?}");

    let page = tender_domain::kernel::PageRequest::default();
    for (who, sees) in [(customer("cust_1"), true), (customer("cust_2"), false)] {
        assert_eq!(stage.service.get_refund(&who, id, None).await.is_ok(), sees);
        let of_intent = stage.service.list_refunds_of_intent(&who, charge.intent_id, &page).await;
        assert_eq!(of_intent.is_ok(), sees, "{of_intent:?}");
        let listed = stage.service.list_refunds(&who, RefundFilter::default(), &page).await.unwrap();
        assert_eq!(!listed.data.is_empty(), sees);
    }
    let asks = RefundFilter { customer_id: Some("cust_1".into()), ..RefundFilter::default() };
    let listed = stage.service.list_refunds(&customer("cust_2"), asks, &page).await.unwrap();
    assert!(listed.data.is_empty());
}

#[tokio::test]
async fn an_intents_refunds_are_listed_also_when_it_has_none() {
    let stage = Stage::new();
    let page = tender_domain::kernel::PageRequest::default();
    let charge = stage.charge(&[10_000]);
    let open: IntentId = new_id();
    stage.charges.not_captured.lock().unwrap().push(open);
    for intent in [charge.intent_id, open] {
        let listed = stage.service.list_refunds_of_intent(&caller(), intent, &page).await.unwrap();
        assert!(listed.data.is_empty());
    }
    let hidden = stage.service.list_refunds_of_intent(&customer("cust_1"), open, &page).await;
    assert!(matches!(hidden, Err(RefundsError::NoSuchCharge)), "{hidden:?}");
    let unknown = stage.service.list_refunds_of_intent(&caller(), new_id(), &page).await;
    assert!(matches!(unknown, Err(RefundsError::NoSuchCharge)), "{unknown:?}");
}

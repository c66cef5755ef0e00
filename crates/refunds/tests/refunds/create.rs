//! Creating refunds, as the gateway answers.

use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Topic};
use tender_domain::ports::DeclineCode;
use tender_domain::refunds::{RefundAction, RefundStatus};
use tender_http::Problem;
use tender_refunds::{CreateRefund, NamedCharge, RefundsError};

use crate::support::{Script, Stage, body, caller, captured, id_of, new_id, wanted};

#[tokio::test]
async fn a_refund_gives_the_money_back_once_and_tells_it() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let answered = stage.refund(&charge, Some(6_000), "k1").await.unwrap();
    assert_eq!(answered.answer.status, 201);
    assert_eq!(body(&answered)["status"], "succeeded");
    assert_eq!(stage.gateway.given_back(), 6_000);
    let told = stage.told();
    let [(Topic::REFUND_PROCESSED, event)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(event["refundId"], body(&answered)["id"]);
    assert_eq!(event["chargeId"], charge.charge_id.to_string());
    assert_eq!(event["intentId"], charge.intent_id.to_string());
    assert_eq!(
        (event["amountMinor"].as_i64(), event["amount"].to_string()),
        (Some(6_000), "60.00".to_owned())
    );
    let messages = stage.store.messages();
    let message = messages.last().unwrap();
    assert_eq!(message.key, charge.intent_id.to_string());
}

#[tokio::test]
async fn the_reference_at_the_gateway_is_the_refunds_own_id() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let answered = stage.refund(&charge, None, "k1").await.unwrap();
    let calls = stage.gateway.calls.lock().unwrap();
    assert_eq!(calls[0].reference, id_of(&answered).to_string());
    assert_eq!(calls[0].gateway_reference, charge.gateway_reference);
}

#[tokio::test]
async fn without_an_amount_the_rest_is_given_back_and_then_nothing_is_left() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let _part = stage.refund(&charge, Some(6_000), "k1").await.unwrap();
    let rest = stage.refund(&charge, None, "k2").await.unwrap();
    assert_eq!(body(&rest)["amount"], 4_000);
    let none = stage.refund(&charge, None, "k3").await.unwrap();
    assert_eq!(none.answer.status, 422);
    assert_eq!(stage.gateway.given_back(), 10_000);
}

#[tokio::test]
async fn a_decline_fails_the_refund_frees_its_amount_and_says_what_can_be_done() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Decline(DeclineCode::ExpiredCard));
    let answered = stage.refund(&charge, None, "k1").await.unwrap();
    assert_eq!((answered.answer.status, body(&answered)["status"].as_str()), (201, Some("failed")));
    let refund = stage.stored(id_of(&answered)).await;
    let failure = refund.failure().expect("it failed");
    assert_eq!(failure.reason, "expired_card");
    assert!(failure.actions.contains(&RefundAction::UseOtherMeans));
    let told = stage.told();
    let [(Topic::REFUND_FAILED, event)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (event["failureReason"].as_str(), event["afterSuccess"].as_bool()),
        (Some("expired_card"), Some(false))
    );
    let again = stage.refund(&charge, None, "k2").await.unwrap();
    assert_eq!(body(&again)["amount"], 10_000, "what it reserved is free again");
}

#[tokio::test]
async fn a_call_known_not_to_have_happened_fails_and_may_be_retried() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotDone);
    let answered = stage.refund(&charge, None, "k1").await.unwrap();
    let refund = stage.stored(id_of(&answered)).await;
    let failure = refund.failure().expect("it failed");
    assert_eq!(
        (failure.reason.as_str(), failure.actions.as_slice()),
        ("gateway_error", [RefundAction::Retry].as_slice())
    );
}

#[tokio::test]
async fn an_answer_without_a_meaning_leaves_the_refund_processing_with_its_amount_reserved() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let answered = stage.refund(&charge, Some(6_000), "k1").await.unwrap();
    assert_eq!((answered.answer.status, body(&answered)["status"].as_str()), (202, Some("processing")));
    assert!(stage.told().is_empty(), "what is not known is not told");
    let second = stage.refund(&charge, Some(6_000), "k2").await.unwrap();
    assert_eq!(second.answer.status, 422);
}

#[tokio::test]
async fn another_amount_than_asked_is_alerted_and_never_accepted() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::WrongAmount);
    let answered = stage.refund(&charge, Some(6_000), "k1").await.unwrap();
    assert_eq!((answered.answer.status, body(&answered)["status"].as_str()), (202, Some("processing")));
    let told = stage.told();
    let [(Topic::ALERT_RAISED, alert)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(alert["code"], "refund_amount_conflict");
    assert!(alert["detail"].as_str().unwrap().contains("59.99 EUR"), "{alert}");
    stage.clock.advance(std::time::Duration::from_secs(9_000));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 0);
    let refund = stage.service.get_refund(&caller(), id_of(&answered), None).await.unwrap();
    assert_eq!(refund.status(), RefundStatus::Processing);
    assert!(refund.attempt().unwrap().conflict.is_some());
    assert_eq!(stage.topics().len(), 1, "alerted once");
}

#[tokio::test]
async fn what_cannot_be_refunded_is_refused_before_the_gateway_is_asked() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let both = |intent| NamedCharge::Both { charge: charge.charge_id, intent };
    for (nth, refused) in [
        CreateRefund { amount: Some(10_001), ..wanted(&charge, None) },
        CreateRefund { currency: Some(Currency::USD), ..wanted(&charge, None) },
        CreateRefund { charge: both(new_id()), ..wanted(&charge, None) },
    ]
    .into_iter()
    .enumerate()
    {
        let answered = stage.refund_as(&caller(), refused, &format!("k{nth}")).await.unwrap();
        assert_eq!(answered.answer.status, 422, "{nth}");
    }
    for amount in [0, -1, i64::MAX] {
        let refused = stage.refund(&charge, Some(amount), "bad").await;
        assert!(matches!(refused, Err(RefundsError::Refused(_))), "{amount}: {refused:?}");
    }
    let agreeing = CreateRefund { charge: both(charge.intent_id), ..wanted(&charge, None) };
    assert!(stage.gateway.calls.lock().unwrap().is_empty());
    assert_eq!(stage.refund_as(&caller(), agreeing, "agree").await.unwrap().answer.status, 201);
}

/// The status of a fault's problem, and whether it says that the same may be tried again.
fn retryable(error: RefundsError) -> (u16, Value) {
    let answer = Problem::from(error).to_answer();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status, body["retryable"].clone())
}

#[tokio::test]
async fn a_connector_that_is_not_set_up_or_away_is_said_before_anything_is_reserved() {
    let stage = Stage::new();
    let mut charge = captured(&[10_000]);
    charge.connector = "elsewhere".into();
    stage.charges.known.lock().unwrap().push(charge.clone());
    let refused = stage.refund(&charge, None, "k").await;
    assert!(matches!(refused, Err(RefundsError::ConnectorUnavailable(_))), "{refused:?}");
    assert_eq!(retryable(refused.unwrap_err()), (503, json!(false)), "it will be no different later");
    let charge = stage.charge(&[10_000]);
    stage.own.away(true);
    let refused = stage.refund(&charge, None, "k2").await;
    assert!(matches!(refused, Err(RefundsError::ConnectorAway(_))), "{refused:?}");
    assert_eq!(retryable(refused.unwrap_err()), (503, json!(true)));
    stage.own.away(false);
    assert_eq!(
        stage.refund(&charge, None, "k2").await.unwrap().answer.status,
        201,
        "the key was not used up"
    );
}

#[tokio::test]
async fn a_refund_that_the_gateway_was_asked_for_cannot_be_canceled() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let answered = stage.refund(&charge, None, "k").await.unwrap();
    let presenter = crate::support::PRESENTER;
    let refused = stage.service.cancel_refund(&caller(), id_of(&answered), None, presenter).await;
    assert!(matches!(refused, Err(RefundsError::Refused(_))), "{refused:?}");
    let unknown = stage.service.cancel_refund(&caller(), new_id(), None, presenter).await;
    assert!(matches!(unknown, Err(RefundsError::NoSuchRefund)), "{unknown:?}");
}

#[tokio::test]
async fn who_cancels_a_refund_that_is_pending_is_in_the_audit_log() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotNow);
    let id = id_of(&stage.refund(&charge, None, "k").await.unwrap());
    stage.service.cancel_refund(&caller(), id, None, crate::support::PRESENTER).await.unwrap();
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Canceled);
    let audits: Vec<_> =
        stage.told().into_iter().filter(|(topic, _)| topic.name() == "audit.recorded").collect();
    assert_eq!(audits.len(), 1);
    let told = &audits[0].1;
    assert_eq!((&told["action"], &told["subject"]), (&"refund.canceled".into(), &"tester".into()));
    assert_eq!((&told["resourceId"], &told["service"]), (&id.to_string().into(), &"refunds".into()));
}

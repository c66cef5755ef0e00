//! Idempotency keys: one effect, one answer, whatever happens in between.

use std::time::Duration;

use tender_domain::refunds::RefundStatus;
use tender_refunds::RefundsError;

use crate::support::{PRESENTER, Script, Stage, body, caller, id_of};

#[tokio::test]
async fn the_same_request_again_is_the_same_answer_and_no_second_effect() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let first = stage.refund(&charge, Some(2_000), "k").await.unwrap();
    let again = stage.refund(&charge, Some(2_000), "k").await.unwrap();
    assert_eq!((again.answer == first.answer, again.replayed), (true, true));
    assert_eq!(stage.gateway.calls.lock().unwrap().len(), 1);
    let other = stage.refund(&charge, Some(3_000), "k").await;
    assert!(matches!(other, Err(RefundsError::OtherRequest)), "{other:?}");
}

#[tokio::test]
async fn a_refusal_of_business_stays_refused_under_its_key() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotDone);
    stage.gateway.next(Script::TimeoutBefore);
    let blocking = stage.refund(&charge, Some(6_000), "a").await.unwrap();
    assert_eq!(body(&blocking)["status"], "failed");
    let _unknown = stage.refund(&charge, Some(6_000), "b").await.unwrap();
    let refused = stage.refund(&charge, Some(6_000), "c").await.unwrap();
    assert_eq!(refused.answer.status, 422);
    stage.clock.advance(Duration::from_secs(28));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1, "b is known not to have happened");
    let b = id_of(&stage.refund(&charge, Some(6_000), "b").await.unwrap());
    stage.service.cancel_refund(&caller(), b, None, PRESENTER).await.unwrap();
    let again = stage.refund(&charge, Some(6_000), "c").await.unwrap();
    assert_eq!((again.answer == refused.answer, again.replayed), (true, true));
    assert_eq!(stage.refund(&charge, Some(6_000), "d").await.unwrap().answer.status, 201);
}

#[tokio::test]
async fn an_answer_of_not_known_yet_stays_the_answer_of_its_key() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let first = stage.refund(&charge, None, "k").await.unwrap();
    stage.clock.advance(Duration::from_secs(60));
    let again = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!((again.answer.status, again.answer == first.answer), (202, true));
    assert_eq!(stage.gateway.given_back(), 10_000);
}

#[tokio::test]
async fn a_request_repeated_after_a_crash_goes_on_from_the_attempt_and_never_calls_again() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Crash);
    let crashed = stage.refund(&charge, None, "k").await;
    assert!(matches!(crashed, Err(RefundsError::Commit(_))), "{crashed:?}");
    let early = stage.refund(&charge, None, "k").await;
    assert!(matches!(early, Err(RefundsError::InFlight)), "the first call may still run: {early:?}");
    stage.clock.advance(Duration::from_secs(6));
    let resumed = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!((resumed.answer.status, body(&resumed)["status"].as_str()), (201, Some("succeeded")));
    let again = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!(again.answer, resumed.answer);
    assert_eq!(stage.gateway.calls.lock().unwrap().len(), 1);
    assert_eq!(stage.topics(), ["refund.processed"]);
}

#[tokio::test]
async fn a_crashed_request_that_the_worker_settled_is_answered_with_what_became_of_it() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Crash);
    let _crashed = stage.refund(&charge, None, "k").await;
    stage.clock.advance(Duration::from_secs(6));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    let resumed = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!((resumed.answer.status, body(&resumed)["status"].as_str()), (201, Some("succeeded")));
    assert_eq!(stage.topics(), ["refund.processed"]);
}

#[tokio::test]
async fn a_crashed_request_whose_gateway_is_away_is_in_flight_and_then_processing() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Crash);
    let _crashed = stage.refund(&charge, None, "k").await;
    *stage.gateway.is_away.lock().unwrap() = true;
    stage.clock.advance(Duration::from_secs(6));
    let early = stage.refund(&charge, None, "k").await;
    assert!(matches!(early, Err(RefundsError::InFlight)), "{early:?}");
    stage.clock.advance(Duration::from_secs(60));
    let resumed = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!((resumed.answer.status, body(&resumed)["status"].as_str()), (202, Some("processing")));
    *stage.gateway.is_away.lock().unwrap() = false;
    stage.clock.advance(Duration::from_secs(60));
    let read = stage.service.get_refund(&caller(), id_of(&resumed), None).await.unwrap();
    assert_eq!(read.status(), RefundStatus::Succeeded);
    let again = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!(again.answer, resumed.answer, "a retry never changes an answer");
}

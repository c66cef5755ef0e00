//! Refunds whose outcome is not known, until it is.

use std::time::Duration;

use tender_domain::kernel::Topic;
use tender_domain::ports::UnknownOutcome;
use tender_domain::refunds::{RefundState, RefundStatus};
use tender_refunds::RecoveredRefunds;
use tender_testkit::eventually;
use tokio::sync::watch;

use crate::support::{Script, Stage, body, caller, id_of};

const NOTHING: RecoveredRefunds = RecoveredRefunds { settled: 0, open: 0 };

#[tokio::test]
async fn what_happened_without_an_answer_is_found_out_when_it_is_due() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let answered = stage.refund(&charge, None, "k").await.unwrap();
    stage.clock.advance(Duration::from_secs(4));
    assert_eq!(stage.recovery().run_once().await.unwrap(), NOTHING);
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(stage.recovery().run_once().await.unwrap(), RecoveredRefunds { settled: 1, open: 0 });
    assert_eq!(stage.stored(id_of(&answered)).await.status(), RefundStatus::Succeeded);
    assert_eq!(stage.recovery().run_once().await.unwrap(), NOTHING);
    assert_eq!(stage.topics(), ["refund.processed"]);
}

#[tokio::test]
async fn what_did_not_happen_is_tried_again_only_when_it_can_no_longer_happen() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutBefore);
    let answered = stage.refund(&charge, None, "k").await.unwrap();
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.recovery().run_once().await.unwrap().open, 1, "it may still arrive");
    assert_eq!(stage.stored(id_of(&answered)).await.status(), RefundStatus::Processing);
    // The call may take 20 s from its last moment to be sent, and the gateway takes 2.
    stage.clock.advance(Duration::from_secs(21));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 0, "it may still arrive");
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    let refund = stage.stored(id_of(&answered)).await;
    assert_eq!(refund.failure().map(|failure| failure.reason.as_str()), Some("gateway_error"));
    assert_eq!((refund.status(), stage.topics()), (RefundStatus::Pending, vec![]));
    stage.clock.advance(Duration::from_secs(7));
    assert_eq!(stage.retries().run_once().await.unwrap(), 1);
    assert_eq!(stage.stored(id_of(&answered)).await.status(), RefundStatus::Succeeded);
    assert_eq!(stage.gateway.given_back(), 10_000);
}

#[tokio::test]
async fn who_reads_a_refund_makes_us_ask_but_not_more_than_once_a_second() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let id = id_of(&stage.refund(&charge, None, "k").await.unwrap());
    *stage.gateway.is_away.lock().unwrap() = true;
    let read = async || stage.service.get_refund(&caller(), id, None).await.unwrap().status();
    let asked = || stage.gateway.lookups.lock().unwrap().len();
    assert_eq!((read().await, asked()), (RefundStatus::Processing, 0), "the call may still be on its way");
    stage.clock.advance(Duration::from_secs(6));
    assert_eq!(
        (read().await, read().await, asked()),
        (RefundStatus::Processing, RefundStatus::Processing, 1)
    );
    *stage.gateway.is_away.lock().unwrap() = false;
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!((read().await, asked()), (RefundStatus::Succeeded, 2));
}

#[tokio::test]
async fn a_gateway_that_keeps_keys_is_sent_the_same_request_again_while_it_does() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    *stage.gateway.unknown_refund.lock().unwrap() =
        UnknownOutcome::Replay { key_life: Duration::from_secs(3_600) };
    stage.gateway.next(Script::TimeoutAfter);
    let id = id_of(&stage.refund(&charge, None, "k").await.unwrap());
    stage.gateway.next(Script::NotDone);
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(
        stage.recovery().run_once().await.unwrap().open,
        1,
        "a repetition not done says nothing of the first"
    );
    stage.clock.advance(Duration::from_secs(25));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Succeeded);
    assert_eq!(stage.gateway.given_back(), 10_000);

    stage.gateway.next(Script::NotDone);
    let calls = stage.gateway.calls.lock().unwrap();
    assert!(calls.iter().all(|call| call.reference == id.to_string()), "always under the same reference");
}

#[tokio::test]
async fn a_gateway_that_only_calls_back_is_never_asked() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    *stage.gateway.unknown_refund.lock().unwrap() = UnknownOutcome::CallbackOnly;
    stage.gateway.next(Script::TimeoutAfter);
    let _answered = stage.refund(&charge, None, "k").await.unwrap();
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.recovery().run_once().await.unwrap().open, 1);
    assert_eq!(stage.recovery().run_once().await.unwrap(), NOTHING, "until the schedule's next");
    assert!(stage.gateway.lookups.lock().unwrap().is_empty());
    assert_eq!(stage.gateway.calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_found_out_in_a_week_is_a_persons_and_alerted_once() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutBefore);
    let id = id_of(&stage.refund(&charge, None, "k").await.unwrap());
    *stage.gateway.is_away.lock().unwrap() = true;
    let mut rounds = 0;
    while stage.stored(id).await.attempt().unwrap().next_check_at.is_some() {
        stage.clock.advance(Duration::from_secs(1_800));
        let _ = stage.recovery().run_once().await.unwrap();
        rounds += 1;
        assert!(rounds < 400, "asking must end");
    }
    let told = stage.told();
    let [(Topic::ALERT_RAISED, alert)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(alert["code"], "refund_outcome_unknown");
    let refund = stage.stored(id).await;
    assert_eq!(refund.status(), RefundStatus::Processing, "unknown is not failed");
    let RefundState::Processing(attempt) = refund.state else { panic!("open") };
    assert!(attempt.checks > 160, "hourly for seven days: {}", attempt.checks);
}

#[tokio::test]
async fn the_worker_runs_until_it_is_stopped() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let answered = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!(body(&answered)["status"], "processing");
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(stage.recovery().run(stopped));
    stage.clock.advance(Duration::from_secs(5));
    eventually("the worker settles it", async || {
        (stage.stored(id_of(&answered)).await.status() == RefundStatus::Succeeded).then_some(())
    })
    .await;
    stop.send(true).unwrap();
    worker.await.unwrap();
}

#[tokio::test]
async fn each_call_is_told_to_who_counts_what_connectors_answer() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.refund(&charge, Some(100), "k").await.unwrap();
    stage.gateway.next(Script::TimeoutAfter);
    stage.refund(&charge, Some(200), "k2").await.unwrap();
    let heard = stage.own.heard.lock().unwrap().clone();
    let wanted = |outcome: &str| [charge.connector.clone(), "refund".to_owned(), outcome.to_owned()];
    assert_eq!(heard, [wanted("approved"), wanted("unknown")]);
}

//! Refunds that their gateway did not do for a reason that passes: tried again, or called off.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::{CommitError, Lane, RefundId, TenantId, Topic};
use tender_domain::ports::DeclineCode;
use tender_domain::refunds::{RefundFailure, RefundOrigin, RefundRefusal, RefundStatus, RefundStore};
use tender_refunds::RefundsError;

use crate::disputes::told;
use crate::support::{PRESENTER, Script, Stage, body, caller, id_of, request_key};

/// A refund is asked for, and refused for a reason that passes.
async fn refused(stage: &Stage) -> RefundId {
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotNow);
    let answered = stage.refund(&charge, Some(6_000), "k").await.unwrap();
    assert_eq!((answered.answer.status, body(&answered)["status"].as_str()), (202, Some("pending")));
    id_of(&answered)
}

#[tokio::test]
async fn what_passes_is_asked_for_again_under_a_new_name_until_the_gateway_does_it() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    stage.gateway.next(Script::Decline(DeclineCode::InsufficientFunds));
    stage.clock.advance(Duration::from_secs(4));
    assert_eq!(stage.retries().run_once().await.unwrap(), 0, "its time has not come");
    stage.clock.advance(Duration::from_secs(3));
    assert_eq!(stage.retries().run_once().await.unwrap(), 1);
    let waits = stage.stored(id).await;
    let reason = waits.failure().map(|failure| &*failure.reason);
    assert_eq!(
        (waits.status(), waits.attempts, reason),
        (RefundStatus::Pending, 2, Some("insufficient_funds"))
    );
    assert_eq!(stage.retries().run_once().await.unwrap(), 0, "the pause grows");
    stage.clock.advance(Duration::from_secs(75));
    assert_eq!(stage.retries().run_once().await.unwrap(), 1);
    let done = stage.stored(id).await;
    assert_eq!(
        (done.status(), done.attempts, done.origin),
        (RefundStatus::Succeeded, 3, RefundOrigin::Tender)
    );
    let names: Vec<_> =
        stage.gateway.calls.lock().unwrap().iter().map(|call| call.reference.clone()).collect();
    assert_eq!(names, [id.to_string(), format!("{id}/2"), format!("{id}/3")]);
    assert_eq!((stage.gateway.given_back(), stage.topics()), (6_000, vec!["refund.processed"]));
}

#[tokio::test]
async fn when_the_pauses_are_used_up_it_has_failed_and_is_told_once() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    let mut calls = 1;
    while stage.stored(id).await.status() == RefundStatus::Pending {
        stage.gateway.next(Script::NotNow);
        stage.clock.advance(Duration::from_secs(2 * 24 * 3_600));
        calls += stage.retries().run_once().await.unwrap();
        assert!(calls < 20, "trying must end");
    }
    let failed = stage.stored(id).await;
    let failure = failed.failure().expect("it says why");
    assert_eq!((failed.status(), calls, &*failure.reason), (RefundStatus::Failed, 8, "gateway_error"));
    assert!(!failure.actions.is_empty());
    assert_eq!(stage.topics(), ["refund-failed"]);
}

#[tokio::test]
async fn one_that_waits_is_called_off_once_and_its_gateway_is_not_asked_again() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    let caller = caller();
    let cancel = || stage.service.cancel_refund(&caller, id, Some(request_key("c", None)), PRESENTER);
    let canceled = cancel().await.unwrap();
    assert_eq!((canceled.answer.status, body(&canceled)["status"].as_str()), (200, Some("canceled")));
    assert!(cancel().await.unwrap().replayed);
    stage.clock.advance(Duration::from_secs(3_600));
    assert_eq!(stage.retries().run_once().await.unwrap(), 0);
    assert_eq!((stage.gateway.calls.lock().unwrap().len(), stage.gateway.given_back()), (1, 0));
    let charge = stage.store.charge_of_refund(&TenantId::sandbox(), id).await.unwrap().unwrap();
    assert_eq!(charge.left().minor(), 10_000, "what it held is free again");
}

#[tokio::test]
async fn a_call_that_is_under_way_is_not_called_off() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    stage.gateway.next(Script::Hang);
    stage.clock.advance(Duration::from_secs(7));
    let worker = stage.retries();
    let (made, canceled) = tokio::join!(worker.run_once(), async {
        tender_testkit::eventually("the gateway is asked again", async || {
            (stage.gateway.calls.lock().unwrap().len() == 2).then_some(())
        })
        .await;
        let canceled = stage.service.cancel_refund(&caller(), id, None, PRESENTER).await;
        stage.gateway.release();
        canceled
    });
    assert!(
        matches!(canceled, Err(RefundsError::Refused(RefundRefusal::WrongStatus { .. }))),
        "{canceled:?}"
    );
    assert_eq!((made.unwrap(), stage.stored(id).await.status()), (1, RefundStatus::Succeeded));
}

#[tokio::test]
async fn several_workers_and_a_cancellation_at_once_make_one_call_or_none() {
    for round in 0..20 {
        let stage = Stage::new();
        let id = refused(&stage).await;
        stage.clock.advance(Duration::from_secs(7));
        let (one, two) = (stage.retries(), stage.retries());
        let caller = caller();
        let cancel = stage.service.cancel_refund(&caller, id, None, PRESENTER);
        let (one, two, canceled) = if round % 2 == 0 {
            let (one, two, canceled) = tokio::join!(one.run_once(), two.run_once(), cancel);
            (one, two, canceled)
        } else {
            let (canceled, two, one) = tokio::join!(cancel, two.run_once(), one.run_once());
            (one, two, canceled)
        };
        let made = one.unwrap() + two.unwrap();
        let refund = stage.stored(id).await;
        match canceled {
            Ok(_) => assert_eq!((made, refund.status()), (0, RefundStatus::Canceled)),
            Err(RefundsError::Refused(_) | RefundsError::Commit(CommitError::Conflict)) => {
                assert_eq!((made, refund.status()), (1, RefundStatus::Succeeded));
            }
            Err(other) => panic!("{other:?}"),
        }
        assert_eq!(stage.gateway.calls.lock().unwrap().len(), 1 + made);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_under_its_own_name_and_never_sent_again() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    stage.gateway.next(Script::TimeoutAfter);
    stage.clock.advance(Duration::from_secs(7));
    assert_eq!(stage.retries().run_once().await.unwrap(), 1);
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Processing);
    stage.clock.advance(Duration::from_secs(3_600));
    assert_eq!(stage.retries().run_once().await.unwrap(), 0);
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    assert_eq!(*stage.gateway.lookups.lock().unwrap(), [format!("{id}/2")]);
    assert_eq!(
        (stage.stored(id).await.status(), stage.gateway.given_back()),
        (RefundStatus::Succeeded, 6_000)
    );
}

#[tokio::test]
async fn a_worker_that_dies_in_the_call_leaves_it_to_be_asked_for() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    stage.gateway.next(Script::Crash);
    stage.clock.advance(Duration::from_secs(7));
    let service = Arc::clone(&stage.service);
    let died = tokio::spawn(async move {
        tender_refunds::RefundRetries::new(service, Duration::from_millis(5), 100).run_once().await
    });
    assert!(died.await.is_err(), "it died in the call");
    let open = stage.stored(id).await;
    assert_eq!((open.status(), open.attempts), (RefundStatus::Processing, 2), "its call was committed first");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.retries().run_once().await.unwrap(), 0);
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    assert_eq!(
        (stage.stored(id).await.status(), stage.gateway.given_back()),
        (RefundStatus::Succeeded, 6_000)
    );
}

#[tokio::test]
async fn what_a_chargeback_took_meanwhile_is_not_paid_a_second_time() {
    let stage = Stage::new();
    let id = refused(&stage).await;
    let chargeback = told("cb_1", 10_000, DisputeStatus::NeedsResponse, 1);
    let _ = stage.service.take_chargeback(&TenantId::sandbox(), &chargeback, Lane::Foreground).await.unwrap();
    stage.clock.advance(Duration::from_secs(7));
    assert_eq!(stage.retries().run_once().await.unwrap(), 1);
    let failed = stage.stored(id).await;
    assert_eq!(failed.failure().map(|failure| &*failure.reason), Some(RefundFailure::EXCEEDS_CHARGE));
    assert_eq!((stage.gateway.calls.lock().unwrap().len(), stage.gateway.given_back()), (1, 0));
    let failures = stage.told().into_iter().filter(|(topic, _)| *topic == Topic::REFUND_FAILED).count();
    assert_eq!(failures, 1);
}

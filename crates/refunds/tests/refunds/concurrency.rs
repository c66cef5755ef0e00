//! Many at once, and callers who go away.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tender_domain::refunds::RefundStatus;
use tender_refunds::RefundsError;
use tender_testkit::eventually;

use crate::support::{Script, Stage, body, id_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_refunds_of_sixty_percent_at_once_one_succeeds() {
    let stage = Arc::new(Stage::new());
    let charge = stage.charge(&[10_000]);
    let calls = (0..20).map(|caller| {
        let (stage, charge) = (Arc::clone(&stage), charge.clone());
        tokio::spawn(async move { stage.refund(&charge, Some(6_000), &format!("k{caller}")).await.unwrap() })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let with = |status: u16| answers.iter().filter(|answered| answered.answer.status == status).count();
    assert_eq!((with(201), with(422)), (1, 19), "{answers:?}");
    assert_eq!(stage.gateway.given_back(), 6_000);
    assert_eq!(stage.topics(), ["refund.processed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_calls_with_one_key_one_has_the_effect_and_all_get_its_answer_or_wait() {
    let stage = Arc::new(Stage::new());
    let charge = stage.charge(&[10_000]);
    let calls = (0..20).map(|_| {
        let (stage, charge) = (Arc::clone(&stage), charge.clone());
        tokio::spawn(async move { stage.refund(&charge, Some(1_000), "one key").await })
    });
    let results: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let done: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert!(!done.is_empty());
    assert!(done.iter().all(|answered| answered.answer == done[0].answer), "{done:?}");
    for refused in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(refused, RefundsError::InFlight), "{refused:?}");
    }
    assert_eq!(stage.gateway.calls.lock().unwrap().len(), 1);
    assert_eq!(stage.gateway.given_back(), 1_000);
}

#[tokio::test]
async fn a_caller_who_goes_away_stops_nothing() {
    let stage = Arc::new(Stage::new());
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Hang);
    let (staged, of) = (Arc::clone(&stage), charge.clone());
    let call = tokio::spawn(async move { staged.refund(&of, None, "k").await });
    eventually("the gateway is called", async || {
        (!stage.gateway.calls.lock().unwrap().is_empty()).then_some(())
    })
    .await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let in_flight = stage.refund(&charge, None, "k").await;
    assert!(matches!(in_flight, Err(RefundsError::InFlight)), "{in_flight:?}");
    stage.gateway.release();
    let answered =
        eventually("the outcome is recorded", async || stage.refund(&charge, None, "k").await.ok()).await;
    assert_eq!((answered.replayed, body(&answered)["status"].as_str()), (true, Some("succeeded")));
}

#[tokio::test]
async fn a_call_that_the_worker_took_for_not_done_and_that_is_done_ends_the_refund_and_none_follows() {
    let stage = Arc::new(Stage::new());
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Hang);
    let (staged, of) = (Arc::clone(&stage), charge.clone());
    let call = tokio::spawn(async move { staged.refund(&of, None, "k").await });
    eventually("the gateway is called", async || {
        (!stage.gateway.calls.lock().unwrap().is_empty()).then_some(())
    })
    .await;
    // The gateway knows nothing of it, long after it must have heard of it; and does it all the same.
    stage.clock.advance(Duration::from_secs(28));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 1);
    stage.gateway.release();
    let answered = call.await.unwrap().unwrap();
    assert_eq!(body(&answered)["status"], "succeeded");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.retries().run_once().await.unwrap(), 0);
    assert_eq!(stage.stored(id_of(&answered)).await.status(), RefundStatus::Succeeded);
    assert_eq!((stage.gateway.given_back(), stage.topics()), (10_000, vec!["refund.processed"]));
}

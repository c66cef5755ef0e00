//! What a cancellation gives back by itself, where something comes in between its evaluation and its refund.

use tender_domain::ports::{Consumer, HandleError};
use tender_events::OrderChanged;
use tender_refunds::RefundsOfCancellations;

use crate::hotels::{event, told};
use crate::support::Stage;

async fn handle(stage: &Stage, changed: &OrderChanged) -> Result<(), HandleError> {
    RefundsOfCancellations::new(stage.service.clone()).handle(&told(changed.clone())).await
}

#[tokio::test]
async fn a_cancellation_whose_connector_is_away_for_a_moment_gives_back_later_what_it_gives() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let changed = event(&stage, vec![charge.intent_id]);
    stage.own.away(true);
    for _ in 0..2 {
        let away = handle(&stage, &changed).await;
        assert!(matches!(away, Err(HandleError::Retry(_))), "it is no matter for a person: {away:?}");
    }
    stage.own.away(false);
    handle(&stage, &changed).await.expect("it can be refunded");
    assert_eq!(stage.gateway.given_back(), 10_000);
}

#[tokio::test]
async fn a_cancellation_whose_connector_is_not_set_up_is_for_a_person() {
    let stage = Stage::new();
    let mut charge = crate::support::captured(&[10_000]);
    charge.connector = "elsewhere".into();
    stage.charges.known.lock().unwrap().push(charge.clone());
    let ended = handle(&stage, &event(&stage, vec![charge.intent_id])).await;
    assert!(matches!(ended, Err(HandleError::Poison(_))), "{ended:?}");
}

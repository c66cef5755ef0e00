//! What a cancellation gives back by itself, where something comes in between its evaluation and its refund.

use serde_json::Value;
use tender_domain::kernel::{Change, Save, TenantId};
use tender_domain::ports::{Clock as _, Consumer, HandleError, UnitOfWork as _};
use tender_domain::refund_policy::{RefundPolicies, RefundPolicy, TimeTier};
use tender_domain::refunds::CapturedCharge;
use tender_events::OrderChanged;
use tender_refunds::RefundsOfCancellations;

use crate::hotels::{event, given_up_early, told};
use crate::support::Stage;

/// Of what was paid 90 % goes back, however late.
async fn with_ninety_percent(stage: &Stage) {
    let tiers = vec![TimeTier { hours_before_start: 0, percentage_bps: 9_000 }];
    let policy = RefundPolicy { tiers, ..RefundPolicy::standard() };
    let policies =
        RefundPolicies::first(TenantId::sandbox(), vec![policy], stage.clock.now()).expect("good ones");
    let change = Change::of(TenantId::sandbox()).save(Save::<RefundPolicies>::new(policies));
    assert!(stage.store.commit(change).await.is_ok());
}

async fn handle(stage: &Stage, changed: &OrderChanged) -> Result<(), HandleError> {
    RefundsOfCancellations::new(stage.service.clone()).handle(&told(changed.clone())).await
}

/// The message is taken up while the vault is away, and then others refund so much before it is taken up again.
async fn meanwhile(stage: &Stage, changed: &OrderChanged, (charge, minor): (&CapturedCharge, i64)) {
    stage.own.away(true);
    let away = handle(stage, changed).await;
    assert!(matches!(away, Err(HandleError::Retry(_))), "{away:?}");
    stage.own.away(false);
    assert_eq!(stage.refund(charge, Some(minor), "an agent's").await.unwrap().answer.status, 201);
}

fn alerts(stage: &Stage) -> Vec<Value> {
    let told = stage.told().into_iter().filter(|(topic, _)| topic.name() == "alert.raised");
    told.map(|(_, body)| body).collect()
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

#[tokio::test]
async fn what_others_took_in_between_is_evaluated_once_more_and_the_rest_goes_back() {
    let stage = Stage::new();
    with_ninety_percent(&stage).await;
    let charge = stage.charge(&[10_000]);
    let changed = given_up_early(&stage, vec![charge.intent_id], "FLEX");
    meanwhile(&stage, &changed, (&charge, 3_000)).await;
    for _ in 0..2 {
        handle(&stage, &changed).await.expect("the rest can be refunded");
        assert_eq!(stage.gateway.given_back(), 9_000, "90 % in all, once");
    }
    assert_eq!(alerts(&stage), Vec::<Value>::new());
    let automatic = stage.told().pop().expect("it was told").1["metadata"].clone();
    assert!(automatic["policy_arithmetic"].as_str().unwrap().contains("60.00 EUR is left"), "{automatic}");
}

#[tokio::test]
async fn a_cancellation_of_which_nothing_can_be_given_any_more_is_told_to_a_person_once() {
    for (has_policies, taken) in [(true, 9_500), (false, 10_000)] {
        let stage = Stage::new();
        if has_policies {
            with_ninety_percent(&stage).await;
        }
        let charge = stage.charge(&[10_000]);
        let changed = given_up_early(&stage, vec![charge.intent_id], "FLEX");
        meanwhile(&stage, &changed, (&charge, taken)).await;
        for _ in 0..2 {
            handle(&stage, &changed).await.expect("a person sees to it");
        }
        assert_eq!(stage.gateway.given_back(), taken);
        let alerts = alerts(&stage);
        let [alert] = alerts.as_slice() else { panic!("{alerts:?}") };
        assert_eq!(alert["code"], "cancellation_not_refunded");
        assert_eq!(
            (&alert["intentId"], &alert["severity"]),
            (&serde_json::json!(charge.intent_id), &"warning".into())
        );
        let detail = alert["detail"].as_str().unwrap();
        let given = if has_policies { "90.00 EUR" } else { "100.00 EUR" };
        assert!(detail.contains(given) && detail.contains("refused"), "{detail}");
    }
}

#[tokio::test]
async fn a_policy_that_gives_nothing_is_no_matter_for_a_person() {
    let stage = Stage::new();
    with_ninety_percent(&stage).await;
    let charge = stage.charge(&[10_000]);
    assert_eq!(stage.refund(&charge, Some(9_000), "an agent's").await.unwrap().answer.status, 201);
    let changed = given_up_early(&stage, vec![charge.intent_id], "FLEX");
    handle(&stage, &changed).await.expect("nothing is to go back");
    assert_eq!((stage.gateway.given_back(), alerts(&stage).len()), (9_000, 0));
}

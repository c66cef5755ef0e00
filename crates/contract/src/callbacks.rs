//! What every adapter of `CallbackStore` promises. Run each on a fresh store, beside a fresh store of intents.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::intents::{
    CallbackState, CallbackStore, GatewayCallback, Intent, IntentStore, StartCapture,
};
use tender_domain::kernel::{CaptureId, Change, Currency, Money, Save, TenantId, Timestamp};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, Decline, DeclineCode, GatewayAnswer, GatewayFact, OutsideRefund,
};
use uuid::Uuid;

use crate::intents::approved;

fn at(seconds: u64) -> Timestamp {
    let noon: Timestamp = "2026-03-04T12:00:00.123456Z".parse().expect("an instant");
    noon + Duration::from_secs(seconds)
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant name")
}

fn callback(tenant: Option<&TenantId>, event: &str, fact: GatewayFact) -> GatewayCallback {
    GatewayCallback {
        tenant: tenant.cloned(),
        connector: "simulator".to_owned(),
        event_id: event.to_owned(),
        event_type: "authorize.approved".to_owned(),
        occurred_at: at(0),
        received_at: at(1),
        fact,
        body: "{\"as\":  \"it came\"".to_owned(),
        state: CallbackState::Pending,
        failures: 0,
        next_try_at: Some(at(1)),
        note: None,
    }
}

fn ended(kind: CallKind, end: CallEnd) -> GatewayFact {
    GatewayFact::Ended { kind, reference: "att_1".to_owned(), end }
}

/// Whatever a callback tells is read back as it was.
pub async fn every_fact_is_read_back_as_it_was(store: &dyn CallbackStore) {
    let one = tenant("one");
    let eur = Money::new(1_234, Currency::EUR);
    let approved = GatewayAnswer::Approved {
        gateway_reference: "gw_1".to_owned(),
        amount: eur,
        captured: true,
        response_code: Some("00".to_owned()),
        acquirer: None,
        avs: Avs { avs_result: Some("Y".to_owned()), cvv_result: None },
        sca: None,
    };
    let decline = Decline {
        code: DeclineCode::DoNotHonor,
        network_code: Some("05".to_owned()),
        message: "no".to_owned(),
        sca: None,
    };
    let challenge = GatewayAnswer::Challenge { url: "u".to_owned(), challenge_reference: "c".to_owned() };
    let facts = [
        ended(CallKind::Authorize, CallEnd::Answered(approved)),
        ended(CallKind::Capture, CallEnd::Answered(GatewayAnswer::Declined(decline.clone()))),
        ended(CallKind::Void, CallEnd::Answered(challenge)),
        ended(CallKind::Refund, CallEnd::NotDone("why".to_owned())),
        GatewayFact::Pending { kind: CallKind::Authorize, reference: "att_1".to_owned() },
        GatewayFact::Outside { kind: CallKind::Refund, authorization: "att_1".to_owned(), amount: eur },
        ended(
            CallKind::Refund,
            CallEnd::TakenBack { gateway_reference: "gw_2".into(), why: decline.clone() },
        ),
        GatewayFact::RefundedOutside(Box::new(refunded_outside(eur, None))),
        GatewayFact::RefundedOutside(Box::new(refunded_outside(eur, Some(decline)))),
        GatewayFact::Disputed(Box::new(disputed(eur))),
        GatewayFact::Other,
    ];
    let mut wanted: Vec<_> = facts
        .into_iter()
        .enumerate()
        .map(|(number, fact)| callback(Some(&one), &format!("evt_{number:02}"), fact))
        .collect();
    assert_eq!(store.keep(&wanted).await.expect("stored"), wanted.len());
    assert_eq!(store.callbacks(Some(&one), 100).await.expect("read"), wanted);
    for callback in &mut wanted {
        callback.received_at = at(2);
    }
    assert_eq!(store.callbacks(Some(&one), 3).await.expect("read").len(), 3);
}

fn refunded_outside(amount: Money, taken_back: Option<Decline>) -> OutsideRefund {
    OutsideRefund {
        charge_reference: "gw_1".to_owned(),
        gateway_reference: "gw_2".to_owned(),
        amount,
        taken_back,
    }
}

fn disputed(amount: Money) -> ToldChargeback {
    ToldChargeback {
        gateway_reference: "gw_1".to_owned(),
        dispute: ToldDispute {
            processor: "simulator".to_owned(),
            processor_reference: Some("gw_dp_1".to_owned()),
            amount,
            fee_minor: 1_500,
            network: Some(CardNetwork::Amex),
            network_reason_code: Some("C08".to_owned()),
            reason: DisputeReason::ProductNotReceived,
            received_at: at(1),
            respond_by: Some(at(9)),
        },
        standing: DisputeStatus::UnderReview,
        at: at(2),
    }
}

/// An event is kept once by tenant, connector and id; a repetition changes nothing.
pub async fn an_event_is_kept_once(store: &dyn CallbackStore) {
    let (one, two) = (tenant("one"), tenant("two"));
    let first = callback(Some(&one), "evt_1", GatewayFact::Other);
    assert_eq!(store.keep(std::slice::from_ref(&first)).await.expect("stored"), 1);
    let settled = first.settled(CallbackState::Known, Some("it was known".to_owned()));
    store.settle(&settled).await.expect("stored");
    store.settle(&first.settled(CallbackState::Applied, None)).await.expect("the first is believed");
    let again = GatewayCallback { body: "{}".to_owned(), received_at: at(9), ..first.clone() };
    let elsewhere = GatewayCallback { connector: "other".to_owned(), ..first.clone() };
    let theirs = callback(Some(&two), "evt_1", GatewayFact::Other);
    let nobodys = callback(None, "evt_1", GatewayFact::Other).settled(CallbackState::Unmatched, None);
    assert_eq!(store.keep(&[again, elsewhere, theirs, nobodys.clone()]).await.expect("stored"), 3);
    let kept = store.callbacks(Some(&one), 10).await.expect("read");
    assert!(kept.len() == 2 && kept.contains(&settled), "{kept:?}");
    assert_eq!(store.callbacks(None, 10).await.expect("read"), [nobodys]);
}

/// What is not settled is due, in order, until it is.
pub async fn what_is_not_settled_is_due(store: &dyn CallbackStore) {
    let one = tenant("one");
    let early = callback(Some(&one), "evt_1", GatewayFact::Other);
    let late =
        GatewayCallback { next_try_at: Some(at(60)), ..callback(Some(&one), "evt_2", GatewayFact::Other) };
    store.keep(&[late.clone(), early.clone()]).await.expect("stored");
    let due = |now| async move {
        let due = store.callbacks_due(now, 10).await.expect("read");
        due.into_iter().map(|callback| callback.event_id).collect::<Vec<_>>()
    };
    assert_eq!(due(at(0)).await, Vec::<String>::new());
    assert_eq!(due(at(1)).await, ["evt_1"]);
    assert_eq!(due(at(60)).await, ["evt_1", "evt_2"]);
    assert_eq!(store.callbacks_due(at(60), 1).await.expect("read").len(), 1);
    let failed = early.failed("the store was away", at(1));
    store.settle(&failed).await.expect("stored");
    assert_eq!(due(at(1)).await, Vec::<String>::new());
    assert!(store.callbacks_due(at(60), 10).await.expect("read").contains(&failed));
    store.settle(&late.settled(CallbackState::Applied, None)).await.expect("stored");
    assert_eq!(due(at(60)).await, ["evt_1"]);
}

/// One that was nobody's is moved whole to its tenant, once; and its payment is found from then on.
pub async fn one_that_was_nobodys_becomes_its_tenants(store: &dyn CallbackStore) {
    let (one, two) = (tenant("one"), tenant("two"));
    let refund = GatewayFact::RefundedOutside(Box::new(refunded_outside(Money::new(5, Currency::EUR), None)));
    let nobodys = callback(None, "evt_1", refund);
    let other = callback(None, "evt_2", GatewayFact::Other);
    store.keep(&[nobodys.clone(), other.clone()]).await.expect("stored");
    for _ in 0..2 {
        store.give(&nobodys, &one, ("gateway_reference", "simulator/gw_1")).await.expect("moved");
    }
    let owned = GatewayCallback { tenant: Some(one.clone()), ..nobodys.clone() };
    assert_eq!(store.callbacks(Some(&one), 10).await.expect("read"), std::slice::from_ref(&owned));
    assert_eq!(store.callbacks(None, 10).await.expect("read"), [other]);
    assert_eq!(store.located("gateway_reference", "simulator/gw_1").await.expect("read"), Some(one.clone()));
    store.settle(&owned.settled(CallbackState::Applied, None)).await.expect("stored");
    // Kept again without a tenant, as by a repetition that came at the same time: the tenant's stays as it is.
    store.keep(std::slice::from_ref(&nobodys)).await.expect("stored");
    store.give(&nobodys, &one, ("gateway_reference", "simulator/gw_1")).await.expect("moved");
    let states: Vec<_> = store.callbacks(Some(&one), 10).await.expect("read");
    assert_eq!((states.len(), states[0].state), (1, CallbackState::Applied));
    assert_eq!(store.callbacks(Some(&two), 10).await.expect("read"), []);
}

/// A capture leads to its intent, of its tenant only.
pub async fn a_capture_leads_to_its_intent(store: &dyn CallbackStore, intents: &dyn IntentStore) {
    let (one, two) = (tenant("one"), tenant("two"));
    let intent = approved(intents, &one, 1).await;
    let capture = CaptureId::from_uuid(Uuid::from_u128(76));
    let begin = StartCapture { id: capture, amount: None, is_final: true };
    let capturing = intent.start_capture(&begin, intent.updated_at).expect("it is held");
    let change = Change::of(one.clone()).save(Save::<Intent>::changed(Arc::clone(&intent), capturing));
    let _ = intents.commit(change).await.expect("committed");
    let found = store.intent_of_capture(&one, capture).await.expect("read");
    assert_eq!(found, Some(intent.id));
    assert_eq!(store.intent_of_capture(&two, capture).await.expect("read"), None);
    let nothing = CaptureId::from_uuid(Uuid::from_u128(77));
    assert_eq!(store.intent_of_capture(&one, nothing).await.expect("read"), None);
    assert_eq!(store.located("gateway_reference", "gw_1").await.expect("read"), None);
}

/// One test for every promise. The argument is an async function that gives a fresh store of callbacks, the store of
/// intents beside it, and whatever must live as long as the test.
#[macro_export]
macro_rules! callback_promises {
    ($stores:path) => {
        $crate::callback_promises!(@each $stores:
            every_fact_is_read_back_as_it_was,
            an_event_is_kept_once,
            what_is_not_settled_is_due,
            one_that_was_nobodys_becomes_its_tenants,
        );

        #[tokio::test]
        async fn a_capture_leads_to_its_intent() {
            let (callbacks, intents, _alive) = $stores().await;
            $crate::callbacks::a_capture_leads_to_its_intent(&callbacks, &*intents).await;
        }
    };
    (@each $stores:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (callbacks, _intents, _alive) = $stores().await;
            $crate::callbacks::$promise(&callbacks).await;
        }
    )+};
}

//! What every adapter of `CallbackStore` promises. Run each on a fresh store, beside a fresh store of intents.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::intents::{
    CallbackFilter, CallbackState, CallbackStore, GatewayCallback, Intent, IntentStore, StartCapture,
};
use tender_domain::kernel::{
    CallbackId, CaptureId, Change, CommitError, Currency, Cursor, Direction, Money, PageRequest, Save,
    TenantId, Timestamp, Version,
};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, Decline, DeclineCode, GatewayAnswer, GatewayFact, OutsideCapture, OutsideRefund,
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

/// An id that is later for a later name of the same length.
fn named(event: &str) -> CallbackId {
    let number = event.bytes().fold(0_u128, |number, byte| number.wrapping_mul(256) + u128::from(byte));
    CallbackId::from_uuid(Uuid::from_u128(number))
}

fn callback(tenant: Option<&TenantId>, event: &str, fact: GatewayFact) -> GatewayCallback {
    GatewayCallback {
        id: named(event),
        version: Version::FIRST,
        round: 0,
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
    let challenge =
        GatewayAnswer::Challenge { url: "u".to_owned(), challenge_reference: "c".to_owned(), creq: None };
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
        GatewayFact::CapturedOutside(Box::new(captured_outside(eur, None))),
        GatewayFact::CapturedOutside(Box::new(captured_outside(eur, Some(decline.clone())))),
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

fn captured_outside(amount: Money, taken_back: Option<Decline>) -> OutsideCapture {
    OutsideCapture {
        authorization: "att_1".to_owned(),
        payment_reference: taken_back.is_none().then(|| "gw_1".to_owned()),
        gateway_reference: "gw_2".to_owned(),
        amount,
        is_final: taken_back.is_none(),
        taken_back,
    }
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
            fee_minor: Some(1_500),
            network: Some(CardNetwork::Amex),
            network_reason_code: Some("C08".to_owned()),
            reason: DisputeReason::ProductNotReceived,
            received_at: at(1),
            respond_by: Some(at(9)),
        },
        standing: DisputeStatus::UnderReview,
        at: at(2),
        only_if_known: true,
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
    let elsewhere = GatewayCallback { id: named("evt_9"), connector: "other".to_owned(), ..first.clone() };
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

/// A tenant's callbacks are paged newest first, both ways, and filtered.
pub async fn they_are_listed_newest_first_and_filtered(store: &dyn CallbackStore) {
    let (one, two) = (tenant("one"), tenant("two"));
    let mut kept = Vec::new();
    for number in 1..=5_u64 {
        let one = callback(Some(&one), &format!("evt_{number}"), GatewayFact::Other);
        kept.push(GatewayCallback { received_at: at(number), ..one });
    }
    kept[1].connector = "other".to_owned();
    kept[2] = kept[2].settled(CallbackState::Contradicted, Some("it lied".to_owned()));
    store.keep(&kept).await.expect("stored");
    store.keep(&[callback(Some(&two), "evt_6", GatewayFact::Other)]).await.expect("stored");
    let page = |filter: CallbackFilter, request: PageRequest| {
        let one = one.clone();
        async move {
            let page = store.page_of_callbacks(&one, &filter, &request).await.expect("read");
            let names: Vec<_> = page.data.into_iter().map(|callback| callback.event_id).collect();
            (names, page.has_more)
        }
    };
    let all = CallbackFilter::default;
    let request = |limit, cursor: Option<&str>, direction| {
        let cursor = cursor.map(|event| Cursor(named(event).uuid()));
        PageRequest::new(limit, cursor, direction).expect("a page")
    };
    let first = page(all(), request(2, None, Direction::Older)).await;
    assert_eq!(first, (vec!["evt_5".to_owned(), "evt_4".to_owned()], true));
    let rest = page(all(), request(9, Some("evt_4"), Direction::Older)).await;
    assert_eq!(rest, (vec!["evt_3".to_owned(), "evt_2".to_owned(), "evt_1".to_owned()], false));
    let newer = page(all(), request(1, Some("evt_3"), Direction::Newer)).await;
    assert_eq!(newer, (vec!["evt_4".to_owned()], true));
    let (from, to) = (Some(at(2)), Some(at(4)));
    for (filter, expected) in [
        (CallbackFilter { state: Some(CallbackState::Contradicted), ..all() }, vec!["evt_3"]),
        (CallbackFilter { connector: Some("other".to_owned()), ..all() }, vec!["evt_2"]),
        (CallbackFilter { received_from: from, received_to: to, ..all() }, vec!["evt_3", "evt_2"]),
        (CallbackFilter { state: Some(CallbackState::Applied), ..all() }, vec![]),
    ] {
        assert_eq!(page(filter, request(9, None, Direction::Older)).await.0, expected);
    }
    let found = store.callback(&one, named("evt_3")).await.expect("read");
    assert_eq!(found.as_ref(), Some(&kept[2]));
    assert_eq!(store.callback(&two, named("evt_3")).await.expect("read"), None, "another tenant's");
    assert_eq!(store.oldest_pending().await.expect("read"), Some(at(1)));
}

/// What is over and old is forgotten, some at a time; what waits, or a person has to look at, stays.
pub async fn what_is_over_is_forgotten(store: &dyn CallbackStore) {
    let one = tenant("one");
    let long_ago: Timestamp = "2020-03-04T12:00:00Z".parse().expect("an instant");
    let mut kept = Vec::new();
    for (number, state) in CallbackState::ALL.iter().enumerate() {
        let new = callback(Some(&one), &format!("evt_{number:02}"), GatewayFact::Other);
        let new = GatewayCallback { received_at: long_ago + Duration::from_secs(number as u64), ..new };
        kept.push(if *state == CallbackState::Pending { new } else { new.settled(*state, None) });
    }
    let nobodys = callback(None, "evt_50", GatewayFact::Other).settled(CallbackState::Unmatched, None);
    kept.push(GatewayCallback { received_at: long_ago, ..nobodys });
    let later = callback(Some(&one), "evt_60", GatewayFact::Other).settled(CallbackState::Applied, None);
    kept.push(later);
    store.keep(&kept).await.expect("stored");
    let over = CallbackState::ALL.iter().filter(|state| state.is_over()).count() + 1;
    let before = long_ago + Duration::from_secs(3_600);
    assert_eq!(store.forget_callbacks(long_ago, 100).await.expect("written"), 0, "they came later");
    assert_eq!(store.forget_callbacks(before, 2).await.expect("written"), 2);
    assert_eq!(store.forget_callbacks(before, 100).await.expect("written"), over - 2);
    assert_eq!(store.forget_callbacks(before, 100).await.expect("written"), 0);
    let left = store.callbacks(Some(&one), 100).await.expect("read");
    let young = |callback: &GatewayCallback| callback.event_id == "evt_60";
    assert!(left.iter().all(|callback| !callback.state.is_over() || young(callback)), "{left:?}");
    assert_eq!(left.len(), kept.len() - over);
    assert_eq!(store.callbacks(None, 100).await.expect("read"), []);
}

/// A person has one handled again, in the commit that tells of it: by the version that was seen, and whoever acted on it
/// before writes nothing any more.
pub async fn one_is_handled_again_as_it_was_seen(store: &dyn CallbackStore, intents: &dyn IntentStore) {
    let one = tenant("one");
    let kept = callback(Some(&one), "evt_1", GatewayFact::Other);
    store.keep(std::slice::from_ref(&kept)).await.expect("stored");
    let settled = kept.settled(CallbackState::Contradicted, Some("it lied".to_owned()));
    store.settle(&settled).await.expect("stored");
    let again = settled.again(at(60));
    let save = |before: &GatewayCallback, after: &GatewayCallback| {
        Change::of(one.clone()).save(Save::<GatewayCallback>::changed(before.clone(), after.clone()))
    };
    let _ = intents.commit(save(&settled, &again)).await.expect("committed");
    assert_eq!(store.callback(&one, kept.id).await.expect("read").as_ref(), Some(&again));
    assert_eq!(store.callbacks_due(at(60), 10).await.expect("read"), std::slice::from_ref(&again));
    let twice = intents.commit(save(&settled, &again)).await;
    assert!(matches!(twice, Err(CommitError::Conflict)), "{twice:?}");
    store.settle(&kept.settled(CallbackState::Applied, None)).await.expect("it says nothing of this round");
    assert_eq!(store.callback(&one, kept.id).await.expect("read").as_ref(), Some(&again));
    let applied = again.settled(CallbackState::Applied, None);
    store.settle(&applied).await.expect("stored");
    assert_eq!(store.callback(&one, kept.id).await.expect("read"), Some(applied));
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
            they_are_listed_newest_first_and_filtered,
            what_is_over_is_forgotten,
        );

        #[tokio::test]
        async fn one_is_handled_again_as_it_was_seen() {
            let (callbacks, intents, _alive) = $stores().await;
            $crate::callbacks::one_is_handled_again_as_it_was_seen(&callbacks, &*intents).await;
        }

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

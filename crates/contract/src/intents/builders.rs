//! Intents to make promises about.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::intents::{
    CaptureMode, Channel, Instrument, Intent, IntentStore, IntentWrite, MethodSummary, NewIntent,
    StartAttempt,
};
use tender_domain::kernel::{
    AttemptId, CaptureId, Change, Currency, IntentId, Metadata, MethodId, Money, RoutingRuleId, Save,
    TenantId, Timestamp,
};
use tender_domain::ports::{Avs, Decline, DeclineCode, GatewayAnswer, ThreeDs, UnknownOutcome};
use uuid::Uuid;

/// At a gateway that can be asked.
pub(super) const LOOKUP: UnknownOutcome = UnknownOutcome::Lookup;

const FIRST_ID: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0000;

pub(super) fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

/// Second `second` of the tests' day.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("test instants exist")
}

pub(super) fn pi(number: u128) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(FIRST_ID + number))
}

pub(super) fn att(number: u128) -> AttemptId {
    AttemptId::from_uuid(Uuid::from_u128(FIRST_ID + number))
}

pub(super) fn cap(number: u128) -> CaptureId {
    CaptureId::from_uuid(Uuid::from_u128(FIRST_ID + number))
}

pub(super) const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Intent number `number`, of 100.00 EUR, ready to be confirmed with a test token.
pub(super) fn new_intent(tenant: &TenantId, number: u128) -> NewIntent {
    NewIntent {
        id: pi(number),
        tenant: tenant.clone(),
        livemode: false,
        amount: eur(10_000),
        customer_id: None,
        merchant_account_id: "ma_default".into(),
        instrument: Some(Instrument::TestToken("tok_visa".into())),
        method: card(),
        capture_mode: CaptureMode::Auto,
        capture_delay_seconds: None,
        description: None,
        statement_descriptor: None,
        order_ref: None,
        reservation_ref: None,
        metadata: Metadata::default(),
        max_attempts: 5,
        expires_at: None,
        channel: Channel::Core,
    }
}

/// With every field set, and text that trips a careless store.
pub(super) fn full_intent(tenant: &TenantId, number: u128) -> NewIntent {
    let text = || Some("O'Neil \"x\" \\ \u{1F600} é".to_owned());
    let metadata = BTreeMap::from([("note".into(), "ü\"'\\".into()), ("empty".into(), String::new())]);
    NewIntent {
        livemode: true,
        amount: Money::new(Money::MAX_MINOR, Currency::JPY),
        customer_id: text(),
        instrument: Some(Instrument::Saved(MethodId::from_uuid(Uuid::from_u128(77)))),
        capture_mode: CaptureMode::Manual,
        description: text(),
        statement_descriptor: text(),
        order_ref: text(),
        reservation_ref: text(),
        metadata: Metadata::new(metadata).expect("within bounds"),
        max_attempts: 3,
        expires_at: Some(at(3_600)),
        channel: Channel::Tickets,
        ..new_intent(tenant, number)
    }
}

pub(super) fn card() -> MethodSummary {
    MethodSummary { method_type: "card".into(), brand: Some("VISA".into()), last4: Some("4242".into()) }
}

pub(super) fn start(number: u128, intent: &Intent) -> StartAttempt {
    StartAttempt {
        id: att(number),
        connector: "simulator".into(),
        rule: number.is_multiple_of(2).then(|| RoutingRuleId::from_uuid(Uuid::from_u128(number))),
        instrument: intent.instrument.clone().expect("it has a method"),
        method: intent.method.clone(),
        off_session: number.is_multiple_of(2),
        three_ds: if number.is_multiple_of(2) { ThreeDs::Automatic } else { ThreeDs::Force },
    }
}

/// The answer that a gateway has for everything that was asked.
pub(super) fn yes(amount: Money, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: "sim_'1\"".into(),
        amount,
        captured,
        response_code: Some("00".into()),
        acquirer: Some("simulator".into()),
        avs: Avs { avs_result: Some("Y".into()), cvv_result: Some("M".into()) },
        sca: None,
    }
}

pub(super) fn no() -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        code: DeclineCode::InsufficientFunds,
        network_code: Some("51".into()),
        message: "not enough \"funds\"".into(),
        sca: None,
    })
}

/// The intent that `new` makes.
#[must_use]
pub fn intent_of(new: NewIntent) -> Arc<Intent> {
    Arc::new(Intent::create(new, at(0)))
}

pub(super) fn changed(before: &Arc<Intent>, after: &Arc<Intent>) -> Change<IntentWrite> {
    Change::of(after.tenant.clone()).save(Save::<Intent>::changed(Arc::clone(before), Arc::clone(after)))
}

/// Saves what became of an intent.
///
/// # Panics
/// When the store refuses.
pub(super) async fn save(
    store: &dyn IntentStore,
    before: Option<&Arc<Intent>>,
    after: Intent,
) -> Arc<Intent> {
    let after = Arc::new(after);
    let save = Save { before: before.cloned(), after: Arc::clone(&after) };
    let committed = store.commit(Change::of(after.tenant.clone()).save(save)).await;
    assert!(committed.is_ok(), "{committed:?}");
    after
}

/// Saves a new intent.
///
/// # Panics
/// When the store refuses.
pub async fn saved(store: &dyn IntentStore, tenant: &TenantId, number: u128) -> Arc<Intent> {
    saved_new(store, new_intent(tenant, number)).await
}

pub(super) async fn saved_new(store: &dyn IntentStore, new: NewIntent) -> Arc<Intent> {
    save(store, None, Intent::create(new, at(0))).await
}

/// Saves an intent whose attempt, of the same number, was just started.
///
/// # Panics
/// When the store refuses.
pub async fn started(store: &dyn IntentStore, tenant: &TenantId, number: u128) -> Arc<Intent> {
    let intent = saved(store, tenant, number).await;
    let after = intent.start_attempt(start(number, &intent), at(1)).expect("it may be confirmed");
    save(store, Some(&intent), after).await
}

/// Saves an intent whose attempt was approved and holds 100.00 EUR until it is captured.
///
/// # Panics
/// When the store refuses.
pub async fn approved(store: &dyn IntentStore, tenant: &TenantId, number: u128) -> Arc<Intent> {
    let new = NewIntent { capture_mode: CaptureMode::Manual, ..new_intent(tenant, number) };
    let intent = saved_new(store, new).await;
    let after = intent.start_attempt(start(number, &intent), at(1)).expect("it may be confirmed");
    let intent = save(store, Some(&intent), after).await;
    let step = intent.record_answer(att(number), yes(eur(10_000), false), cap(number), at(2));
    save(store, Some(&intent), step.expect("the attempt is open").intent).await
}

pub(super) async fn read(store: &dyn IntentStore, intent: &Intent) -> Option<Intent> {
    store.intent(&intent.tenant, intent.id).await.expect("it can be read")
}

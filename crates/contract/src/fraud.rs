//! What every [`FraudStore`](tender_domain::fraud::FraudStore) promises, with the unit of work of the intents beside it.
//! Each function is one promise with tenants of its own, so that they may share a store.

use std::sync::Arc;

use tender_domain::fraud::{
    Condition, CountrySource, Effect, FRAUD_VELOCITY, FraudAction, FraudDecision, FraudOverride, FraudStore,
    FraudVerdict, IntentRisk, NewOverride, Occasion, OverrideAction, OverrideTarget, Reason, RiskSignals,
    Rule, RuleSet, Subject, Thresholds,
};
use tender_domain::intents::{Intent, IntentStore};
use tender_domain::kernel::{
    Change, CommitError, Currency, FraudDecisionId, FraudOverrideId, FraudRuleId, Guard, IntentId, Save,
    TenantId, Timestamp, Version,
};
use uuid::Uuid;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! fraud_promises {
    ($store:path) => {
        $crate::fraud_promises!(@each $store:
            rules_are_read_as_they_were_saved_and_a_stale_change_is_a_conflict,
            an_intent_is_read_with_its_risk_and_its_denial,
            a_decision_is_read_as_it_was_saved_by_its_tenant_only,
            overrides_are_read_newest_first_until_they_end,
            counters_are_read_as_they_were_counted,
            a_count_of_nothing_is_refused_when_others_have_counted_more,
            counters_below_a_key_are_forgotten_and_others_stay,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::fraud::$promise(&store).await;
        }
    )+};
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("test instants exist")
}

fn rule(number: u128, condition: Condition, effect: Effect) -> Rule {
    Rule {
        id: FraudRuleId::from_uuid(Uuid::from_u128(number)),
        name: "ü \"'\\".to_owned(),
        condition,
        effect,
    }
}

/// Every kind of condition and effect survives.
///
/// # Panics
/// When the promise is broken.
pub async fn rules_are_read_as_they_were_saved_and_a_stale_change_is_a_conflict<
    S: IntentStore + FraudStore,
>(
    store: &S,
) {
    let acme = tenant("fraud-rules");
    let read = || async { store.fraud_policy(&acme, at(0)).await.expect("it can be read").rules };
    assert_eq!(read().await, None);
    let by = Subject::MerchantAccount;
    let texts = || vec!["a'\"".to_owned()];
    let rules = [
        rule(1, Condition::VelocityCount { by, window_seconds: 60, at_most: 0 }, Effect::Deny),
        rule(
            2,
            Condition::VelocityAmount { by, window_seconds: 2_592_000, at_most: 1, currency: Currency::BHD },
            Effect::Points(100),
        ),
        rule(
            3,
            Condition::AmountAbove { limit: 999_999_999_999, currency: Currency::JPY },
            Effect::Challenge,
        ),
        rule(4, Condition::OrderAmountMismatch {}, Effect::Points(1)),
        rule(
            5,
            Condition::CountryMismatch { first: CountrySource::Card, second: CountrySource::Ip },
            Effect::Points(50),
        ),
        rule(6, Condition::BlockedBin { bins: vec!["424242".to_owned()] }, Effect::Deny),
        rule(7, Condition::BlockedCard { fingerprints: texts() }, Effect::Deny),
        rule(8, Condition::BlockedDevice { fingerprints: texts() }, Effect::Deny),
    ];
    let mut set = RuleSet::unset(acme.clone(), at(0));
    for rule in rules {
        set = set.add(rule, at(1)).expect("a good rule");
    }
    let first = Arc::new(set);
    let save = |save: Save<RuleSet>| store.commit(Change::of(acme.clone()).save(save));
    assert!(save(Save::new(Arc::clone(&first))).await.is_ok());
    assert_eq!(read().await.as_ref(), Some(&*first));

    let thresholds = Thresholds { challenge_at: 10, deny_at: 20 };
    let second = Arc::new(first.with_thresholds(thresholds, at(2)).expect("good thresholds"));
    assert!(save(Save::changed(Arc::clone(&first), Arc::clone(&second))).await.is_ok());
    let stale = save(Save::changed(Arc::clone(&first), Arc::clone(&second))).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let again = save(Save::new(Arc::clone(&first))).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    assert_eq!(read().await.as_ref(), Some(&*second));
    let other = store.fraud_policy(&tenant("fraud-rules-2"), at(0)).await.expect("it can be read");
    assert!(other.is_empty() && other.rules.is_none());
}

/// What clients told, the newest decision in short, and why fraud ended it.
///
/// # Panics
/// When the promise is broken.
pub async fn an_intent_is_read_with_its_risk_and_its_denial<S: IntentStore + FraudStore>(store: &S) {
    let acme = tenant("fraud-intents");
    let intent = crate::intents::saved(store, &acme, 9_001).await;
    let some = |text: &str| Some(text.to_owned());
    let signals = RiskSignals {
        ip: "2001:db8::1".parse().ok(),
        ip_country: some("DE"),
        device_fingerprint: some("d \"'"),
        user_agent: some("é"),
        billing_country: some("FR"),
        shipping_country: some("IT"),
        card_country: some("US"),
    };
    let known = Arc::new(intent.with_risk(IntentRisk { signals, decision: None }, at(1)));
    let verdict = FraudVerdict { score: 90, action: FraudAction::Deny, reasons: Vec::new() };
    let decision = FraudDecision {
        id: FraudDecisionId::from_uuid(Uuid::from_u128(72)),
        tenant: acme.clone(),
        intent: intent.id,
        occasion: Occasion::Confirm,
        verdict,
        rules_version: Version::FIRST,
        created_at: at(2),
    };
    let denied = Arc::new(known.deny_by_fraud(&decision, at(2)).expect("it may be confirmed").intent);
    for (before, after) in [(&intent, &known), (&known, &denied)] {
        let save: Save<Intent> = Save::changed(Arc::clone(before), Arc::clone(after));
        assert!(store.commit(Change::of(acme.clone()).save(save)).await.is_ok());
        let read = store.intent(&acme, intent.id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(&**after));
    }
}

/// # Panics
/// When the promise is broken.
pub async fn a_decision_is_read_as_it_was_saved_by_its_tenant_only<S: IntentStore + FraudStore>(store: &S) {
    let acme = tenant("fraud-decisions");
    let reason = Reason {
        code: "override".to_owned(),
        rule: Some(FraudRuleId::from_uuid(Uuid::from_u128(8))),
        forced: Some(FraudOverrideId::from_uuid(Uuid::from_u128(9))),
        detail: "é \"'\\".to_owned(),
        points: 7,
        action: Some(FraudAction::Challenge),
    };
    let decision = Arc::new(FraudDecision {
        id: FraudDecisionId::from_uuid(Uuid::from_u128(70)),
        tenant: acme.clone(),
        intent: IntentId::from_uuid(Uuid::from_u128(71)),
        occasion: Occasion::Score,
        verdict: FraudVerdict { score: 100, action: FraudAction::Deny, reasons: vec![reason] },
        rules_version: Version::new(0),
        created_at: at(3),
    });
    let save =
        || store.commit(Change::of(acme.clone()).save(Save::<FraudDecision>::new(Arc::clone(&decision))));
    assert!(save().await.is_ok());
    let read = |tenant: TenantId| async move { store.fraud_decision(&tenant, decision_id()).await };
    assert_eq!(read(acme.clone()).await.expect("it can be read").as_ref(), Some(&*decision));
    assert_eq!(read(tenant("fraud-decisions-2")).await.expect("it can be read"), None);
    let named = [FraudDecisionId::from_uuid(Uuid::from_u128(69)), decision_id()];
    let all = store.fraud_decisions(&acme, &named).await.expect("they can be read");
    assert_eq!(all, [FraudDecision::clone(&decision)], "each that there is, once");
    let again = save().await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "a decision is never changed: {again:?}");
}

fn decision_id() -> FraudDecisionId {
    FraudDecisionId::from_uuid(Uuid::from_u128(70))
}

fn forced(acme: &TenantId, number: u128, target: OverrideTarget, until: i64) -> FraudOverride {
    let new = NewOverride {
        id: FraudOverrideId::from_uuid(Uuid::from_u128(number)),
        tenant: acme.clone(),
        target,
        action: OverrideAction::Lift,
        reason: "é \"'\\".to_owned(),
        by: "O'Neil".to_owned(),
        expires_at: at(until),
    };
    FraudOverride::create(new, at(0)).expect("a good override")
}

/// # Panics
/// When the promise is broken.
pub async fn overrides_are_read_newest_first_until_they_end<S: IntentStore + FraudStore>(store: &S) {
    let acme = tenant("fraud-overrides");
    let intent = IntentId::from_uuid(Uuid::from_u128(5));
    let all = [
        forced(&acme, 101, OverrideTarget::Intent(intent), 10),
        forced(&acme, 102, OverrideTarget::Card("f".to_owned()), 30),
        forced(&acme, 103, OverrideTarget::Customer("c'".to_owned()), 20),
    ];
    for one in &all {
        let change = Change::of(acme.clone()).save(Save::<FraudOverride>::new(one.clone()));
        assert!(store.commit(change).await.is_ok());
    }
    let read = async |second| store.fraud_policy(&acme, at(second)).await.expect("it can be read").overrides;
    let [first, second, third] = &all;
    assert_eq!(read(0).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(read(10).await, [third.clone(), second.clone()]);
    assert_eq!(read(20).await, std::slice::from_ref(second));
    assert_eq!(read(30).await, []);
    let other = store.fraud_policy(&tenant("fraud-overrides-2"), at(0)).await.expect("it can be read");
    assert_eq!(other.overrides, []);
}

async fn count<S: IntentStore>(
    store: &S,
    acme: &TenantId,
    counts: &[(&str, i64, i64)],
) -> Result<(), CommitError> {
    let mut change = Change::of(acme.clone());
    change.guards.extend(counts.iter().map(|(key, by, limit)| Guard::Count {
        kind: FRAUD_VELOCITY,
        key: (*key).to_owned(),
        by: *by,
        limit: *limit,
    }));
    store.commit(change).await.map(|_| ())
}

/// # Panics
/// When the promise is broken.
pub async fn counters_are_read_as_they_were_counted<S: IntentStore + FraudStore>(store: &S) {
    let (acme, other) = (tenant("fraud-counts"), tenant("fraud-counts-2"));
    assert!(count(store, &acme, &[("a", 1, 5), ("b", 10_000, i64::MAX)]).await.is_ok());
    assert!(count(store, &acme, &[("a", 2, 5)]).await.is_ok());
    assert!(count(store, &other, &[("a", 1, 1)]).await.is_ok());
    let keys = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let read = store.window_counts(&acme, &keys).await.expect("they can be read").0;
    assert_eq!(read.into_iter().collect::<Vec<_>>(), [("a".to_owned(), 3), ("b".to_owned(), 10_000)]);
    let passed = count(store, &acme, &[("a", 3, 5)]).await;
    assert!(matches!(passed, Err(CommitError::LimitReached { kind: FRAUD_VELOCITY, .. })), "{passed:?}");
}

/// # Panics
/// When the promise is broken.
pub async fn a_count_of_nothing_is_refused_when_others_have_counted_more<S: IntentStore + FraudStore>(
    store: &S,
) {
    let acme = tenant("fraud-nothing");
    assert!(count(store, &acme, &[("seen", 0, 0), ("now", 1, 9)]).await.is_ok(), "nothing was counted yet");
    assert!(count(store, &acme, &[("seen", 1, 9)]).await.is_ok());
    let grown = count(store, &acme, &[("seen", 0, 0), ("now", 1, 9)]).await;
    assert!(matches!(grown, Err(CommitError::LimitReached { .. })), "{grown:?}");
    assert!(count(store, &acme, &[("seen", 0, 1), ("now", 1, 9)]).await.is_ok());
    let read =
        store.window_counts(&acme, &["seen".to_owned(), "now".to_owned()]).await.expect("they can be read").0;
    assert_eq!((read["seen"], read["now"]), (1, 2), "what was refused counted nothing");
}

/// # Panics
/// When the promise is broken.
pub async fn counters_below_a_key_are_forgotten_and_others_stay<S: IntentStore + FraudStore>(store: &S) {
    let acme = tenant("fraud-forgotten");
    let keys = ["000000000001:x".to_owned(), "000000000002:x".to_owned(), "000000000003:x".to_owned()];
    for key in &keys {
        assert!(count(store, &acme, &[(key, 1, 9)]).await.is_ok());
    }
    let mut other = Change::of(acme.clone());
    other.guards.push(Guard::Count { kind: "other", key: keys[0].clone(), by: 1, limit: 1 });
    assert!(store.commit(other.clone()).await.is_ok());
    assert_eq!(store.forget_windows("000000000003:", 1).await.expect("it can be written"), 1);
    assert_eq!(store.forget_windows("000000000003:", 10).await.expect("it can be written"), 1);
    let read = store.window_counts(&acme, &keys).await.expect("they can be read").0;
    assert_eq!(read.into_iter().collect::<Vec<_>>(), [(keys[2].clone(), 1)]);
    let kept = store.commit(other).await;
    assert!(matches!(kept, Err(CommitError::LimitReached { .. })), "counters of another kind stay: {kept:?}");
}

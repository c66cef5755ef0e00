//! What every [`RefundPolicyStore`] promises, with the unit of work of the refunds beside it.

use std::sync::Arc;

use tender_domain::kernel::{
    Change, ChargeId, CommitError, Currency, DisputeId, IntentId, Money, PolicyEvaluationId, Save, TenantId,
    Timestamp,
};
use tender_domain::refund_policy::{
    Cancellation, GoodwillLimit, PolicyEvaluation, RefundFee, RefundPolicies, RefundPolicy, RefundPolicyStore,
};
use tender_domain::refunds::RefundStore;
use uuid::Uuid;

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn all<S: RefundStore + RefundPolicyStore>(store: &S) {
    policies_are_read_as_they_were_saved_and_a_stale_change_is_a_conflict(store).await;
    an_evaluation_is_read_as_it_was_saved_and_never_changes(store).await;
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("it exists")
}

fn policies(tenant: TenantId) -> RefundPolicies {
    let own = RefundPolicy {
        policy_id: "é \"own\" '".to_owned(),
        product_type: Some("RAFTING".to_owned()),
        rate_plan: Some("FLEX".to_owned()),
        fee: Some(RefundFee::Fixed { minor: 999_999_999_999, currency: Currency::BHD }),
        goodwill: Some(GoodwillLimit { minor: 1, currency: Currency::JPY }),
        ..RefundPolicy::standard()
    };
    let part = RefundPolicy {
        policy_id: "part".to_owned(),
        rate_plan: Some("PART".to_owned()),
        fee: Some(RefundFee::Percentage(33)),
        tiers: Vec::new(),
        reasons: Vec::new(),
        ..RefundPolicy::standard()
    };
    let all = vec![own, part, RefundPolicy::standard()];
    RefundPolicies::first(tenant, all, at(0)).and_then(|all| all.within(Some(180))).expect("good policies")
}

async fn policies_are_read_as_they_were_saved_and_a_stale_change_is_a_conflict<S>(store: &S)
where
    S: RefundStore + RefundPolicyStore,
{
    let acme = tenant("refund-policies");
    let read = async |tenant: &TenantId| store.refund_policies(tenant).await.expect("it can be read");
    assert_eq!(read(&acme).await, None);
    let first = Arc::new(policies(acme.clone()));
    let commit = |save: Save<RefundPolicies>| store.commit(Change::of(acme.clone()).save(save));
    assert!(commit(Save::new(Arc::clone(&first))).await.is_ok());
    assert_eq!(read(&acme).await.as_ref(), Some(&*first));
    let second = Arc::new(first.replace(Vec::new(), at(1)).expect("none is fine"));
    assert!(commit(Save::changed(Arc::clone(&first), Arc::clone(&second))).await.is_ok());
    assert_eq!(read(&acme).await.as_ref(), Some(&*second));
    let stale = commit(Save::changed(Arc::clone(&first), second)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let again = commit(Save::new(first)).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    assert_eq!(read(&tenant("refund-policies-2")).await, None);
}

async fn an_evaluation_is_read_as_it_was_saved_and_never_changes<S>(store: &S)
where
    S: RefundStore + RefundPolicyStore,
{
    let acme = tenant("evaluations");
    let eur = |minor| Money::new(minor, Currency::EUR);
    let facts = Cancellation {
        paid: eur(10_000),
        left: eur(9_000),
        requested: None,
        reason: "WEATHER".to_owned(),
        has_evidence: false,
        product_type: None,
        rate_plan: None,
        cancelled_at: at(0),
        starts_at: None,
    };
    let evaluated = policies(acme.clone()).evaluate(&facts).expect("it can be evaluated");
    for (number, dispute) in [(1_u128, None), (2, Some(DisputeId::from_uuid(Uuid::from_u128(9))))] {
        let id = PolicyEvaluationId::from_uuid(Uuid::from_u128(number));
        let evaluation = Arc::new(PolicyEvaluation {
            id,
            tenant: acme.clone(),
            intent_id: IntentId::from_uuid(Uuid::from_u128(3)),
            charge_id: ChargeId::from_uuid(Uuid::from_u128(4)),
            dispute_id: dispute,
            evaluated: evaluated.clone(),
            evaluated_at: at(if dispute.is_none() { 1 } else { 2 }),
        });
        let commit = || {
            let save = Save::<PolicyEvaluation>::new(Arc::clone(&evaluation));
            store.commit(Change::of(acme.clone()).save(save))
        };
        assert!(commit().await.is_ok());
        let read = store.policy_evaluation(&acme, id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(&*evaluation));
        let again = commit().await;
        assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
        assert_eq!(
            store.policy_evaluation(&tenant("evaluations-2"), id).await.expect("it can be read"),
            None
        );
    }
}

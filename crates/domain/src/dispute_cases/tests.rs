use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::disputes::{Actor, DisputeReason, DisputeStatus, Outcome, Settled, ToldDispute};
use crate::kernel::{
    Caller, CaptureId, ChargeId, Credential, Currency, DisputeId, IntentId, KeyId, Money, PolicyEvaluationId,
    RefundId, ScopeSet, TenantId, Timestamp, Version,
};
use crate::refunds::{CapturedCharge, CapturedPart, RefundableCharge};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn charge() -> RefundableCharge {
    let told = CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(1)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
        merchant_account_id: "ma_1".into(),
        connector: "simulator".into(),
        gateway_reference: "sim_ch_1".into(),
        customer_id: Some("guest".into()),
        order_id: None,
        livemode: false,
        authorized: eur(10_000),
        captures: vec![CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(3)), amount: eur(10_000) }],
    };
    RefundableCharge::open(&TenantId::sandbox(), &told, at(0)).unwrap()
}

fn opened(minor: i64) -> DisputeCase {
    let wanted = OpenCase {
        id: DisputeId::from_uuid(Uuid::from_u128(4)),
        reason: CaseReason::Weather,
        requested: eur(minor),
        description: "a storm".into(),
        tier: Tier::One,
        evaluation: PolicyEvaluationId::from_uuid(Uuid::from_u128(5)),
    };
    DisputeCase::open(&charge(), wanted, at(1)).unwrap().0
}

fn decide(case: &DisputeCase, kind: DecisionKind, amount: Option<i64>) -> Result<DisputeCase, CaseRefusal> {
    let wanted = ResolveCase {
        kind,
        amount_minor: amount,
        reason: "because".into(),
        refund_id: RefundId::from_uuid(Uuid::from_u128(6)),
        by: "ann".into(),
    };
    case.resolve(wanted, at(2)).map(|(case, _)| case)
}

#[test]
fn a_tier_ends_with_its_limit_in_every_currency() {
    let standard = DisputeTiers::standard(TenantId::sandbox(), at(0));
    for (amount, tier) in [
        (eur(1), Tier::One),
        (eur(50_000), Tier::One),
        (eur(50_001), Tier::Two),
        (eur(500_000), Tier::Two),
        (eur(500_001), Tier::Three),
        (Money::new(500, Currency::JPY), Tier::One),
        (Money::new(501, Currency::JPY), Tier::Two),
        (Money::new(500_000, Currency::BHD), Tier::One),
        (Money::new(500_001, Currency::BHD), Tier::Two),
    ] {
        assert_eq!(standard.tier_of(amount), tier, "{amount}");
    }
    let yen = TierLimits { first_minor: 80_000, second_minor: 800_000 };
    let limits = standard.limits.iter().map(|(code, of)| (*code, *of)).chain([(Currency::JPY, yen)]);
    let own = standard.replace(Currency::EUR, limits.collect(), at(9)).unwrap();
    assert_eq!(own.tier_of(Money::new(80_000, Currency::JPY)), Tier::One);
    assert_eq!((own.version, own.created_at), (Version::FIRST, at(9)));
}

#[test]
fn limits_that_contradict_each_other_are_refused() {
    let standard = DisputeTiers::standard(TenantId::sandbox(), at(0));
    for (first_minor, second_minor) in [(0, 5), (5, 5), (6, 5), (-1, 5), (1, i64::MAX)] {
        let limits = BTreeMap::from([(Currency::EUR, TierLimits { first_minor, second_minor })]);
        assert_eq!(standard.replace(Currency::EUR, limits, at(1)), Err(CaseRefusal::BadLimits));
    }
    let limits = standard.limits.clone();
    assert_eq!(standard.replace(Currency::USD, limits, at(1)), Err(CaseRefusal::BadLimits), "no base");
}

#[test]
fn a_higher_role_may_what_a_lower_may_and_no_other_role_may_anything() {
    let caller = |roles: &[&str], credential| Caller {
        tenant: TenantId::sandbox(),
        subject: "ann".into(),
        credential,
        scopes: ScopeSet::EMPTY,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        actor: None,
        livemode: false,
    };
    for (roles, allowed) in [
        (&["dispute_agent"][..], Some(Tier::One)),
        (&["dispute_manager"], Some(Tier::Two)),
        (&["dispute_director"], Some(Tier::Three)),
        (&["dispute_agent", "dispute_manager"], Some(Tier::Two)),
        (&["admin"], Some(Tier::Three)),
        (&["customer"], None),
        (&["agent"], None),
        (&["their own"], None),
    ] {
        let allowed_here = Tier::of_caller(&caller(roles, Credential::Token));
        assert_eq!(allowed_here, allowed, "{roles:?}");
        for tier in Tier::ALL {
            let case = DisputeCase { tier: *tier, ..opened(100) };
            let may = allowed.is_some_and(|allowed| allowed >= *tier);
            assert_eq!(case.may_be_worked_on(allowed_here).is_ok(), may, "{roles:?} {tier:?}");
        }
    }
    let key = Credential::SecretKey(KeyId::from_uuid(Uuid::from_u128(1)));
    assert_eq!(Tier::of_caller(&caller(&[], key)), Some(Tier::Three), "a program has its scopes only");
    let machine = caller(&[], Credential::Token);
    assert_eq!(Tier::of_caller(&machine), Some(Tier::Three), "and so has one with a token");
    let acted_for = Caller { actor: Some("ann".into()), ..machine };
    assert_eq!(Tier::of_caller(&acted_for), None, "ann is a person, and names no role");
    for credential in [Credential::Service("intents".into()), Credential::SandboxDialect] {
        assert_eq!(Tier::of_caller(&caller(&[], credential)), None);
    }
}

#[test]
fn a_case_is_taken_up_noted_and_escalated_as_far_as_there_are_tiers() {
    let case = opened(100);
    let change = |case: &DisputeCase, update| case.update(&update, "ann", at(3)).unwrap().unwrap().0;
    let taken = change(&case, CaseUpdate { assigned_to: Some("bob".into()), ..CaseUpdate::default() });
    assert_eq!((taken.status, taken.assigned_to.as_deref()), (CaseStatus::UnderReview, Some("bob")));
    let note = CaseUpdate { note: Some("called".into()), ..CaseUpdate::default() };
    let noted = change(&change(&taken, note.clone()), note);
    let numbers: Vec<u32> = noted.notes.iter().map(|note| note.number).collect();
    assert_eq!((numbers, noted.notes[0].by.as_str(), noted.version), (vec![1, 2], "ann", Version::new(4)));
    let escalate = || CaseUpdate { escalate: true, ..CaseUpdate::default() };
    let (second, third) = (change(&noted, escalate()), change(&change(&noted, escalate()), escalate()));
    assert_eq!((second.tier, second.status), (Tier::Two, CaseStatus::Escalated));
    assert_eq!(third.tier, Tier::Three);
    assert_eq!(third.update(&escalate(), "ann", at(4)), Ok(None), "there is no higher one");
    let mut full = noted;
    full.notes = vec![full.notes[0].clone(); DisputeCase::NOTES_MAX];
    let more = CaseUpdate { note: Some("more".into()), ..CaseUpdate::default() };
    assert_eq!(full.update(&more, "ann", at(5)), Err(CaseRefusal::TooManyNotes));
}

#[test]
fn what_is_decided_fits_what_was_asked_for_and_is_decided_once() {
    use DecisionKind as K;
    let case = opened(100);
    for (kind, given, decided) in [
        (K::FullRefund, None, 100),
        (K::FullRefund, Some(100), 100),
        (K::PartialRefund, Some(1), 1),
        (K::PartialRefund, Some(100), 100),
        (K::Denied, None, 0),
        (K::Denied, Some(0), 0),
    ] {
        let resolved = decide(&case, kind, given).unwrap();
        let decision = resolved.decision.clone().unwrap();
        assert_eq!((decision.amount, resolved.status), (eur(decided), CaseStatus::Resolved));
        assert_eq!(decision.refund_id.is_some(), decided > 0, "a refund where there is money");
        assert_eq!(decide(&resolved, K::Denied, None), Err(CaseRefusal::Resolved));
        let update = CaseUpdate { escalate: true, ..CaseUpdate::default() };
        assert_eq!(resolved.update(&update, "ann", at(4)), Err(CaseRefusal::Resolved));
    }
    assert_eq!(decide(&case, K::PartialRefund, None), Err(CaseRefusal::AmountRequired));
    let beyond = CaseRefusal::BeyondRequest { asked: eur(101), requested: eur(100) };
    assert_eq!(decide(&case, K::PartialRefund, Some(101)), Err(beyond));
    for (kind, given) in [(K::FullRefund, 99), (K::FullRefund, 101), (K::Denied, 1)] {
        assert!(matches!(decide(&case, kind, Some(given)), Err(CaseRefusal::AmountContradicts(_))));
    }
    assert!(matches!(decide(&case, K::PartialRefund, Some(0)), Err(CaseRefusal::BadAmount(_))));
}

#[test]
fn a_chargebacks_case_ends_as_its_processor_says() {
    let told = ToldDispute {
        processor: "simulator".into(),
        processor_reference: Some("cb_1".into()),
        amount: eur(400),
        fee_minor: None,
        network: None,
        network_reason_code: Some("13.1".into()),
        reason: DisputeReason::ProductNotReceived,
        received_at: at(1),
        respond_by: Some(at(99)),
    };
    let id = DisputeId::from_uuid(Uuid::from_u128(8));
    let charge =
        Arc::new(charge().open_dispute(id, told, Actor::processor("simulator"), at(2)).unwrap().charge);
    let case = DisputeCase::of_chargeback(&charge, charge.dispute(id).unwrap(), Tier::One);
    assert_eq!((case.reason, case.source), (CaseReason::ServiceNotProvided, CaseSource::Chargeback));
    assert_eq!(decide(&case, DecisionKind::FullRefund, None), Err(CaseRefusal::ProcessorDecides));
    let file = |charge: &RefundableCharge| CaseFile {
        case: case.clone(),
        chargeback: charge.dispute(id).cloned(),
        evaluation: None,
    };
    assert_eq!((file(&charge).status(), file(&charge).end()), (CaseStatus::Open, None));
    assert_eq!(file(&charge).due_at(), at(99));
    for (status, decision, amount) in [
        (DisputeStatus::Won, DecisionKind::Denied, 0),
        (DisputeStatus::Lost, DecisionKind::FullRefund, 400),
        (DisputeStatus::Accepted, DecisionKind::FullRefund, 400),
    ] {
        let by = Actor::processor("simulator");
        let outcome = Outcome { status, by, reason: None, decided_at: at(5), overturns: false };
        let Ok(Settled::Changed(decided)) = charge.decide_dispute(id, outcome, at(6)) else {
            panic!("it can be decided")
        };
        let file = file(&decided.charge);
        let end = file.end().unwrap();
        assert_eq!((file.status(), end.decision), (CaseStatus::Resolved, decision));
        assert_eq!((end.amount, end.refund_id), (eur(amount), None), "the bank has moved the money");
    }
}

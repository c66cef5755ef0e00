//! Verifications, step by step.

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::kernel::{Metadata, TenantId};
use crate::vault::{
    Applied, Card, CreateMethod, ExpiryNotice, MethodCommand, MethodDetails, MethodEvent, MethodFingerprint,
    SealedTokens, SealingKey,
};

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + second, 0).expect("in range")
}

fn method() -> PaymentMethod {
    let card = Card { brand: "VISA".into(), last4: "4242".into(), exp_month: 12, exp_year: 2030, bin: None };
    let new = CreateMethod {
        tenant: TenantId::sandbox(),
        id: MethodId::from_uuid(Uuid::from_u128(7)),
        livemode: false,
        customer_id: Some("cust_1".into()),
        merchant_account_id: None,
        from_raw_data: false,
        details: MethodDetails::Card(card),
        mandate: None,
        duplicate_of: None,
        fingerprint: MethodFingerprint([1; 32]),
        tokens: SealedTokens { key: SealingKey::Installation(1), bytes: vec![1, 2, 3] },
        metadata: Metadata::default(),
        consent: None,
        billing: None,
        is_default: false,
    };
    PaymentMethod::create(new, at(0)).expect("allowed").0
}

fn try_step(
    method: &PaymentMethod,
    step: VerificationStep,
    now: Timestamp,
) -> Result<PaymentMethod, MethodRefusal> {
    Ok(match method.apply(&MethodCommand::Verify(step), now)? {
        Applied::Changed(next, event) => {
            assert_eq!(event, MethodEvent::VerificationChanged);
            *next
        }
        Applied::AlreadyApplied => method.clone(),
    })
}

fn step(method: &PaymentMethod, step: VerificationStep, now: Timestamp) -> PaymentMethod {
    try_step(method, step, now).expect("allowed")
}

fn begin(kind: VerificationKind) -> VerificationStep {
    VerificationStep::Begin(kind, "simulator".into())
}

fn last(method: &PaymentMethod) -> &Verification {
    method.verification.as_deref().expect("it was verified")
}

fn deposited(now: Timestamp) -> PaymentMethod {
    let begun = step(&method(), begin(VerificationKind::MicroDeposits), now);
    step(&begun, VerificationStep::Answer(1, VerificationAnswer::Deposited("digest".into())), now)
}

#[test]
fn an_answer_that_did_not_come_is_sought_later_and_later_and_is_no_failure_in_the_end() {
    let mut method = step(&method(), begin(VerificationKind::ZeroAmount), at(0));
    let mut waits = Vec::new();
    let mut now = at(0);
    while method.verification_status() == VerificationStatus::Pending {
        method = step(&method, VerificationStep::Answer(1, VerificationAnswer::Unknown), now);
        if let Some(due) = last(&method).due_at {
            waits.push((due - now).num_seconds());
            now = due;
        }
    }
    assert_eq!(waits[..6], [5, 30, 120, 600, 3600, 3600]);
    assert!(now - at(0) >= SOUGHT_FOR, "{now}");
    assert_eq!(method.verification_status(), VerificationStatus::Unverified);
    assert_eq!(last(&method).result.reason.as_deref(), Some("no_answer"));
    assert_eq!(last(&method).due_at, None);
}

#[test]
fn three_wrong_pairs_of_amounts_end_it_for_good() {
    let mut method = deposited(at(0));
    for left in [2, 1, 0] {
        method = step(&method, VerificationStep::Amounts(false), at(5));
        assert_eq!(last(&method).tries_left(), left);
    }
    assert_eq!(method.verification_status(), VerificationStatus::Failed);
    assert_eq!(last(&method).deposits, None, "their digest is not kept");
    let right = try_step(&method, VerificationStep::Amounts(true), at(6));
    assert_eq!(right, Err(MethodRefusal::VerificationLocked));
    let again = try_step(&method, begin(VerificationKind::MicroDeposits), at(6));
    assert_eq!(again, Err(MethodRefusal::VerificationLocked));
}

#[test]
fn the_right_amounts_verify_it_after_a_wrong_try_and_not_after_their_time() {
    let wrong = step(&deposited(at(0)), VerificationStep::Amounts(false), at(5));
    let right = step(&wrong, VerificationStep::Amounts(true), at(6));
    assert_eq!(right.verification_status(), VerificationStatus::Verified);
    assert_eq!(try_step(&right, VerificationStep::Amounts(true), at(7)), Err(MethodRefusal::NoDeposits));
    let over = at(0) + DEPOSITS_LIFE;
    assert_eq!(try_step(&wrong, VerificationStep::Amounts(true), over), Err(MethodRefusal::NoDeposits));
    assert_eq!(step(&wrong, VerificationStep::Expire, at(7)), wrong, "it is not time");
    let expired = step(&wrong, VerificationStep::Expire, over);
    assert_eq!(last(&expired).result.reason.as_deref(), Some("deposits_expired"));
    let again = step(&expired, begin(VerificationKind::MicroDeposits), over);
    assert_eq!((last(&again).number, last(&again).tries_left()), (2, DEPOSIT_TRIES_MAX));
    assert_ne!(last(&again).reference(again.id), last(&expired).reference(again.id));
}

#[test]
fn one_verification_runs_at_a_time_and_only_its_own_answer_counts() {
    let begun = step(&method(), begin(VerificationKind::ZeroAmount), at(0));
    assert_eq!(step(&begun, begin(VerificationKind::ZeroAmount), at(1)), begun, "it goes on");
    let other = try_step(&begun, begin(VerificationKind::ThreeDs), at(1));
    assert_eq!(other, Err(MethodRefusal::VerificationPending));
    let passed = || VerificationAnswer::Passed(VerificationResult::default());
    assert_eq!(step(&begun, VerificationStep::Answer(2, passed()), at(1)), begun);
    let verified = step(&begun, VerificationStep::Answer(1, passed()), at(2));
    let failed = VerificationAnswer::Failed(VerificationResult::because("declined"));
    assert_eq!(step(&verified, VerificationStep::Answer(1, failed), at(3)), verified, "the first counts");
    assert_eq!(try_step(&begun, VerificationStep::Amounts(true), at(1)), Err(MethodRefusal::NoDeposits));
}

#[test]
fn a_deleted_method_waits_for_nothing_and_keeps_what_came_of_it() {
    let delete = |method: &PaymentMethod| match method.apply(&MethodCommand::Delete, at(9)) {
        Ok(Applied::Changed(next, _)) => *next,
        other => panic!("{other:?}"),
    };
    assert_eq!(delete(&deposited(at(0))).verification, None);
    let verified = step(&deposited(at(0)), VerificationStep::Amounts(true), at(1));
    assert_eq!(delete(&verified).verification_status(), VerificationStatus::Verified);
}

#[test]
fn a_cards_expiry_is_told_twice_when_its_last_month_begins_and_when_it_is_over() {
    let instant = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let mut told = Vec::new();
    let mut method = method();
    for now in
        ["2030-11-30T12:00:00Z", "2030-12-02T00:00:00Z", "2030-12-20T00:00:00Z", "2031-01-02T00:00:00Z"]
    {
        for _ in 0..2 {
            if let Ok(Applied::Changed(next, event)) = method.apply(&MethodCommand::TellExpiry, instant(now))
            {
                method = *next;
                told.push((now, event));
            }
        }
    }
    let wanted =
        [("2030-12-02T00:00:00Z", MethodEvent::Expiring), ("2031-01-02T00:00:00Z", MethodEvent::Expired)];
    assert_eq!(told, wanted);
    assert_eq!(method.expiry_told, Some(ExpiryNotice::Expired));
}

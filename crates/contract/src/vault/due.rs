//! What the workers look for, over all tenants.

use std::sync::Arc;

use chrono::TimeDelta;
use tender_domain::kernel::{Save, TenantId, Timestamp};
use tender_domain::vault::{
    Applied, Card, CreateMethod, DEPOSITS_LIFE, Enrolment, ExpiryNotice, MethodCommand, MethodDetails,
    MethodStore, PaymentMethod, ThreeDsSupport, VerificationAnswer, VerificationKind, VerificationResult,
    VerificationStatus, VerificationStep,
};

use super::{at, card, commit, new_method, saved, tenant};

const FAR: usize = 1_000;

async fn step(
    store: &dyn MethodStore,
    method: &Arc<PaymentMethod>,
    (step, now): (VerificationStep, Timestamp),
) -> Arc<PaymentMethod> {
    let Ok(Applied::Changed(next, _)) = method.apply(&MethodCommand::Verify(step), now) else {
        panic!("the step changes nothing");
    };
    let save = Save::changed(Arc::clone(method), *next);
    let after = Arc::clone(&save.after);
    let _ = commit(store, vec![save]).await.expect("saved");
    let read = store.method(&after.tenant, after.id).await.expect("readable");
    assert_eq!(read.as_ref(), Some(&after), "it is read as it was saved");
    after
}

async fn due(store: &dyn MethodStore, tenant: &TenantId, now: Timestamp) -> Vec<Arc<PaymentMethod>> {
    let mut due = store.due_verifications(now, FAR).await.expect("readable");
    due.retain(|method| method.tenant == *tenant);
    due
}

/// Each state of a verification is read as it was saved; one that waits is found once it is due, the longest waiting first,
/// and one that ended is not.
///
/// # Panics
/// When the promise is broken.
pub async fn a_verification_is_read_as_it_was_saved_and_found_when_it_is_due(store: &dyn MethodStore) {
    let tenant = tenant("verified");
    let account = saved(store, new_method(&tenant, 1, Some("cust_1"))).await;
    let begin = |kind| VerificationStep::Begin(kind, "simulator".to_owned());
    let begun = step(store, &account, (begin(VerificationKind::MicroDeposits), at(10))).await;
    assert_eq!(due(store, &tenant, at(10)).await, [], "who began it has it to itself");
    assert_eq!(due(store, &tenant, at(3600)).await, [Arc::clone(&begun)]);
    let card = saved(store, new_method(&tenant, 2, None)).await;
    let asked = step(store, &card, (begin(VerificationKind::ThreeDs), at(5))).await;
    assert_eq!(due(store, &tenant, at(3600)).await, [Arc::clone(&asked), Arc::clone(&begun)]);
    let answer = VerificationAnswer::Deposited("a digest".to_owned());
    let sent = step(store, &begun, (VerificationStep::Answer(1, answer), at(20))).await;
    let result = VerificationResult {
        three_ds: Some(ThreeDsSupport {
            enrolment: Enrolment::Enrolled,
            version: Some("2.2.0".to_owned()),
            device_fingerprint: true,
        }),
        avs_result: Some("Y".to_owned()),
        ..VerificationResult::because("none")
    };
    let answer = VerificationStep::Answer(1, VerificationAnswer::Passed(result));
    let ended = step(store, &asked, (answer, at(21))).await;
    assert_eq!(ended.verification_status(), VerificationStatus::Verified);
    assert_eq!(due(store, &tenant, at(3600)).await, []);
    let over = at(20) + DEPOSITS_LIFE;
    assert_eq!(due(store, &tenant, over).await, [Arc::clone(&sent)], "the time to name amounts is over");
    let wrong = step(store, &sent, (VerificationStep::Amounts(false), at(22))).await;
    let expired = step(store, &wrong, (VerificationStep::Expire, over)).await;
    assert_eq!(expired.verification_status(), VerificationStatus::Failed);
    assert_eq!(due(store, &tenant, over + TimeDelta::days(1)).await, []);
}

/// Cards whose last month is over, and after them those whose last month it is, until it was told; no deleted ones, and no
/// methods without a card.
///
/// # Panics
/// When the promise is broken.
pub async fn cards_whose_expiry_is_to_tell_are_found(store: &dyn MethodStore) {
    let tenant = tenant("expiring");
    let of = |number, month, year| CreateMethod {
        details: MethodDetails::Card(card(month, year)),
        ..new_method(&tenant, number, Some("cust_1"))
    };
    let past = saved(store, of(1, 2, 2001)).await;
    let last = saved(store, of(2, 3, 2001)).await;
    let _ = saved(store, of(3, 4, 2001)).await;
    let deleted = saved(store, of(4, 1, 2001)).await;
    let gone = super::applied(&deleted, &MethodCommand::Delete);
    let _ = commit(store, vec![gone]).await.expect("deleted");
    let now: Timestamp = "2001-03-15T12:00:00Z".parse().expect("an instant");
    let find = async || {
        let month = Card::first_good_month(now);
        let mut found = store.expiries_to_tell(month, FAR).await.expect("readable");
        found.retain(|method| method.tenant == tenant);
        found
    };
    assert_eq!(find().await, [Arc::clone(&past), Arc::clone(&last)]);
    assert!(store.expiries_to_tell(Card::first_good_month(now), 1).await.expect("readable").len() == 1);
    for (method, notice) in [(&past, ExpiryNotice::Expired), (&last, ExpiryNotice::Expiring)] {
        let Ok(Applied::Changed(next, _)) = method.apply(&MethodCommand::TellExpiry, now) else {
            panic!("there is something to tell");
        };
        assert_eq!(next.expiry_told, Some(notice));
        let save = Save::changed(Arc::clone(method), *next);
        let after = Arc::clone(&save.after);
        let _ = commit(store, vec![save]).await.expect("saved");
        assert_eq!(store.method(&tenant, after.id).await.expect("readable"), Some(after));
    }
    assert_eq!(find().await, [], "each was told");
}

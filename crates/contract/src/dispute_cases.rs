//! What every [`DisputeCaseStore`] promises, with the unit of work of the refunds beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::dispute_cases::{
    CaseFile, CaseFilter, CaseReason, CaseSource, CaseStatus, CaseUpdate, DecisionKind, DisputeCase,
    DisputeCaseStore, DisputeReminder, DisputeTiers, OpenCase, ResolveCase, Tier, TierLimits,
};
use tender_domain::disputes::{DisputeStatus, DisputeStore};
use tender_domain::kernel::{
    Change, CommitError, Currency, Cursor, Direction, DisputeId, Money, PageRequest, PolicyEvaluationId,
    RefundId, Save, TenantId, Timestamp,
};
use tender_domain::refunds::{RefundStore, RefundableCharge};
use uuid::Uuid;

use crate::disputes::{decided, disputed};
use crate::refunds::{at, opened};

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn all<S: RefundStore + DisputeStore + DisputeCaseStore>(store: &S) {
    a_case_is_read_as_it_was_saved_from_its_opening_to_its_end(store).await;
    what_is_decided_stays_and_a_stale_change_is_a_conflict(store).await;
    a_chargebacks_case_shows_its_chargeback_and_is_found_by_how_it_ended(store).await;
    cases_are_paged_and_found_by_what_they_are(store).await;
    limits_are_read_as_they_were_saved(store).await;
    what_is_open_and_due_is_told_once_at_each_distance(store).await;
}

fn tenant(name: &str) -> TenantId {
    format!("cases-{name}").parse().expect("test tenants are named well")
}

fn dp(number: u128) -> DisputeId {
    DisputeId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0002_0000_0000 + number))
}

fn guest_case(charge: &RefundableCharge, number: u128, tier: Tier) -> DisputeCase {
    let wanted = OpenCase {
        id: dp(number),
        reason: CaseReason::Medical,
        requested: Money::new(5_000, Currency::EUR),
        description: "é \"ill\" '".to_owned(),
        tier,
        evaluation: PolicyEvaluationId::from_uuid(Uuid::from_u128(number)),
    };
    DisputeCase::open(charge, wanted, at(1)).expect("it can be opened").0
}

async fn save(
    store: &dyn RefundStore,
    before: Option<&DisputeCase>,
    after: &DisputeCase,
) -> Result<(), CommitError> {
    let save = Save::<DisputeCase> { before: before.cloned().map(Arc::new), after: Arc::new(after.clone()) };
    store.commit(Change::of(after.tenant.clone()).save(save)).await.map(|_| ())
}

async fn read<S: DisputeCaseStore>(store: &S, case: &DisputeCase) -> CaseFile {
    store.case_file(&case.tenant, case.id).await.expect("it can be read").expect("it is there")
}

fn noted(case: &DisputeCase, text: &str) -> DisputeCase {
    let update =
        CaseUpdate { note: Some(text.to_owned()), assigned_to: Some("bob".to_owned()), escalate: true };
    case.update(&update, "ann", at(2)).expect("it is open").expect("it changes").0
}

fn resolved(case: &DisputeCase, kind: DecisionKind) -> DisputeCase {
    let wanted = ResolveCase {
        kind,
        amount_minor: (kind == DecisionKind::PartialRefund).then_some(1),
        reason: "because".to_owned(),
        refund_id: RefundId::from_uuid(Uuid::from_u128(7)),
        by: "ann".to_owned(),
    };
    case.resolve(wanted, at(3)).expect("it is open").0
}

async fn a_case_is_read_as_it_was_saved_from_its_opening_to_its_end<S>(store: &S)
where
    S: RefundStore + DisputeCaseStore,
{
    let charge = opened(store, &tenant("whole"), 1).await;
    for (number, kind) in DecisionKind::ALL.iter().enumerate() {
        let first = guest_case(&charge, number as u128, Tier::One);
        let second = noted(&first, "one\n\"two\"");
        let third = noted(&second, "three");
        let last = resolved(&third, *kind);
        let mut before = None;
        for after in [first, second, third, last] {
            assert!(save(store, before.as_ref(), &after).await.is_ok());
            assert_eq!(read(store, &after).await.case, after);
            before = Some(after);
        }
    }
    let other = store.case_file(&tenant("other"), dp(0)).await.expect("it can be read");
    assert_eq!(other, None, "another tenant's is not there");
}

async fn what_is_decided_stays_and_a_stale_change_is_a_conflict<S>(store: &S)
where
    S: RefundStore + DisputeCaseStore,
{
    let charge = opened(store, &tenant("stays"), 1).await;
    let first = guest_case(&charge, 1, Tier::One);
    assert!(save(store, None, &first).await.is_ok());
    let again = save(store, None, &first).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    let second = noted(&first, "one");
    assert!(save(store, Some(&first), &second).await.is_ok());
    let stale = save(store, Some(&first), &noted(&first, "two")).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let last = resolved(&second, DecisionKind::FullRefund);
    assert!(save(store, Some(&second), &last).await.is_ok());
    // What no law of the domain lets through, the store refuses as well.
    let undone = DisputeCase { version: last.version.next(), ..second.clone() };
    let undone = save(store, Some(&last), &undone).await;
    assert!(matches!(undone, Err(CommitError::Refused { .. })), "{undone:?}");
    assert_eq!(read(store, &last).await.case, last);
}

async fn a_chargebacks_case_shows_its_chargeback_and_is_found_by_how_it_ended<S>(store: &S)
where
    S: RefundStore + DisputeStore + DisputeCaseStore,
{
    let acme = tenant("chargebacks");
    let charge = disputed(store, &opened(store, &acme, 1).await, 1, 500).await;
    let dispute = charge.disputes[0].clone();
    let case = DisputeCase::of_chargeback(&charge, &dispute, Tier::One);
    assert!(save(store, None, &case).await.is_ok());
    let file = read(store, &case).await;
    assert_eq!(file, CaseFile { case: case.clone(), chargeback: Some(dispute), evaluation: None });
    let found = async |status| {
        let filter = CaseFilter { status: Some(status), ..CaseFilter::default() };
        store.case_files(&acme, &filter, &PageRequest::default()).await.expect("it can be read").data.len()
    };
    assert_eq!((found(CaseStatus::Open).await, found(CaseStatus::Resolved).await), (1, 0));
    decided(store, &charge, 1, DisputeStatus::Lost).await;
    assert_eq!((found(CaseStatus::Open).await, found(CaseStatus::Resolved).await), (0, 1));
    assert_eq!(read(store, &case).await.status(), CaseStatus::Resolved);
}

async fn cases_are_paged_and_found_by_what_they_are<S>(store: &S)
where
    S: RefundStore + DisputeCaseStore,
{
    let acme = tenant("lists");
    let charge = opened(store, &acme, 1).await;
    for number in 1..=5 {
        assert!(save(store, None, &guest_case(&charge, number, Tier::Two)).await.is_ok());
    }
    let fifth = guest_case(&charge, 5, Tier::Two);
    assert!(save(store, Some(&fifth), &noted(&fifth, "up")).await.is_ok());
    let page = |cursor, direction| PageRequest::new(2, cursor, direction).expect("in range");
    let ids = async |filter: &CaseFilter, request: PageRequest| {
        let page = store.case_files(&acme, filter, &request).await.expect("it can be read");
        let ids: Vec<DisputeId> = page.data.iter().map(|file| file.case.id).collect();
        (ids, page.has_more)
    };
    let all = CaseFilter::default();
    let older = Direction::Older;
    assert_eq!(ids(&all, page(None, older)).await, (vec![dp(5), dp(4)], true));
    assert_eq!(ids(&all, page(Some(Cursor(dp(2).uuid())), older)).await, (vec![dp(1)], false));
    let newer = page(Some(Cursor(dp(2).uuid())), Direction::Newer);
    assert_eq!(ids(&all, newer).await, (vec![dp(4), dp(3)], true));
    let (one, none) = (vec![dp(5)], Vec::new());
    for (filter, expected) in [
        (CaseFilter { status: Some(CaseStatus::Escalated), ..all.clone() }, &one),
        (CaseFilter { tier: Some(Tier::Three), ..all.clone() }, &one),
        (CaseFilter { tier: Some(Tier::One), ..all.clone() }, &none),
        (CaseFilter { assigned_to: Some("bob".to_owned()), ..all.clone() }, &one),
        (CaseFilter { guest_id: Some("nobody".to_owned()), ..all.clone() }, &none),
        (CaseFilter { source: Some(CaseSource::Chargeback), ..all.clone() }, &none),
    ] {
        assert_eq!(&ids(&filter, page(None, older)).await.0, expected, "{filter:?}");
    }
    let of_payment =
        CaseFilter { intent_id: Some(charge.intent_id), guest_id: charge.customer_id.clone(), ..all };
    assert!(ids(&of_payment, page(None, older)).await.1, "all five are of this payment and guest");
}

async fn limits_are_read_as_they_were_saved<S>(store: &S)
where
    S: RefundStore + DisputeCaseStore,
{
    let acme = tenant("limits");
    assert_eq!(store.dispute_tiers(&acme).await.expect("it can be read"), None);
    let limits = |first_minor| TierLimits { first_minor, second_minor: Money::MAX_MINOR };
    let all = BTreeMap::from([(Currency::JPY, limits(1)), (Currency::BHD, limits(2))]);
    let unset = DisputeTiers::standard(acme.clone(), at(0));
    let first = Arc::new(unset.replace(Currency::JPY, all, at(1)).expect("good limits"));
    let commit = |save: Save<DisputeTiers>| store.commit(Change::of(acme.clone()).save(save));
    assert!(commit(Save::new(Arc::clone(&first))).await.is_ok());
    assert_eq!(store.dispute_tiers(&acme).await.expect("it can be read").as_ref(), Some(&*first));
    let second = first.replace(Currency::BHD, first.limits.clone(), at(2)).expect("good limits");
    let second = Arc::new(second);
    assert!(commit(Save::changed(Arc::clone(&first), Arc::clone(&second))).await.is_ok());
    assert_eq!(store.dispute_tiers(&acme).await.expect("it can be read").as_ref(), Some(&*second));
    let stale = commit(Save::changed(first, second)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
}

async fn what_is_open_and_due_is_told_once_at_each_distance<S>(store: &S)
where
    S: RefundStore + DisputeStore + DisputeCaseStore,
{
    let acme = tenant("due");
    // Due a week after 0; and two weeks after it was opened.
    let charge = disputed(store, &opened(store, &acme, 1).await, 1, 500).await;
    let case = guest_case(&charge, 1, Tier::One);
    assert!(save(store, None, &case).await.is_ok());
    let ended = resolved(&guest_case(&charge, 2, Tier::One), DecisionKind::Denied);
    assert!(save(store, None, &ended).await.is_ok());
    let due = async |now| {
        let due = store.disputes_due(now, 10).await.expect("it can be read");
        due.into_iter().filter(|due| due.tenant == acme).map(|due| due.dispute).collect::<Vec<_>>()
    };
    let chargeback = charge.disputes[0].clone();
    let hours = |end: Timestamp, hours: i64| end - chrono::TimeDelta::hours(hours);
    for (dispute, end) in
        [(chargeback.id, chargeback.evidence_due_by.expect("a day")), (case.id, case.due_at)]
    {
        assert_eq!(due(hours(end, 73)).await, [], "not yet");
        for (now, distance) in [(hours(end, 72), 72), (hours(end, 20), 24)] {
            assert_eq!(due(now).await, [dispute]);
            let reached = DisputeReminder::hours_reached(end, now).expect("it is near");
            assert_eq!(reached, distance);
            let reminder = Arc::new(DisputeReminder {
                tenant: acme.clone(),
                dispute,
                due_at: end,
                hours_before: reached,
                at: now,
            });
            let commit = || {
                let save = Save::<DisputeReminder>::new(Arc::clone(&reminder));
                store.commit(Change::of(acme.clone()).save(save))
            };
            assert!(commit().await.is_ok());
            assert_eq!(due(now).await, [], "told");
            let again = commit().await;
            assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
        }
        assert_eq!(due(hours(end, 0)).await, [], "too late");
    }
}

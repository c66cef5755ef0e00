//! What people who look are shown.

use tender_domain::intents::{
    AttemptStatus, CancelStep, IntentStore, OpenCounts, PURSUED_FOR, StartCapture, VoidState,
};
use tender_domain::kernel::{IntentId, TenantId};

use super::builders::{LOOKUP, approved, at, att, cap, eur, no, pi, save, saved, started, tenant};

async fn open(store: &dyn IntentStore, tenant: &TenantId, limit: usize) -> (Vec<IntentId>, OpenCounts) {
    let (intents, counts) = store.with_open_outcomes(tenant, limit).await.expect("it can be read");
    assert!(intents.iter().all(|intent| !intent.open_outcomes().is_empty()), "each is whole");
    (intents.iter().map(|intent| intent.id).collect(), counts)
}

/// Attempts, voids and captures, in flight, pursued or a person's; none of another tenant.
///
/// # Panics
/// When the promise is broken.
pub async fn open_outcomes_are_shown_longest_open_first_and_counted(store: &dyn IntentStore) {
    let (mine, other) = (tenant("open-mine"), tenant("open-other"));
    let counts = |in_flight, pursued, queued| OpenCounts { in_flight, pursued, queued };
    assert_eq!(open(store, &mine, 9).await, (vec![], counts(0, 0, 0)));
    let _theirs = started(store, &other, 1).await;
    let _quiet = saved(store, &mine, 2).await;
    let _held = approved(store, &mine, 3).await;

    // A capture begun at second 5, an attempt at second 1, a void at second 4.
    let held = approved(store, &mine, 4).await;
    let part = StartCapture { id: cap(40), amount: Some(eur(1)), is_final: false };
    let pending = save(store, Some(&held), held.start_capture(&part, at(5)).expect("held")).await;
    let begun = started(store, &mine, 5).await;
    let held = approved(store, &mine, 6).await;
    let Ok(CancelStep::VoidStarted { intent, .. }) = held.cancel("no", at(4)) else { panic!("it is voided") };
    let voiding = save(store, Some(&held), intent).await;
    assert_eq!(open(store, &mine, 9).await, (vec![pi(5), pi(6), pi(4)], counts(3, 0, 0)));
    assert_eq!(open(store, &mine, 1).await, (vec![pi(5)], counts(3, 0, 0)), "all are counted");

    let step = begun.record_unknown(att(5), "silence", LOOKUP, at(20)).expect("open");
    let unknown = save(store, Some(&begun), step.intent).await;
    let step = voiding.record_void_declined(att(6), "no", at(20)).expect("on its way");
    assert_eq!(step.intent.open_outcomes()[0].status, VoidState::Declined.as_str());
    let _stuck = save(store, Some(&voiding), step.intent).await;
    let step =
        pending.record_capture_unknown(cap(40), "silence", LOOKUP, at(5) + PURSUED_FOR).expect("pending");
    let _overdue = save(store, Some(&pending), step.intent).await;
    assert_eq!(open(store, &mine, 9).await, (vec![pi(5), pi(6), pi(4)], counts(0, 1, 2)));
    let oldest = store.oldest_open_outcome().await.expect("it can be read");
    assert!(oldest.is_some_and(|oldest| oldest <= at(1)), "over all tenants: {oldest:?}");

    let step = unknown.record_answer(att(5), no(), cap(5), at(21)).expect("open");
    let _declined = save(store, Some(&unknown), step.intent).await;
    assert_eq!(open(store, &mine, 9).await, (vec![pi(6), pi(4)], counts(0, 0, 2)), "what is known is gone");
}

/// Declines and errors, newest first, of as many as are looked at.
///
/// # Panics
/// When the promise is broken.
pub async fn what_failed_of_the_newest_attempts_is_shown(store: &dyn IntentStore) {
    let tenant = tenant("failed-recently");
    for number in [1, 2, 3] {
        let begun = started(store, &tenant, number).await;
        let step = match number {
            1 => begun.record_answer(att(1), no(), cap(1), at(2)),
            2 => begun.record_not_done(att(2), "it \"refused\"", at(2)),
            _ => continue,
        };
        let _ended = save(store, Some(&begun), step.expect("open").intent).await;
    }
    let other = super::builders::tenant("failed-elsewhere");
    let begun = started(store, &other, 4).await;
    let step = begun.record_not_done(att(4), "no", at(2)).expect("open");
    let _ended = save(store, Some(&begun), step.intent).await;

    let recent = async |from, look_at, limit| {
        let recent = store.recent_attempts(&tenant, att(from), look_at, limit).await.expect("it can be read");
        let failed: Vec<_> = recent.newest_failed.iter().map(|failed| failed.attempt).collect();
        (recent.looked_at, recent.failed, failed)
    };
    assert_eq!(recent(1, 9, 9).await, (3, 2, vec![att(2), att(1)]));
    assert_eq!(recent(1, 9, 1).await, (3, 2, vec![att(2)]));
    assert_eq!(recent(2, 9, 9).await, (2, 1, vec![att(2)]));
    assert_eq!(recent(1, 1, 9).await, (1, 0, vec![]), "the newest is still open");
    let all = store.recent_attempts(&tenant, att(1), 9, 9).await.expect("it can be read").newest_failed;
    let declined = &all[1];
    assert_eq!((declined.status, declined.intent), (AttemptStatus::Declined, pi(1)));
    assert_eq!(declined.decline_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(all[0].problem.as_deref(), Some("it \"refused\""));
    assert_eq!((all[0].connector.as_str(), all[0].started_at), ("simulator", at(1)));
}

//! Jobs and their items.

use std::sync::Arc;

use tender_domain::intents::{IntentStore, Job, JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{Change, CommitError, JobId, Save, TenantId};
use uuid::Uuid;

use super::builders::{at, pi, tenant};

fn job(tenant: &TenantId, number: u128) -> Job {
    Job {
        id: JobId::from_uuid(Uuid::from_u128(number)),
        tenant: tenant.clone(),
        livemode: true,
        created_by: "O'Neil".into(),
        created_at: at(1),
    }
}

/// A job of `pending` items, and one that was refused at once.
async fn saved(store: &dyn IntentStore, tenant: &TenantId, number: u128, pending: u32) -> Arc<JobWithItems> {
    let job = job(tenant, number);
    let body = |place| JobItemState::Pending(format!("{{\"amount\": {place}}}"));
    let mut items: Vec<_> = (0..pending).map(|place| JobItem::new(&job, place, body(place))).collect();
    let problem = "{\"code\": \"it's bad\"}".to_owned();
    items.push(JobItem::new(&job, pending, JobItemState::Failed { problem, at: at(1) }));
    let new = Arc::new(JobWithItems { job, items });
    let committed = store.commit(Change::of(tenant.clone()).save(Arc::clone(&new))).await;
    assert!(committed.is_ok(), "{committed:?}");
    new
}

/// With its items, and not by another tenant; once.
///
/// # Panics
/// When the promise is broken.
pub async fn a_job_is_read_as_it_was_saved(store: &dyn IntentStore) {
    let (mine, other) = (tenant("job-mine"), tenant("job-other"));
    let new = saved(store, &mine, 1, 2).await;
    let id = new.job.id;
    assert_eq!(store.job(&mine, id).await.expect("it can be read").as_ref(), Some(&*new));
    assert_eq!(store.job(&other, id).await.expect("it can be read"), None);
    let again = store.commit(Change::of(mine.clone()).save(new)).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
}

/// Of two who end it, one does.
///
/// # Panics
/// When the promise is broken.
pub async fn an_item_ends_once(store: &dyn IntentStore) {
    let tenant = tenant("job-ends");
    let new = saved(store, &tenant, 2, 2).await;
    let end = async |item: &JobItem, state| {
        let after = item.ended(state).expect("it is pending");
        store.commit(Change::of(tenant.clone()).save(Save::<JobItem>::changed(item.clone(), after))).await
    };
    let done = JobItemState::Succeeded { made: pi(9), at: at(5) };
    assert!(end(&new.items[0], done.clone()).await.is_ok());
    let late = end(&new.items[0], JobItemState::Failed { problem: "{}".into(), at: at(6) }).await;
    assert!(matches!(late, Err(CommitError::Conflict)), "{late:?}");
    let read = store.job(&tenant, new.job.id).await.expect("it can be read").expect("it is there");
    assert_eq!((&read.items[0].state, read.done()), (&done, 2));
    assert_eq!(read.items[1], new.items[1], "the others are as they were");
}

/// The first of each before the second of any; none that has ended.
///
/// # Panics
/// When the promise is broken.
pub async fn pending_items_of_jobs_come_side_by_side(store: &dyn IntentStore) {
    let (one, two) = (tenant("job-one"), tenant("job-two"));
    let first = saved(store, &one, 3, 3).await;
    let second = saved(store, &two, 4, 1).await;
    let pending = store.pending_items(10).await.expect("it can be read");
    assert!(pending.iter().all(|(job, _)| *job == first.job || *job == second.job));
    let places: Vec<_> = pending.iter().map(|(job, item)| (item.number, job.id)).collect();
    assert_eq!(places, [(0, first.job.id), (0, second.job.id), (1, first.job.id), (2, first.job.id)]);
    assert_eq!(store.pending_items(2).await.expect("it can be read").len(), 2);
    let item = &pending[0].1;
    let JobItemState::Pending(body) = &item.state else { panic!("it is pending") };
    assert!(body.contains("\"amount\": 0"), "{body}");
}

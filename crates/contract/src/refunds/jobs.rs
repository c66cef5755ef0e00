use std::sync::Arc;

use tender_domain::jobs::Job;
use tender_domain::kernel::{Change, CommitError, JobId, JobOwner, Save, TenantId};
use tender_domain::refunds::{RefundJobItem, RefundJobItemState, RefundJobWithItems, RefundStore};
use uuid::Uuid;

use super::charges::{at, rf, tenant};

/// With its items, not by another tenant, once; of two who end an item, one does; what is pending comes in its order.
pub(super) async fn a_job_is_read_as_it_was_saved_and_its_items_end_once(store: &dyn RefundStore) {
    let (mine, other) = (tenant("job-mine"), tenant("job-other"));
    let job = Job {
        id: JobId::of(JobOwner::Refunds, Uuid::from_u128(77 << 64)),
        tenant: mine.clone(),
        livemode: true,
        created_by: "O'Neil".into(),
        created_at: at(1),
    };
    let pending = |number| {
        let body = RefundJobItemState::Pending(format!("{{\"amount\": {number}}}"));
        RefundJobItem::new(&job, number, body)
    };
    let problem = "{\"code\": \"it's bad\"}".to_owned();
    let refused = RefundJobItem::new(&job, 2, RefundJobItemState::Failed { problem, at: at(1) });
    let items = vec![pending(0), pending(1), refused];
    let new = Arc::new(RefundJobWithItems { job: job.clone(), items });
    let save = |tenant: &TenantId| Change::of(tenant.clone()).save(Arc::clone(&new));
    assert!(store.commit(save(&mine)).await.is_ok());
    assert_eq!(store.job(&mine, job.id).await.expect("it can be read").as_ref(), Some(&*new));
    assert_eq!(store.job(&other, job.id).await.expect("it can be read"), None);
    let again = store.commit(save(&mine)).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");

    let ours = async || {
        let all = store.pending_items(100).await.expect("it can be read");
        all.into_iter().filter(|(of, _)| of.id == job.id).map(|(_, item)| item.number).collect::<Vec<_>>()
    };
    assert_eq!(ours().await, [0, 1]);
    let done = RefundJobItemState::Succeeded { made: rf(9_001), at: at(5) };
    let ended = new.items[0].ended(done).expect("it is pending");
    let end = async || {
        let save = Save::<RefundJobItem>::changed(new.items[0].clone(), ended.clone());
        store.commit(Change::of(mine.clone()).save(save)).await
    };
    assert!(end().await.is_ok());
    let twice = end().await;
    assert!(matches!(twice, Err(CommitError::Conflict)), "{twice:?}");
    assert_eq!(ours().await, [1]);
    let read = store.job(&mine, job.id).await.expect("it can be read").expect("it is there");
    assert_eq!((&read.items[0], read.done()), (&ended, 2));
}

//! Jobs: many things made by one request, one after the other, each once (contract §2 "Long jobs").
//!
//! A service whose requests make many of one kind has jobs of that kind's ids: intents of [`IntentId`](crate::kernel::IntentId)s,
//! refunds of [`RefundId`](crate::kernel::RefundId)s.

use uuid::Uuid;

use crate::kernel::{Id, IdKind, JobId, TenantId, Timestamp, Version};

/// The id of what an item becomes.
pub trait Made: Copy + Send + Sync + 'static {
    /// The id of this UUID.
    fn of_uuid(uuid: Uuid) -> Self;

    /// Its UUID.
    fn as_uuid(self) -> Uuid;
}

impl<K: IdKind + Send + Sync + 'static> Made for Id<K> {
    fn of_uuid(uuid: Uuid) -> Self {
        Self::from_uuid(uuid)
    }

    fn as_uuid(self) -> Uuid {
        self.uuid()
    }
}

/// The most items of a job.
pub const JOB_ITEMS_MAX: usize = 1_000;

/// A job. It never changes: how far it is, its items say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose.
    pub tenant: TenantId,
    /// Whether it is about live money.
    pub livemode: bool,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// How far an item of a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobItemState<R> {
    /// To be done: what was asked for, as JSON.
    Pending(String),
    /// Done: what it became.
    Succeeded {
        /// Its id.
        made: R,
        /// When.
        at: Timestamp,
    },
    /// Refused: the problem, as JSON.
    Failed {
        /// The problem.
        problem: String,
        /// When.
        at: Timestamp,
    },
}

/// One item of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobItem<R> {
    /// Whose.
    pub tenant: TenantId,
    /// Of which job.
    pub job: JobId,
    /// Its place in the request, from 0.
    pub number: u32,
    /// How often it was committed.
    pub version: Version,
    /// How far it is.
    pub state: JobItemState<R>,
}

impl<R: Clone> JobItem<R> {
    /// An item of a new job.
    #[must_use]
    pub fn new(job: &Job, number: u32, state: JobItemState<R>) -> Self {
        Self { tenant: job.tenant.clone(), job: job.id, number, version: Version::FIRST, state }
    }

    /// The item with what became of it; none when that is known already.
    #[must_use]
    pub fn ended(&self, state: JobItemState<R>) -> Option<Self> {
        let pending = matches!(self.state, JobItemState::Pending(_));
        pending.then(|| Self { version: self.version.next(), state, ..self.clone() })
    }
}

/// A job with its items, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobWithItems<R> {
    /// The job.
    pub job: Job,
    /// Its items.
    pub items: Vec<JobItem<R>>,
}

impl<R> JobWithItems<R> {
    /// How many items have an end.
    #[must_use]
    pub fn done(&self) -> usize {
        self.items.iter().filter(|item| !matches!(item.state, JobItemState::Pending(_))).count()
    }

    /// When the last item ended, once all have.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        let ends = self.items.iter().map(|item| match &item.state {
            JobItemState::Pending(_) => None,
            JobItemState::Succeeded { at, .. } | JobItemState::Failed { at, .. } => Some(*at),
        });
        ends.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::kernel::IntentId;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).expect("test instants exist")
    }

    #[test]
    fn an_item_ends_once_and_its_job_when_all_have() {
        let job = Job {
            id: JobId::from_uuid(Uuid::from_u128(1)),
            tenant: TenantId::sandbox(),
            livemode: false,
            created_by: "ada".into(),
            created_at: at(0),
        };
        let item = |number| JobItem::new(&job, number, JobItemState::Pending("{}".into()));
        let failed = |second| JobItemState::Failed { problem: "{}".into(), at: at(second) };
        let ended = item(0).ended(failed(5)).expect("it was pending");
        assert_eq!((ended.version, ended.ended(failed(6))), (item(0).version.next(), None));
        let half = JobWithItems { job: job.clone(), items: vec![ended.clone(), item(1)] };
        assert_eq!((half.done(), half.finished_at()), (1, None));
        let made = IntentId::from_uuid(Uuid::from_u128(2));
        let other = item(1).ended(JobItemState::Succeeded { made, at: at(3) }).expect("it was pending");
        let all = JobWithItems { job, items: vec![ended, other] };
        assert_eq!((all.done(), all.finished_at()), (2, Some(at(5))));
    }
}

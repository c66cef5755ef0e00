//! Jobs and their items in memory, for every store that has any.

use std::collections::BTreeMap;

use tender_domain::jobs::{Job, JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{CommitError, JobId, Save, TenantId};

use crate::intents::check_version;

/// The jobs of every tenant.
#[derive(Debug)]
pub(crate) struct Jobs<R>(BTreeMap<(TenantId, JobId), JobWithItems<R>>);

impl<R> Default for Jobs<R> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<R: Clone> Jobs<R> {
    pub(crate) fn check(&self, new: &JobWithItems<R>) -> Result<(), CommitError> {
        match self.0.contains_key(&(new.job.tenant.clone(), new.job.id)) {
            true => Err(CommitError::Refused { constraint: "jobs_pkey".to_owned() }),
            false => Ok(()),
        }
    }

    pub(crate) fn check_item(&self, save: &Save<JobItem<R>>) -> Result<(), CommitError> {
        let place = (save.after.tenant.clone(), save.after.job);
        let items = self.0.get(&place).map(|job| &job.items);
        let stored = items.and_then(|items| items.get(save.after.number as usize));
        check_version(save, stored.map(|item| item.version), |item| item.version, "job_items_pkey")
    }

    pub(crate) fn apply(&mut self, new: &JobWithItems<R>) {
        self.0.insert((new.job.tenant.clone(), new.job.id), new.clone());
    }

    pub(crate) fn apply_item(&mut self, item: &JobItem<R>) {
        let items = self.0.get_mut(&(item.tenant.clone(), item.job)).map(|job| &mut job.items);
        if let Some(stored) = items.and_then(|items| items.get_mut(item.number as usize)) {
            stored.clone_from(item);
        }
    }

    pub(crate) fn job(&self, tenant: &TenantId, id: JobId) -> Option<JobWithItems<R>> {
        self.0.get(&(tenant.clone(), id)).cloned()
    }

    /// Those that are to be done: the first of each job before the second of any.
    pub(crate) fn pending(&self, limit: usize) -> Vec<(Job, JobItem<R>)> {
        let items = self.0.values().flat_map(|job| job.items.iter().map(|item| (&job.job, item)));
        let mut pending: Vec<_> =
            items.filter(|(_, item)| matches!(item.state, JobItemState::Pending(_))).collect();
        pending.sort_by_key(|(job, item)| (item.number, job.id));
        pending.into_iter().take(limit).map(|(job, item)| (job.clone(), item.clone())).collect()
    }
}

//! What processors of disputes are to be told, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::disputes::{DisputeReply, ReplyKind, ReplyStatus};
use tender_domain::kernel::{CommitError, DisputeId, Save, TenantId, Timestamp};

use crate::intents::check_version;

#[derive(Debug, Default)]
pub(crate) struct Replies(BTreeMap<(TenantId, DisputeId, u32), Arc<DisputeReply>>);

impl Replies {
    pub(crate) fn check(&self, save: &Save<DisputeReply>) -> Result<(), CommitError> {
        let after = &save.after;
        let stored = self.0.get(&place(after)).map(|stored| stored.version);
        check_version(save, stored, |reply| reply.version, "dispute_replies_pkey")?;
        let stands_beside = |other: &&Arc<DisputeReply>| {
            other.tenant == after.tenant
                && other.dispute == after.dispute
                && other.number != after.number
                && other.kind == after.kind
                && other.status != ReplyStatus::Refused
        };
        if after.status != ReplyStatus::Refused && self.0.values().any(|other| stands_beside(&other)) {
            return Err(CommitError::Refused { constraint: "dispute_replies_once_key".to_owned() });
        }
        Ok(())
    }

    pub(crate) fn apply(&mut self, reply: Arc<DisputeReply>) {
        self.0.insert(place(&reply), reply);
    }

    pub(crate) fn of(&self, tenant: &TenantId, id: DisputeId, limit: u32) -> Vec<DisputeReply> {
        let range = (tenant.clone(), id, 0)..=(tenant.clone(), id, u32::MAX);
        let newest = self.0.range(range).rev().take(limit as usize);
        newest.map(|(_, reply)| (**reply).clone()).collect()
    }

    /// Those of evidence whose contents are there.
    pub(crate) fn with_contents(&self) -> Vec<DisputeReply> {
        let has =
            |reply: &&Arc<DisputeReply>| reply.removed_at.is_none() && reply.kind == ReplyKind::Evidence;
        self.0.values().filter(has).map(|reply| (**reply).clone()).collect()
    }

    pub(crate) fn due(&self, now: Timestamp, limit: u32) -> Vec<DisputeReply> {
        let is_due = |reply: &&Arc<DisputeReply>| reply.next_try_at.is_some_and(|at| at <= now);
        let mut due: Vec<_> = self.0.values().filter(is_due).map(|reply| (**reply).clone()).collect();
        due.sort_by_key(|reply| (reply.next_try_at, reply.dispute, reply.number));
        due.truncate(limit as usize);
        due
    }
}

fn place(reply: &DisputeReply) -> (TenantId, DisputeId, u32) {
    (reply.tenant.clone(), reply.dispute, reply.number)
}

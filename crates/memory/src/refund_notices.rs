//! What people are told of refunds, in memory: beside the intents, whose changes it is written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, IntentId, NotificationId, Save, StoreError, TenantId, Timestamp};
use tender_domain::notices::{RefundNotice, RefundNoticeStore};

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};
use crate::payment_links::longest_due;

/// The messages of every tenant.
#[derive(Debug, Default)]
pub(crate) struct RefundNotices(BTreeMap<(TenantId, NotificationId), Arc<RefundNotice>>);

impl RefundNotices {
    pub(crate) fn check(&self, save: &Save<RefundNotice>) -> Result<(), CommitError> {
        let new = &*save.after;
        let stored = self.0.get(&(new.tenant.clone(), new.told.id)).map(|stored| stored.version);
        check_version(save, stored, |notice| notice.version, "refund_notices_pkey")?;
        let same = |other: &Arc<RefundNotice>| {
            other.tenant == new.tenant
                && other.told.id != new.told.id
                && other.refund_id == new.refund_id
                && other.told.address == new.told.address
        };
        if self.0.values().any(same) { Err(refused("refund_notices_once")) } else { Ok(()) }
    }

    pub(crate) fn apply(&mut self, notice: Arc<RefundNotice>) {
        self.0.insert((notice.tenant.clone(), notice.told.id), notice);
    }
}

#[async_trait]
impl RefundNoticeStore for MemoryIntentStore {
    async fn refund_notice(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<RefundNotice>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.read(|all| all.refund_notices.0.get(&place).map(|found| RefundNotice::clone(found))))
    }

    async fn refund_notices_of(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<RefundNotice>, StoreError> {
        let mut found: Vec<RefundNotice> = self.read(|all| {
            let all = all.refund_notices.0.values();
            all.filter(|notice| notice.tenant == *tenant && notice.intent_id == payment)
                .map(|notice| RefundNotice::clone(notice))
                .collect()
        });
        found.sort_by_key(|notice| (notice.created_at, notice.refund_id, notice.told.address.clone()));
        found.truncate(limit);
        Ok(found)
    }

    async fn due_refund_notices(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        Ok(self.read(|all| {
            let all = all.refund_notices.0.values();
            longest_due(all.map(|notice| (&notice.dispatch, &notice.tenant, notice.told.id)), now, limit)
        }))
    }
}

//! The reads of disputes in memory.

use async_trait::async_trait;
use tender_domain::disputes::{
    ChargebackIntake, Dispute, DisputeEntry, DisputeFilter, DisputeReply, DisputeStore, ExpiredEvidence,
};
use tender_domain::kernel::{
    Cursor, Direction, DisputeId, IntakeId, Page, PageRequest, StoreError, TenantId, Timestamp,
};
use tender_domain::refunds::RefundableCharge;

use crate::MemoryRefundStore;

#[async_trait]
impl DisputeStore for MemoryRefundStore {
    async fn charge_by_gateway(
        &self,
        tenant: &TenantId,
        connector: &str,
        reference: &str,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        let named = |charge: &&RefundableCharge| {
            charge.connector == connector && charge.gateway_reference == reference
        };
        Ok(self.0.read(|stored| stored.of(tenant).find(named).cloned()))
    }

    async fn charge_of_dispute(
        &self,
        tenant: &TenantId,
        id: DisputeId,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        Ok(self.0.read(|stored| stored.of(tenant).find(|charge| charge.dispute(id).is_some()).cloned()))
    }

    async fn disputes(
        &self,
        tenant: &TenantId,
        filter: &DisputeFilter,
        page: &PageRequest,
    ) -> Result<Page<Dispute>, StoreError> {
        let from = page.cursor.map(|Cursor(id)| DisputeId::from_uuid(id));
        let mut rows: Vec<Dispute> = self.0.read(|stored| {
            let all = stored.of(tenant).flat_map(|charge| &charge.disputes);
            all.filter(|dispute| matches(filter, dispute)).cloned().collect()
        });
        rows.sort_by_key(|dispute| dispute.id);
        let beyond = |dispute: &Dispute| {
            from.is_none_or(|from| match page.direction {
                Direction::Older => dispute.id < from,
                Direction::Newer => dispute.id > from,
            })
        };
        rows.retain(beyond);
        if page.direction == Direction::Older {
            rows.reverse();
        }
        rows.truncate(page.limit() + 1);
        Ok(Page::from_fetched(page, rows))
    }

    async fn dispute_history(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeEntry>, StoreError> {
        Ok(self.0.read(|stored| {
            let range = (tenant.clone(), id, 0)..=(tenant.clone(), id, u32::MAX);
            let newest = stored.history.range(range).rev().take(limit as usize);
            let mut entries: Vec<_> = newest.map(|(_, entry)| entry.clone()).collect();
            entries.reverse();
            entries
        }))
    }

    async fn dispute_replies(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeReply>, StoreError> {
        Ok(self.0.read(|stored| stored.replies.of(tenant, id, limit)))
    }

    async fn replies_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DisputeReply>, StoreError> {
        Ok(self.0.read(|stored| stored.replies.due(now, limit)))
    }

    async fn evidence_to_remove(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExpiredEvidence>, StoreError> {
        Ok(self.0.read(|stored| stored.expired(now, limit)))
    }

    async fn intake(&self, tenant: &TenantId, id: IntakeId) -> Result<Option<ChargebackIntake>, StoreError> {
        Ok(self.0.read(|stored| stored.intakes.get(&(tenant.clone(), id)).cloned()))
    }

    async fn intakes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ChargebackIntake>, StoreError> {
        let mut due: Vec<ChargebackIntake> = self.0.read(|stored| {
            let known_since = |intake: &ChargebackIntake| {
                stored.of(&intake.tenant).any(|charge| {
                    charge.connector == intake.told.processor
                        && charge.gateway_reference == intake.gateway_reference
                        && charge.created_at >= intake.updated_at
                })
            };
            let is_due = |intake: &&ChargebackIntake| {
                intake.dispute.is_none()
                    && (intake.next_try_at.is_some_and(|at| at <= now) || known_since(intake))
            };
            stored.intakes.values().filter(is_due).cloned().collect()
        });
        // As PostgreSQL orders: what has no time comes last.
        due.sort_by_key(|intake| (intake.next_try_at.is_none(), intake.next_try_at, intake.id));
        due.truncate(limit as usize);
        Ok(due)
    }
}

fn matches(filter: &DisputeFilter, dispute: &Dispute) -> bool {
    filter.status.is_none_or(|status| dispute.status == status)
        && filter.intent_id.is_none_or(|intent| dispute.intent_id == intent)
        && filter.charge_id.is_none_or(|charge| dispute.charge_id == charge)
        && filter.customer_id.as_ref().is_none_or(|customer| dispute.customer_id.as_ref() == Some(customer))
        && filter.merchant_account_id.as_ref().is_none_or(|account| dispute.merchant_account_id == *account)
        && filter.created.from.is_none_or(|from| dispute.created_at >= from)
        && filter.created.until.is_none_or(|until| dispute.created_at < until)
}

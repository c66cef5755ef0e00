//! What refunds told of an intent's refunds and disputes, in memory.

use std::collections::BTreeMap;

use tender_domain::intents::{DisputeOfIntent, RefundOfIntent};
use tender_domain::kernel::{DisputeId, IntentId, RefundId, TenantId};

/// Each as it was told last.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    refunds: BTreeMap<(TenantId, RefundId), RefundOfIntent>,
    disputes: BTreeMap<(TenantId, DisputeId), DisputeOfIntent>,
}

impl Seen {
    pub(crate) fn take_refund(&mut self, refund: RefundOfIntent) {
        let place = (refund.tenant.clone(), refund.id);
        if self.refunds.get(&place).is_none_or(|known| known.version < refund.version) {
            self.refunds.insert(place, refund);
        }
    }

    pub(crate) fn take_dispute(&mut self, dispute: DisputeOfIntent) {
        let place = (dispute.tenant.clone(), dispute.id);
        if self.disputes.get(&place).is_none_or(|known| known.version < dispute.version) {
            self.disputes.insert(place, dispute);
        }
    }

    pub(crate) fn refunds(&self, tenant: &TenantId, ids: &[IntentId]) -> Vec<RefundOfIntent> {
        let is_theirs =
            |refund: &&RefundOfIntent| refund.tenant == *tenant && ids.contains(&refund.intent_id);
        self.refunds.values().filter(is_theirs).cloned().collect()
    }

    pub(crate) fn disputes(&self, tenant: &TenantId, ids: &[IntentId]) -> Vec<DisputeOfIntent> {
        let is_theirs =
            |dispute: &&DisputeOfIntent| dispute.tenant == *tenant && ids.contains(&dispute.intent_id);
        self.disputes.values().filter(is_theirs).cloned().collect()
    }
}

//! What refunds told of an intent's refunds and disputes, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::intents::{
    DisputeOfIntent, Intent, RefundOfIntent, Transaction, TransactionFilter, TransactionKind,
    TransactionPage, TransactionStanding,
};
use tender_domain::kernel::{DisputeId, IntentId, RefundId, TenantId, Timestamp};
use uuid::Uuid;

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

    /// Those of these payments that are the customer's, with what was given back of them or is being given back.
    pub(crate) fn transactions<'a>(
        &self,
        payments: impl Iterator<Item = &'a Arc<Intent>>,
        tenant: &TenantId,
        filter: &TransactionFilter,
    ) -> Vec<Transaction> {
        let is_theirs = |intent: &&Arc<Intent>| {
            intent.channel == filter.channel && intent.customer_id.as_ref() == Some(&filter.customer_id)
        };
        let mut all = Vec::new();
        for intent in payments.filter(is_theirs) {
            all.push(Transaction::Payment(Arc::clone(intent)));
            let told = self.refunds(tenant, &[intent.id]).into_iter();
            all.extend(told.map(|refund| Transaction::Refund(Arc::clone(intent), refund)));
            let open = filter.open.iter().filter(|open| open.intent_id == intent.id);
            let open = open.filter(|open| !self.refunds.contains_key(&(tenant.clone(), open.id)));
            all.extend(open.map(|open| Transaction::OpenRefund(Arc::clone(intent), open.clone())));
        }
        all
    }
}

/// The page of those that pass the filter, newest first.
pub(crate) fn page_of(
    mut all: Vec<Transaction>,
    filter: &TransactionFilter,
    (skip, limit): (u64, u32),
) -> TransactionPage {
    all.retain(|transaction| {
        let (kind, standing, (at, _)) = facts(transaction);
        filter.kind.is_none_or(|wanted| kind == wanted)
            && filter.standing.is_none_or(|wanted| standing == wanted)
            && filter.from.is_none_or(|from| at >= from)
            && filter.to.is_none_or(|to| at <= to)
    });
    all.sort_by_key(|transaction| std::cmp::Reverse(facts(transaction).2));
    let total = all.len() as u64;
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    TransactionPage { total, rows: all.into_iter().skip(skip).take(limit as usize).collect() }
}

/// What it is, where it stands, and its place.
fn facts(transaction: &Transaction) -> (TransactionKind, TransactionStanding, (Timestamp, Uuid)) {
    match transaction {
        Transaction::Payment(intent) => (
            TransactionKind::Payment,
            TransactionStanding::of_payment(intent.status),
            (intent.created_at, intent.id.uuid()),
        ),
        Transaction::Refund(_, refund) => (
            TransactionKind::Refund,
            TransactionStanding::of_refund(refund.status),
            (refund.created_at, refund.id.uuid()),
        ),
        Transaction::OpenRefund(_, refund) => (
            TransactionKind::Refund,
            TransactionStanding::of_refund(refund.status),
            (refund.created_at, refund.id.uuid()),
        ),
    }
}

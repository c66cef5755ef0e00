//! Intents and the orders directory in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::{
    AttemptStatus, Channel, DisputeOfIntent, FailedAttempt, Intent, IntentFilter, IntentStatus, IntentStore,
    IntentWrite, Job, JobItem, JobWithItems, OpenCounts, RecentAttempts, RefundOfIntent, RefundedPart,
    StoredOrder, StorefrontPayment, TenantRules, TransactionFilter, TransactionPage,
};
use tender_domain::kernel::{
    AttemptId, CommitError, Direction, IntentId, JobId, Page, PageRequest, Save, StoreError, TenantId,
    Timestamp, Version,
};

use crate::callbacks::Callbacks;
use crate::connectors::Connectors;
use crate::deposits::Deposits;
use crate::fraud::Fraud;
use crate::hotels::Hotels;
use crate::jobs::Jobs;
use crate::payment_links::PaymentLinks;
use crate::refund_notices::RefundNotices;
use crate::seen::{Seen, page_of};
use crate::{Aggregates, Memory};

/// The intents of every tenant by id, and the orders by reference.
#[derive(Debug, Default)]
pub struct Intents {
    intents: BTreeMap<(TenantId, IntentId), Arc<Intent>>,
    orders: BTreeMap<(TenantId, String), Arc<StoredOrder>>,
    pub(crate) fraud: Fraud,
    storefront: BTreeMap<(TenantId, IntentId), StorefrontPayment>,
    seen: Seen,
    jobs: Jobs<IntentId>,
    pub(crate) links: PaymentLinks,
    rules: BTreeMap<TenantId, TenantRules>,
    pub(crate) deposits: Deposits,
    pub(crate) hotels: Hotels,
    pub(crate) refund_notices: RefundNotices,
    pub(crate) connectors: Connectors,
    pub(crate) callbacks: Callbacks,
}

/// A store of intents in memory.
pub type MemoryIntentStore = Memory<Intents>;

impl Aggregates for Intents {
    type Write = IntentWrite;

    fn check(&self, write: &IntentWrite) -> Result<(), CommitError> {
        match write {
            IntentWrite::Intent(save) => {
                let stored = self.intents.get(&(save.after.tenant.clone(), save.after.id));
                let stored = stored.map(|stored| stored.version);
                check_version(save, stored, |intent| intent.version, "intents_pkey")?;
                self.check_laws(&save.after)
            }
            IntentWrite::Order(save) => {
                let stored =
                    self.orders.get(&(save.after.tenant.clone(), save.after.order.reference.clone()));
                check_version(save, stored.map(|stored| stored.version), |order| order.version, "orders_pkey")
            }
            IntentWrite::PaymentLink(save) => self.links.check(save),
            IntentWrite::DepositPolicies(save) => self.deposits.check(save),
            IntentWrite::LinkSending(save) => self.links.check_sending(save),
            IntentWrite::RefundNotice(save) => self.refund_notices.check(save),
            IntentWrite::FraudRules(save) => self.fraud.check_rules(save),
            IntentWrite::FraudDecision(save) => self.fraud.check_decision(save),
            IntentWrite::FraudOverride(save) => self.fraud.check_override(save),
            IntentWrite::Storefront(payment) => {
                let place = (payment.tenant.clone(), payment.intent_id);
                let is_new = !self.storefront.contains_key(&place);
                if is_new { Ok(()) } else { Err(refused("storefront_payments_pkey")) }
            }
            IntentWrite::Hotel(write) => self.hotels.check(write),
            IntentWrite::Connector(save) => self.connectors.check(save),
            IntentWrite::RoutingRules(save) => self.connectors.check_rules(save),
            IntentWrite::Callback(save) => self.callbacks.check(save),
            IntentWrite::Rules(_) | IntentWrite::Refund(_) | IntentWrite::Dispute(_) => Ok(()),
            IntentWrite::Job(new) => self.jobs.check(new),
            IntentWrite::JobItem(save) => self.jobs.check_item(save),
        }
    }

    fn apply(&mut self, write: IntentWrite) {
        match write {
            IntentWrite::Intent(save) => {
                self.intents.insert((save.after.tenant.clone(), save.after.id), save.after);
            }
            IntentWrite::Order(save) => {
                let place = (save.after.tenant.clone(), save.after.order.reference.clone());
                self.orders.insert(place, save.after);
            }
            IntentWrite::PaymentLink(save) => self.links.apply(save.after),
            IntentWrite::DepositPolicies(save) => self.deposits.apply(save.after),
            IntentWrite::LinkSending(save) => self.links.apply_sending(save.after),
            IntentWrite::RefundNotice(save) => self.refund_notices.apply(save.after),
            IntentWrite::FraudRules(save) => self.fraud.apply_rules(save.after),
            IntentWrite::FraudDecision(save) => self.fraud.apply_decision(save.after),
            IntentWrite::FraudOverride(save) => self.fraud.apply_override(save.after),
            IntentWrite::Rules(rules) => {
                let stored = self.rules.get(&rules.tenant);
                if stored.is_none_or(|stored| stored.version < rules.version) {
                    self.rules.insert(rules.tenant.clone(), rules);
                }
            }
            IntentWrite::Job(new) => self.jobs.apply(&new),
            IntentWrite::JobItem(save) => self.jobs.apply_item(&save.after),
            IntentWrite::Storefront(payment) => {
                self.storefront.insert((payment.tenant.clone(), payment.intent_id), payment);
            }
            IntentWrite::Hotel(write) => self.hotels.apply(write),
            IntentWrite::Connector(save) => self.connectors.apply(save.after),
            IntentWrite::RoutingRules(save) => self.connectors.apply_rules(save.after),
            IntentWrite::Callback(save) => self.callbacks.apply(&save.after),
            IntentWrite::Dispute(dispute) => self.seen.take_dispute(dispute),
            IntentWrite::Refund(refund) => self.seen.take_refund(refund),
        }
    }
}

impl Intents {
    /// The laws of the schema.
    fn check_laws(&self, after: &Intent) -> Result<(), CommitError> {
        if after.amount_captured().minor() > after.amount.minor() {
            return Err(refused("intents_captured_within_amount"));
        }
        let approved = after.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::Approved);
        if approved.count() > 1 {
            return Err(refused("attempts_one_approved_of_intent"));
        }
        let another =
            |other: &&Arc<Intent>| other.id != after.id && other.channel == after.channel && is_live(other);
        if after.channel.pays_once()
            && is_live(after)
            && let Some(order) = &after.order_ref
            && self.of_order(&after.tenant, order).any(|other| another(&other))
        {
            return Err(refused("intents_one_live_payment_of_order"));
        }
        Ok(())
    }

    /// The tenant's intents, oldest first.
    pub(crate) fn of<'a>(&'a self, tenant: &'a TenantId) -> impl DoubleEndedIterator<Item = &'a Arc<Intent>> {
        self.intents.values().filter(move |intent| intent.tenant == *tenant)
    }

    fn of_order<'a>(
        &'a self,
        tenant: &'a TenantId,
        order_ref: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Arc<Intent>> {
        self.of(tenant).filter(move |intent| intent.order_ref.as_deref() == Some(order_ref))
    }
}

pub(crate) fn check_version<A>(
    save: &Save<A>,
    stored: Option<Version>,
    version: impl Fn(&A) -> Version,
    key: &str,
) -> Result<(), CommitError> {
    match (&save.before, stored) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(refused(key)),
        (Some(before), Some(stored)) if version(before) == stored => Ok(()),
        (Some(_), _) => Err(CommitError::Conflict),
    }
}

pub(crate) fn refused(constraint: &str) -> CommitError {
    CommitError::Refused { constraint: constraint.to_owned() }
}

const fn is_live(intent: &Intent) -> bool {
    !matches!(
        intent.status,
        IntentStatus::Canceled | IntentStatus::Failed | IntentStatus::RequiresPaymentMethod
    )
}

fn passes(filter: &IntentFilter, intent: &Intent) -> bool {
    filter.customer_id.as_ref().is_none_or(|wanted| intent.customer_id.as_ref() == Some(wanted))
        && filter.status.is_none_or(|wanted| intent.status == wanted)
        && filter.order_ref.as_ref().is_none_or(|wanted| intent.order_ref.as_ref() == Some(wanted))
        && filter.created_from.is_none_or(|from| intent.created_at >= from)
        && filter.created_to.is_none_or(|to| intent.created_at < to)
        && filter.channel.is_none_or(|channel| intent.channel == channel)
        && (filter.statuses.is_empty() || filter.statuses.contains(&intent.status))
        && filter.refunded.is_none_or(|part| refunded_part(intent) == part)
        && filter.metadata.iter().all(|(key, value)| intent.metadata.entries().get(key) == Some(value))
        && filter.disputed.is_none_or(|disputed| (intent.amount_disputed().minor() > 0) == disputed)
}

fn refunded_part(intent: &Intent) -> RefundedPart {
    match (intent.amount_refunded.minor(), intent.amount_captured().minor()) {
        (..=0, _) => RefundedPart::Nothing,
        (refunded, captured) if refunded < captured => RefundedPart::Part,
        _ => RefundedPart::All,
    }
}

fn owned(intent: &Arc<Intent>) -> Intent {
    Intent::clone(intent)
}

#[async_trait]
impl IntentStore for MemoryIntentStore {
    async fn intent(&self, tenant: &TenantId, id: IntentId) -> Result<Option<Intent>, StoreError> {
        Ok(self.read(|all| all.intents.get(&(tenant.clone(), id)).map(owned)))
    }

    async fn intent_of_attempt(
        &self,
        tenant: &TenantId,
        id: AttemptId,
    ) -> Result<Option<Intent>, StoreError> {
        Ok(self.read(|all| all.of(tenant).find(|intent| intent.attempt(id).is_some()).map(owned)))
    }

    async fn live_intent_of_order(
        &self,
        tenant: &TenantId,
        channel: Channel,
        order_ref: &str,
    ) -> Result<Option<Intent>, StoreError> {
        let wanted = |intent: &&Arc<Intent>| intent.channel == channel && is_live(intent);
        Ok(self.read(|all| all.of_order(tenant, order_ref).rev().find(wanted).map(owned)))
    }

    async fn intents(
        &self,
        tenant: &TenantId,
        filter: &IntentFilter,
        page: &PageRequest,
    ) -> Result<Page<Intent>, StoreError> {
        let cursor = page.cursor.map(|cursor| IntentId::from_uuid(cursor.0));
        let fetch = page.limit() + 1;
        let rows: Vec<Intent> = self.read(|all| {
            let found = all.of(tenant).filter(|intent| passes(filter, intent));
            match page.direction {
                Direction::Older => {
                    let older = found.rev().filter(|row| cursor.is_none_or(|at| row.id < at));
                    older.take(fetch).map(owned).collect()
                }
                Direction::Newer => {
                    let newer = found.filter(|row| cursor.is_none_or(|at| row.id > at));
                    newer.take(fetch).map(owned).collect()
                }
            }
        });
        Ok(Page::from_fetched(page, rows))
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
        Ok(self.read(|all| {
            let due = all.intents.values().filter_map(|intent| {
                let at = intent.next_check_at().filter(|at| *at <= now)?;
                Some((at, intent.id, intent.tenant.clone()))
            });
            let mut due: Vec<_> = due.collect();
            due.sort_unstable();
            due.into_iter().take(limit).map(|(_, id, tenant)| (tenant, id)).collect()
        }))
    }

    async fn timed(
        &self,
        now: Timestamp,
        challenged_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
        Ok(self.read(|all| {
            let timed = all.intents.values().filter(|intent| intent.timed(now, challenged_before).is_some());
            timed.take(limit).map(|intent| (intent.tenant.clone(), intent.id)).collect()
        }))
    }

    async fn with_open_outcomes(
        &self,
        tenant: &TenantId,
        limit: usize,
    ) -> Result<(Vec<Intent>, OpenCounts), StoreError> {
        Ok(self.read(|all| {
            let mut counts = OpenCounts::default();
            let mut open: Vec<(Timestamp, Intent)> = Vec::new();
            for intent in all.of(tenant) {
                let outcomes = intent.open_outcomes();
                outcomes.iter().for_each(|outcome| counts.count(outcome.standing));
                open.extend(outcomes.iter().map(|outcome| outcome.since).min().map(|at| (at, owned(intent))));
            }
            open.sort_by_key(|(since, intent)| (*since, intent.id));
            (open.into_iter().take(limit).map(|(_, intent)| intent).collect(), counts)
        }))
    }

    async fn recent_attempts(
        &self,
        tenant: &TenantId,
        from: AttemptId,
        look_at_max: usize,
        limit: usize,
    ) -> Result<RecentAttempts, StoreError> {
        Ok(self.read(|all| {
            let attempts =
                all.of(tenant).flat_map(|intent| intent.attempts.iter().map(|one| (intent.id, one)));
            let mut attempts: Vec<_> = attempts.filter(|(_, attempt)| attempt.id >= from).collect();
            attempts.sort_unstable_by_key(|(_, attempt)| std::cmp::Reverse(attempt.id));
            attempts.truncate(look_at_max);
            let looked_at = attempts.len() as u64;
            let ended = [AttemptStatus::Declined, AttemptStatus::Error];
            attempts.retain(|(_, attempt)| ended.contains(&attempt.status));
            let newest = attempts.iter().take(limit).map(|(intent, attempt)| FailedAttempt {
                attempt: attempt.id,
                intent: *intent,
                connector: attempt.connector.clone(),
                rule: attempt.rule,
                status: attempt.status,
                decline_code: attempt.decline.as_ref().map(|decline| decline.code.as_str().to_owned()),
                problem: attempt.problem.clone(),
                started_at: attempt.started_at,
            });
            RecentAttempts { looked_at, failed: attempts.len() as u64, newest_failed: newest.collect() }
        }))
    }

    async fn oldest_open_outcome(&self) -> Result<Option<Timestamp>, StoreError> {
        let oldest = |all: &Intents| {
            let open = all.intents.values().flat_map(|intent| intent.open_outcomes());
            open.map(|outcome| outcome.since).min()
        };
        Ok(self.read(oldest))
    }

    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<JobWithItems>, StoreError> {
        Ok(self.read(|all| all.jobs.job(tenant, id)))
    }

    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, JobItem)>, StoreError> {
        Ok(self.read(|all| all.jobs.pending(limit)))
    }

    async fn rules_since(&self, since: Timestamp, limit: usize) -> Result<Vec<TenantRules>, StoreError> {
        Ok(self.read(|all| {
            let heard = all.rules.values().filter(|rules| rules.recorded_at >= since);
            let mut heard: Vec<_> = heard.cloned().collect();
            heard.sort_by(|a, b| (a.recorded_at, &a.tenant).cmp(&(b.recorded_at, &b.tenant)));
            heard.truncate(limit);
            heard
        }))
    }

    async fn storefront_payments(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<StorefrontPayment>, StoreError> {
        let found = |all: &Intents| {
            ids.iter().filter_map(|id| all.storefront.get(&(tenant.clone(), *id)).cloned()).collect()
        };
        Ok(self.read(found))
    }

    async fn refunds_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<RefundOfIntent>, StoreError> {
        Ok(self.read(|all| all.seen.refunds(tenant, ids)))
    }

    async fn disputes_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<DisputeOfIntent>, StoreError> {
        Ok(self.read(|all| all.seen.disputes(tenant, ids)))
    }

    async fn transactions(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
        skip: u64,
        limit: u32,
    ) -> Result<TransactionPage, StoreError> {
        Ok(self.read(|all| {
            page_of(all.seen.transactions(all.of(tenant), tenant, filter), filter, (skip, limit))
        }))
    }

    async fn orders(&self, tenant: &TenantId, references: &[String]) -> Result<Vec<StoredOrder>, StoreError> {
        let at = references.iter().map(|reference| (tenant.clone(), reference.clone()));
        let found: Vec<_> = self.read(|all| at.filter_map(|at| all.orders.get(&at).cloned()).collect());
        Ok(found.into_iter().map(Arc::unwrap_or_clone).collect())
    }
}

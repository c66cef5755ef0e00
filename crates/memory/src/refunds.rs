//! Charges with their refunds and disputes in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::disputes::{ChargebackIntake, Dispute, DisputeEntry, ToldDispute};
use tender_domain::jobs::Job;
use tender_domain::kernel::{
    Change, ChargeId, CommitError, Committed, Cursor, Direction, DisputeId, IntakeId, JobId, KeyRecord,
    KeyScope, Message, Page, PageRequest, RefundId, Save, StoreError, TenantId, Timestamp,
};
use tender_domain::ports::UnitOfWork;
use tender_domain::refunds::{
    ChargeRef, DueRefund, OpenRefund, OpenRefunds, OpenRefundsOf, Refund, RefundFilter, RefundJobItem,
    RefundJobWithItems, RefundOrigin, RefundQueue, RefundState, RefundStatus, RefundStore, RefundWrite,
    RefundableCharge, WaitingRefunds,
};

use crate::core::{Aggregates, CommitHook, Memory};
use crate::dispute_cases::Cases;
use crate::dispute_replies::Replies;
use crate::jobs::Jobs;
use crate::refund_policies::Policies;
use crate::uploads::Uploads;

#[derive(Debug, Default)]
pub(crate) struct Charges {
    pub(crate) charges: BTreeMap<(TenantId, ChargeId), RefundableCharge>,
    pub(crate) history: BTreeMap<(TenantId, DisputeId, u32), DisputeEntry>,
    pub(crate) replies: Replies,
    pub(crate) intakes: BTreeMap<(TenantId, IntakeId), ChargebackIntake>,
    pub(crate) policies: Policies,
    pub(crate) cases: Cases,
    pub(crate) uploads: Uploads,
    jobs: Jobs<RefundId>,
}

impl Charges {
    pub(crate) fn of(&self, tenant: &TenantId) -> impl Iterator<Item = &RefundableCharge> {
        let tenant = tenant.clone();
        self.charges.iter().filter(move |((owner, _), _)| *owner == tenant).map(|(_, charge)| charge)
    }
}

impl Aggregates for Charges {
    type Write = RefundWrite;

    fn check(&self, write: &RefundWrite) -> Result<(), CommitError> {
        match write {
            RefundWrite::Charge(save) => self.check_charge(save),
            RefundWrite::History(save) => {
                let entry = &save.after;
                let is_there = self.history.contains_key(&entry_key(entry));
                if is_there { Err(refused("dispute_history_pkey")) } else { Ok(()) }
            }
            RefundWrite::Reply(save) => self.replies.check(save),
            RefundWrite::Intake(save) => self.check_intake(save),
            RefundWrite::Policies(save) => self.policies.check(save),
            RefundWrite::Evaluation(save) => self.policies.check_evaluation(save),
            RefundWrite::Case(save) => self.cases.check(save),
            RefundWrite::Tiers(save) => self.cases.check_tiers(save),
            RefundWrite::Reminder(save) => self.cases.check_reminder(save),
            RefundWrite::Upload(save) => self.uploads.check(save),
            RefundWrite::Retention(_) => Ok(()),
            RefundWrite::Job(new) => self.jobs.check(new),
            RefundWrite::JobItem(save) => self.jobs.check_item(save),
        }
    }

    fn apply(&mut self, write: RefundWrite) {
        match write {
            RefundWrite::Charge(save) => {
                self.charges.insert((save.after.tenant.clone(), save.after.id), (*save.after).clone());
            }
            RefundWrite::History(save) => {
                self.history.insert(entry_key(&save.after), (*save.after).clone());
            }
            RefundWrite::Reply(save) => self.replies.apply(save.after),
            RefundWrite::Intake(save) => {
                self.intakes.insert((save.after.tenant.clone(), save.after.id), (*save.after).clone());
            }
            RefundWrite::Policies(save) => self.policies.apply(save.after),
            RefundWrite::Evaluation(save) => self.policies.apply_evaluation(save.after),
            RefundWrite::Case(save) => self.cases.apply(save.after),
            RefundWrite::Tiers(save) => self.cases.apply_tiers(save.after),
            RefundWrite::Reminder(save) => self.cases.apply_reminder(&save.after),
            RefundWrite::Upload(save) => self.uploads.apply(save.after),
            RefundWrite::Retention(heard) => self.uploads.hear(heard),
            RefundWrite::Job(new) => self.jobs.apply(&new),
            RefundWrite::JobItem(save) => self.jobs.apply_item(&save.after),
        }
    }
}

impl Charges {
    fn check_charge(&self, save: &Save<RefundableCharge>) -> Result<(), CommitError> {
        let stored = self.charges.get(&(save.after.tenant.clone(), save.after.id));
        match (&save.before, stored) {
            (None, Some(_)) => return Err(refused("refundable_charges_pkey")),
            (Some(before), stored) if stored.map(|stored| stored.version) != Some(before.version) => {
                return Err(CommitError::Conflict);
            }
            _ => {}
        }
        if save.after.refunded_by_us().minor() > save.after.ever_captured().minor() {
            return Err(refused("refundable_charges_within_captured"));
        }
        let grows = save
            .before
            .as_ref()
            .is_none_or(|before| before.refunded_by_us().minor() < save.after.refunded_by_us().minor());
        let taken = save.after.disputed().minor() + save.after.refunded_outside().minor();
        let left = save.after.captured().minor() - taken;
        if grows && !save.after.refunds.is_empty() && save.after.refunded_by_us().minor() > left {
            return Err(refused("refundable_charges_within_left"));
        }
        if twice_outside(&save.after) {
            return Err(refused("refunds_made_outside_key"));
        }
        if save.before.as_ref().is_some_and(|before| counts_again(before, &save.after)) {
            return Err(refused("refunds_taken_back_stays"));
        }
        self.check_disputes(save)
    }

    fn check_disputes(&self, save: &Save<RefundableCharge>) -> Result<(), CommitError> {
        for dispute in &save.after.disputes {
            let known = save.before.as_ref().and_then(|before| before.dispute(dispute.id));
            if known.is_some_and(|known| !stays_as_told(&known.told, &dispute.told)) {
                return Err(refused("disputes_told_stays"));
            }
            let named = |other: &Dispute| {
                other.id != dispute.id
                    && other.told.processor == dispute.told.processor
                    && other.told.processor_reference == dispute.told.processor_reference
            };
            let tenants = self.of(&save.after.tenant);
            let taken = dispute.told.processor_reference.is_some()
                && tenants.flat_map(|charge| &charge.disputes).any(named);
            if taken && known.is_none() {
                return Err(refused("disputes_processor_reference_key"));
            }
        }
        Ok(())
    }

    fn check_intake(&self, save: &Save<ChargebackIntake>) -> Result<(), CommitError> {
        let after = &save.after;
        let stored = self.intakes.get(&(after.tenant.clone(), after.id));
        match (&save.before, stored) {
            (None, Some(_)) => return Err(refused("chargeback_intakes_pkey")),
            (Some(before), stored) if stored.map(|stored| stored.version) != Some(before.version) => {
                return Err(CommitError::Conflict);
            }
            _ => {}
        }
        let named = |((tenant, id), other): (&(TenantId, IntakeId), &ChargebackIntake)| {
            *tenant == after.tenant
                && *id != after.id
                && other.told.processor == after.told.processor
                && other.told.processor_reference == after.told.processor_reference
        };
        if self.intakes.iter().any(named) {
            return Err(refused("chargeback_intakes_reference_key"));
        }
        Ok(())
    }
}

/// Whether a refund that was made in a gateway's dashboard is there more than once.
fn twice_outside(charge: &RefundableCharge) -> bool {
    let outside = charge.refunds.iter().filter(|refund| refund.origin == RefundOrigin::Gateway);
    let mut names: Vec<_> = outside.filter_map(|refund| refund.gateway_reference()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    names.len() < count
}

/// Whether a refund that its gateway took back is something else than failed now.
fn counts_again(before: &RefundableCharge, after: &RefundableCharge) -> bool {
    let was_taken_back =
        |refund: &&Refund| refund.status() == RefundStatus::Failed && refund.gateway_reference().is_some();
    let mut taken_back = before.refunds.iter().filter(was_taken_back);
    taken_back.any(|was| after.refund(was.id).is_some_and(|now| now.status() != RefundStatus::Failed))
}

fn entry_key(entry: &DisputeEntry) -> (TenantId, DisputeId, u32) {
    (entry.tenant.clone(), entry.dispute, entry.number)
}

fn refused(constraint: &str) -> CommitError {
    CommitError::Refused { constraint: constraint.to_owned() }
}

/// The store of the refunds service in memory.
#[derive(Debug, Default)]
pub struct MemoryRefundStore(pub(crate) Memory<Charges>);

impl MemoryRefundStore {
    /// An empty store with this around each commit.
    #[must_use]
    pub fn hooked(hook: Arc<dyn CommitHook>) -> Self {
        Self(Memory::hooked(hook))
    }

    /// What the outbox holds, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.messages()
    }
}

#[async_trait]
impl UnitOfWork for MemoryRefundStore {
    type Write = RefundWrite;

    async fn commit(&self, change: Change<RefundWrite>) -> Result<Committed, CommitError> {
        self.0.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        self.0.key(tenant, scope).await
    }
}

#[async_trait]
impl RefundStore for MemoryRefundStore {
    async fn charge(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        Ok(self.0.read(|charges| {
            let wanted = |charge: &&RefundableCharge| match named {
                ChargeRef::Charge(id) => charge.id == id,
                ChargeRef::Intent(id) => charge.intent_id == id,
            };
            charges.of(tenant).find(wanted).cloned()
        }))
    }

    async fn charge_of_refund(
        &self,
        tenant: &TenantId,
        id: RefundId,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        Ok(self.0.read(|charges| charges.of(tenant).find(|charge| charge.refund(id).is_some()).cloned()))
    }

    async fn refunds(
        &self,
        tenant: &TenantId,
        filter: &RefundFilter,
        page: &PageRequest,
    ) -> Result<Page<Refund>, StoreError> {
        let from = page.cursor.map(|Cursor(id)| RefundId::from_uuid(id));
        let mut rows: Vec<Refund> = self.0.read(|charges| {
            let all = charges.of(tenant).flat_map(|charge| &charge.refunds);
            all.filter(|refund| matches(filter, refund)).cloned().collect()
        });
        rows.sort_by_key(|refund| refund.id);
        let beyond = |refund: &Refund| {
            from.is_none_or(|from| match page.direction {
                Direction::Older => refund.id < from,
                Direction::Newer => refund.id > from,
            })
        };
        rows.retain(beyond);
        if page.direction == Direction::Older {
            rows.reverse();
        }
        rows.truncate(page.limit() + 1);
        Ok(Page::from_fetched(page, rows))
    }

    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<RefundJobWithItems>, StoreError> {
        Ok(self.0.read(|all| all.jobs.job(tenant, id)))
    }

    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, RefundJobItem)>, StoreError> {
        Ok(self.0.read(|all| all.jobs.pending(limit)))
    }

    async fn due_checks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        Ok(self.due(now, limit, |refund| refund.attempt()?.next_check_at))
    }

    async fn due_retries(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        Ok(self.due(now, limit, Refund::next_attempt_at))
    }

    async fn waiting_refunds(&self) -> Result<WaitingRefunds, StoreError> {
        let queue = |which: fn(&Refund) -> bool| {
            self.0.read(|charges| {
                let refunds = charges.charges.values().flat_map(|charge| &charge.refunds);
                let created = refunds.filter(|refund| which(refund)).map(|refund| refund.created_at);
                let created: Vec<_> = created.collect();
                RefundQueue { count: created.len() as u64, oldest_at: created.into_iter().min() }
            })
        };
        Ok(WaitingRefunds {
            for_attempt: queue(|refund| refund.next_attempt_at().is_some()),
            for_person: queue(Refund::waits_for_a_person),
        })
    }
}

impl MemoryRefundStore {
    fn due(&self, now: Timestamp, limit: u32, at: fn(&Refund) -> Option<Timestamp>) -> Vec<DueRefund> {
        self.0.read(|charges| {
            let refunds = charges
                .charges
                .values()
                .flat_map(|charge| charge.refunds.iter().map(move |refund| (charge, refund)));
            let due = refunds.filter_map(|(charge, refund)| {
                let at = at(refund).filter(|at| *at <= now)?;
                Some((at, DueRefund { tenant: charge.tenant.clone(), refund: refund.id }))
            });
            let mut due: Vec<_> = due.collect();
            due.sort_by_key(|(at, due)| (*at, due.refund));
            due.into_iter().take(limit as usize).map(|(_, due)| due).collect()
        })
    }
}

#[async_trait]
impl OpenRefunds for MemoryRefundStore {
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        ended_since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError> {
        let is_open = |refund: &Refund| match &refund.state {
            RefundState::Succeeded { at, .. } | RefundState::Failed { at, .. } => {
                ended_since.is_some_and(|since| *at >= since)
            }
            state => state.status() != RefundStatus::Canceled,
        };
        let is_asked_for = |refund: &&Refund| match of {
            OpenRefundsOf::Customer(customer) => {
                refund.customer_id.as_ref() == Some(customer) && is_open(refund)
            }
            OpenRefundsOf::Intent(intent) => refund.intent_id == *intent && is_open(refund),
            OpenRefundsOf::Queue => refund.waits_for_a_person(),
        };
        let mut open: Vec<OpenRefund> = self.0.read(|charges| {
            let of_charge = |charge: &RefundableCharge| -> Vec<OpenRefund> {
                let refunds = charge.refunds.iter().filter(is_asked_for);
                refunds.map(|refund| OpenRefund::of(refund, &charge.connector)).collect()
            };
            charges.of(tenant).flat_map(of_charge).collect()
        });
        match of {
            OpenRefundsOf::Queue => open.sort_by_key(|refund| (refund.created_at, refund.id)),
            _ => open.sort_by_key(|refund| std::cmp::Reverse(refund.id)),
        }
        open.truncate(limit);
        Ok(open)
    }
}

fn matches(filter: &RefundFilter, refund: &Refund) -> bool {
    let entries = refund.metadata.entries();
    filter.status.is_none_or(|status| refund.status() == status)
        && filter.intent_id.is_none_or(|intent| refund.intent_id == intent)
        && filter.charge_id.is_none_or(|charge| refund.charge_id == charge)
        && filter.customer_id.as_ref().is_none_or(|customer| refund.customer_id.as_ref() == Some(customer))
        && filter.created.from.is_none_or(|from| refund.created_at >= from)
        && filter.created.until.is_none_or(|until| refund.created_at < until)
        && filter.metadata.iter().all(|(key, value)| entries.get(key) == Some(value))
}

/// What was told of a dispute stays, but for a fee that was not told: it becomes known once.
fn stays_as_told(known: &ToldDispute, now: &ToldDispute) -> bool {
    known.fee_minor.is_none_or(|fee| now.fee_minor == Some(fee))
        && *now == ToldDispute { fee_minor: now.fee_minor, ..known.clone() }
}

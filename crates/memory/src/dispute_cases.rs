//! Cases in memory: beside the charges, whose changes they are written with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::dispute_cases::{
    CaseFile, CaseFilter, CaseSource, CaseStatus, DisputeCase, DisputeCaseStore, DisputeReminder,
    DisputeTiers, DueDispute,
};
use tender_domain::kernel::{
    CommitError, Cursor, Direction, DisputeId, Page, PageRequest, Save, StoreError, TenantId, Timestamp,
};

use crate::MemoryRefundStore;
use crate::intents::{check_version, refused};
use crate::refunds::Charges;

/// The cases of every tenant, and the limits of their tiers.
#[derive(Debug, Default)]
pub(crate) struct Cases {
    cases: BTreeMap<(TenantId, DisputeId), Arc<DisputeCase>>,
    tiers: BTreeMap<TenantId, Arc<DisputeTiers>>,
    /// Which dispute, due when, at which distance.
    reminders: BTreeSet<(TenantId, DisputeId, Timestamp, u32)>,
}

impl Cases {
    pub(crate) fn check(&self, save: &Save<DisputeCase>) -> Result<(), CommitError> {
        let stored = self.cases.get(&(save.after.tenant.clone(), save.after.id));
        check_version(save, stored.map(|stored| stored.version), |case| case.version, "dispute_cases_pkey")?;
        match stored.is_some_and(|stored| stored.status == CaseStatus::Resolved) {
            true => Err(refused("dispute_cases_decision_stays")),
            false => Ok(()),
        }
    }

    pub(crate) fn check_tiers(&self, save: &Save<DisputeTiers>) -> Result<(), CommitError> {
        let stored = self.tiers.get(&save.after.tenant).map(|stored| stored.version);
        check_version(save, stored, |tiers| tiers.version, "dispute_tiers_pkey")
    }

    pub(crate) fn check_reminder(&self, save: &Save<DisputeReminder>) -> Result<(), CommitError> {
        match self.reminders.contains(&place_of(&save.after)) {
            true => Err(refused("dispute_reminders_pkey")),
            false => Ok(()),
        }
    }

    pub(crate) fn apply_reminder(&mut self, reminder: &DisputeReminder) {
        self.reminders.insert(place_of(reminder));
    }

    fn was_reminded(&self, due: &DueDispute, now: Timestamp) -> bool {
        let reached = DisputeReminder::hours_reached(due.due_at, now).unwrap_or_default();
        let place = |hours| (due.tenant.clone(), due.dispute, due.due_at, hours);
        self.reminders.range(place(0)..=place(reached)).next().is_some()
    }

    pub(crate) fn apply(&mut self, case: Arc<DisputeCase>) {
        self.cases.insert((case.tenant.clone(), case.id), case);
    }

    pub(crate) fn apply_tiers(&mut self, tiers: Arc<DisputeTiers>) {
        self.tiers.insert(tiers.tenant.clone(), tiers);
    }
}

fn place_of(reminder: &DisputeReminder) -> (TenantId, DisputeId, Timestamp, u32) {
    (reminder.tenant.clone(), reminder.dispute, reminder.due_at, reminder.hours_before)
}

/// Everything that is open and is to be answered some time.
fn open_disputes(all: &Charges) -> Vec<DueDispute> {
    let guests = all
        .cases
        .cases
        .values()
        .filter(|case| case.source == CaseSource::Guest && case.status != CaseStatus::Resolved);
    let guests = guests.map(|case| DueDispute {
        tenant: case.tenant.clone(),
        dispute: case.id,
        intent_id: case.intent_id,
        amount: case.requested,
        due_at: case.due_at,
    });
    let told = all.charges.values().flat_map(|charge| charge.disputes.iter().map(move |one| (charge, one)));
    let open = told.filter(|(_, dispute)| dispute.status.is_open());
    let chargebacks = open.filter_map(|(charge, dispute)| {
        Some(DueDispute {
            tenant: charge.tenant.clone(),
            dispute: dispute.id,
            intent_id: dispute.intent_id,
            amount: dispute.told.amount,
            due_at: dispute.evidence_due_by?,
        })
    });
    guests.chain(chargebacks).collect()
}

/// A case with what belongs to it.
fn file(all: &Charges, case: &DisputeCase) -> CaseFile {
    let evaluation = case.evaluation.and_then(|id| {
        all.policies.evaluations.get(&(case.tenant.clone(), id)).map(|evaluation| (**evaluation).clone())
    });
    let chargeback = all.of(&case.tenant).find_map(|charge| charge.dispute(case.id).cloned());
    CaseFile { case: case.clone(), chargeback, evaluation }
}

#[async_trait]
impl DisputeCaseStore for MemoryRefundStore {
    async fn dispute_tiers(&self, tenant: &TenantId) -> Result<Option<DisputeTiers>, StoreError> {
        Ok(self.0.read(|all| all.cases.tiers.get(tenant).map(|tiers| (**tiers).clone())))
    }

    async fn case_file(&self, tenant: &TenantId, id: DisputeId) -> Result<Option<CaseFile>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.0.read(|all| all.cases.cases.get(&place).map(|case| file(all, case))))
    }

    async fn disputes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueDispute>, StoreError> {
        let mut due = self.0.read(|all| {
            let mut due = open_disputes(all);
            due.retain(|due| {
                DisputeReminder::hours_reached(due.due_at, now).is_some()
                    && due.due_at > now
                    && !all.cases.was_reminded(due, now)
            });
            due
        });
        due.sort_by_key(|due| (due.due_at, due.dispute));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn case_files(
        &self,
        tenant: &TenantId,
        filter: &CaseFilter,
        page: &PageRequest,
    ) -> Result<Page<CaseFile>, StoreError> {
        let from = page.cursor.map(|Cursor(id)| DisputeId::from_uuid(id));
        let beyond = |file: &CaseFile| {
            from.is_none_or(|from| match page.direction {
                Direction::Older => file.case.id < from,
                Direction::Newer => file.case.id > from,
            })
        };
        let mut rows: Vec<CaseFile> = self.0.read(|all| {
            let own = all.cases.cases.iter().filter(|((owner, _), _)| owner == tenant);
            own.map(|(_, case)| file(all, case))
                .filter(|file| matches(filter, file) && beyond(file))
                .collect()
        });
        rows.sort_by_key(|file| file.case.id);
        if page.direction == Direction::Older {
            rows.reverse();
        }
        rows.truncate(page.limit() + 1);
        Ok(Page::from_fetched(page, rows))
    }
}

fn matches(filter: &CaseFilter, file: &CaseFile) -> bool {
    let case = &file.case;
    filter.status.is_none_or(|status| file.status() == status)
        && filter.tier.is_none_or(|tier| case.tier == tier)
        && filter.assigned_to.as_ref().is_none_or(|wanted| case.assigned_to.as_ref() == Some(wanted))
        && filter.guest_id.as_ref().is_none_or(|wanted| case.guest_id.as_ref() == Some(wanted))
        && filter.intent_id.is_none_or(|intent| case.intent_id == intent)
        && filter.source.is_none_or(|source| case.source == source)
        && filter.created.from.is_none_or(|from| case.created_at >= from)
        && filter.created.until.is_none_or(|until| case.created_at < until)
}

//! Decides a dispute. A guest's refund begins in the change of the decision: there is one, whoever clicks how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::dispute_cases::{
    CaseFile, CaseRefusal, CaseStatus, DecisionKind, DisputeCase, ResolveCase, Tier,
};
use tender_domain::disputes::{Actor, DisputeStatus, Outcome, Settled};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, DisputeId, Guard, Lane, Metadata, RefundId, Save, Version,
};
use tender_domain::refunds::{
    RefundMethod, RefundReason, RefundRefusal, RefundWrite, RefundableCharge, StartRefund,
};
use tender_http::{RequestKey, to_the_end};

use super::super::disputes::{Beside, Deed, dispute_of};
use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{Asker, DisputeAnswered, RefundsError};
use super::read::check_seen;
use super::shared::{CaseShown, OPEN_COUNT};
use crate::RefundsService;

/// How a person decides.
#[derive(Debug, Clone)]
pub struct ResolveGuestDispute {
    /// Which way.
    pub kind: DecisionKind,
    /// How much, in minor units of the payment's currency; needed for a part.
    pub amount_minor: Option<i64>,
    /// Why.
    pub reason: String,
    /// Which version the person has seen.
    pub seen: Version,
}

/// A decision that is to be committed.
struct Decided {
    file: CaseFile,
    charge: Arc<RefundableCharge>,
    change: Change<RefundWrite>,
    refund: Option<RefundId>,
}

impl RefundsService {
    /// Decides a dispute, and refunds what is decided. How the refund ends is its own story: it is looked up until it is
    /// known.
    ///
    /// # Errors
    /// `NoSuchDispute`; `Case` for a tier that is not the caller's, another version, one that is resolved, or an amount
    /// that is not possible; `Refused(ExceedsCharge)` when less is left of the payment.
    pub async fn resolve_case(
        self: &Arc<Self>,
        caller: &Caller,
        id: DisputeId,
        wanted: &ResolveGuestDispute,
        key: Option<RequestKey>,
        (show, refuse): (CaseShown, fn(&RefundRefusal) -> Answer),
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let refund_id: RefundId = self.ids.next();
        for tries in 0..DECISIONS_MAX {
            let file = self.case_file(caller, id).await?;
            file.case.may_be_worked_on(Tier::of_caller(caller))?;
            if file.status() == CaseStatus::Resolved {
                return Err(CaseRefusal::Resolved.into());
            }
            check_seen(&file, wanted.seen)?;
            if file.chargeback.is_some() {
                return self.give_in(caller, file, wanted, key, show).await;
            }
            let decided = match self.decided(caller, file, wanted, refund_id).await {
                Ok(decided) => decided,
                // Kept: with the same key it stays refused, whatever comes back of other refunds.
                Err(RefundsError::Refused(refusal @ RefundRefusal::ExceedsCharge { .. })) => {
                    let refused = (refuse(&refusal), id.to_string());
                    return self.keep_dispute_answer(tenant, refused, key.as_ref()).await;
                }
                Err(error) => return Err(error),
            };
            let answer = show(200, &decided.file);
            let record = self.key_record(key.as_ref(), &answer, id.to_string());
            match (self.store.commit(decided.change.keyed(record)).await, &key) {
                (Ok(_), _) => {
                    if let Some(refund) = decided.refund {
                        self.run_refund(decided.charge, refund).await;
                    }
                    return Ok(DisputeAnswered::plain(answer));
                }
                (Err(CommitError::Conflict), _) => pause(tries).await,
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The decision with its refund, as one change.
    async fn decided(
        &self,
        caller: &Caller,
        file: CaseFile,
        wanted: &ResolveGuestDispute,
        refund_id: RefundId,
    ) -> Result<Decided, RefundsError> {
        let (tenant, now) = (&caller.tenant, self.clock.now());
        let before = self.charge_of_case(tenant, &file.case).await?;
        let resolve = ResolveCase {
            kind: wanted.kind,
            amount_minor: wanted.amount_minor,
            reason: wanted.reason.clone(),
            refund_id,
            by: caller.subject.to_string(),
        };
        let (case, event) = file.case.resolve(resolve, now).map_err(|refusal| beyond(&before, refusal))?;
        let refund = case.decision.as_ref().and_then(|decision| decision.refund_id);
        let count = Guard::Count { kind: OPEN_COUNT, key: before.id.to_string(), by: -1, limit: 0 };
        let mut change = Change::of(tenant.clone())
            .save(Save::<DisputeCase>::changed(file.case.clone(), case.clone()))
            .guarded(count);
        let mut charge = Arc::clone(&before);
        if refund.is_some() {
            charge = Arc::new(self.with_refund(&before, &case).await?);
            change = change.save(Save::<RefundableCharge>::changed(before, Arc::clone(&charge)));
        }
        let begun = refund.and_then(|refund| self.refund_begun(caller, &charge, refund));
        let change = change.tell(self.told_of_case(caller, (&charge, &case), event)).tell(begun);
        Ok(Decided { file: CaseFile { case, ..file }, charge, change, refund })
    }

    /// The charge with the decision's refund begun.
    async fn with_refund(
        &self,
        charge: &RefundableCharge,
        case: &DisputeCase,
    ) -> Result<RefundableCharge, RefundsError> {
        self.has_gateway(charge).await?;
        let decision = case.decision.as_ref().ok_or(RefundsError::NoSuchDispute)?;
        let beside = BTreeMap::from([
            ("reason".to_owned(), decision.reason.clone()),
            ("dispute_id".to_owned(), case.id.to_string()),
        ]);
        let start = StartRefund {
            id: decision.refund_id.ok_or(RefundsError::NoSuchRefund)?,
            amount: Some(decision.amount.minor()),
            currency: Some(decision.amount.currency()),
            reason: RefundReason::Other,
            method: RefundMethod::OriginalPaymentMethod,
            // The reason was bounded when it was read.
            metadata: Metadata::new(beside).unwrap_or_default(),
        };
        Ok(charge.start_refund(start, self.clock.now(), &self.options.schedule)?)
    }

    /// Asks the gateway for the refund that was committed, in a task of its own: a caller who goes away stops nothing.
    async fn run_refund(self: &Arc<Self>, charge: Arc<RefundableCharge>, id: RefundId) {
        let service = Arc::clone(self);
        let asker =
            Asker { lane: Lane::Foreground, traceparent: tender_http::current_traceparent(), key: None };
        let task = async move {
            let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?;
            let outcome = service.call_gateway(&charge, refund).await;
            service.record_outcome(Arc::clone(&charge), refund.call(), outcome, &asker).await.map(drop)
        };
        // What is not recorded is looked up later, never assumed.
        if let Ok(Err(error)) = to_the_end(task).await {
            tracing::warn!(refund = %id, %error, "how a dispute's refund ended is not recorded yet");
        }
    }

    /// A chargeback's money is gone already: to refund it all is to give in.
    async fn give_in(
        &self,
        caller: &Caller,
        file: CaseFile,
        wanted: &ResolveGuestDispute,
        key: Option<RequestKey>,
        show: CaseShown,
    ) -> Result<DisputeAnswered, RefundsError> {
        if wanted.kind != DecisionKind::FullRefund {
            return Err(CaseRefusal::ProcessorDecides.into());
        }
        let (id, now) = (file.case.id, self.clock.now());
        let charge = self.charge_of_case(&caller.tenant, &file.case).await?;
        let from = charge.dispute(id).map(|dispute| dispute.status);
        let outcome = Outcome {
            status: DisputeStatus::Accepted,
            by: Actor::person(&caller.subject),
            reason: Some(wanted.reason.clone()),
            decided_at: now,
            overturns: false,
        };
        let Settled::Changed(decided) = charge.decide_dispute(id, outcome, now)? else {
            return Err(CaseRefusal::Resolved.into());
        };
        let (decided, writes) = self.told_of_acceptance(&caller.tenant, *decided).await?;
        let dispute = dispute_of(&decided)?;
        let deed = Deed { action: "dispute.decided", from, reason: Some(&wanted.reason) };
        let audit = Some(self.audited(caller, &deed, charge.intent_id, &dispute));
        let file = CaseFile { chargeback: Some(dispute), ..file };
        let answer = show(200, &file);
        let beside = Beside {
            audit,
            traceparent: tender_http::current_traceparent(),
            key: self.key_record(key.as_ref(), &answer, id.to_string()),
            writes,
            ..Beside::default()
        };
        match (self.save_dispute(&charge, &decided, beside).await, key) {
            (Ok(()), _) => Ok(DisputeAnswered::plain(answer)),
            (Err(CommitError::KeyTaken(record)), Some(key)) => {
                DisputeAnswered::replay(*record, key.fingerprint)
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// More than was asked for is refused as more than is left, where it is that as well.
fn beyond(charge: &RefundableCharge, refusal: CaseRefusal) -> RefundsError {
    match refusal {
        CaseRefusal::BeyondRequest { asked, .. } if asked.minor() > charge.left().minor() => {
            RefundRefusal::ExceedsCharge { asked: Some(asked), left: charge.left() }.into()
        }
        refusal => refusal.into(),
    }
}

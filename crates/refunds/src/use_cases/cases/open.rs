//! Opens a guest's dispute, with what the refund policy says of it.

use tender_domain::dispute_cases::{CaseFile, CaseReason, CaseRefusal, DisputeCase, OpenCase};
use tender_domain::kernel::{
    Caller, Change, CommitError, DisputeId, Guard, IntentId, Money, PolicyEvaluationId, Save, Timestamp,
    to_micros,
};
use tender_domain::refund_policy::{Cancellation, PolicyEvaluation};
use tender_domain::refunds::RefundableCharge;
use tender_http::RequestKey;

use super::super::read_refunds::may_see;
use super::super::{DisputeAnswered, NamedCharge, RefundsError};
use super::shared::{CaseShown, OPEN_COUNT};
use crate::RefundsService;

/// What a guest asks for.
#[derive(Debug, Clone)]
pub struct OpenGuestDispute {
    /// Of which payment.
    pub intent: IntentId,
    /// The guest, who must have paid it.
    pub guest_id: String,
    /// Why.
    pub reason: CaseReason,
    /// How much, in minor units of the payment's currency.
    pub requested_minor: i64,
    /// What happened.
    pub description: String,
    /// Whether there is evidence of the reason.
    pub has_evidence: bool,
    /// When it was canceled; none is now.
    pub cancelled_at: Option<Timestamp>,
    /// When what was paid for was to start, if that is known.
    pub starts_at: Option<Timestamp>,
    /// Of which product type it was, if that is known.
    pub product_type: Option<String>,
    /// At which rate plan it was booked, if that is known.
    pub rate_plan: Option<String>,
}

impl RefundsService {
    /// Opens a guest's dispute. No money moves.
    ///
    /// # Errors
    /// `NoSuchCharge` for a payment that is not there or not the guest's, `Case(TooManyOpen)`; see [`RefundsError`].
    pub async fn open_guest_dispute(
        &self,
        caller: &Caller,
        wanted: &OpenGuestDispute,
        key: Option<RequestKey>,
        show: CaseShown,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let charge = self.find_charge(tenant, NamedCharge::Intent(wanted.intent)).await?.charge;
        let is_own = charge.customer_id.as_deref() == Some(&*wanted.guest_id);
        if !is_own || !may_see(caller, charge.customer_id.as_deref()) {
            return Err(RefundsError::NoSuchCharge);
        }
        let (id, now): (DisputeId, _) = (self.ids.next(), to_micros(self.clock.now()));
        let requested = Money::new(wanted.requested_minor, charge.currency());
        let evaluation = self.evaluate_for(&charge, id, wanted, now).await?;
        let open = OpenCase {
            id,
            reason: wanted.reason,
            requested,
            description: wanted.description.clone(),
            tier: self.dispute_tiers(tenant).await?.tier_of(requested),
            evaluation: evaluation.id,
        };
        let (case, event) = DisputeCase::open(&charge, open, now)?;
        let file = CaseFile { case, chargeback: None, evaluation: Some(evaluation) };
        let answer = show(201, &file);
        let record = self.key_record(key.as_ref(), &answer, id.to_string());
        let limit = i64::try_from(DisputeCase::OPEN_MAX).unwrap_or(i64::MAX);
        let change = Change::of(tenant.clone())
            .save(Save::<DisputeCase>::new(file.case.clone()))
            .save(Save::<PolicyEvaluation>::new(file.evaluation.clone().ok_or(RefundsError::NoSuchDispute)?))
            .tell(self.told_of_case(caller, (&charge, &file.case), event))
            .guarded(Guard::Count { kind: OPEN_COUNT, key: charge.id.to_string(), by: 1, limit })
            .keyed(record);
        match (self.store.commit(change).await, &key) {
            (Ok(_), _) => Ok(DisputeAnswered::plain(answer)),
            (Err(CommitError::KeyTaken(record)), Some(key)) => {
                DisputeAnswered::replay(*record, key.fingerprint)
            }
            (Err(CommitError::LimitReached { .. }), _) => Err(CaseRefusal::TooManyOpen.into()),
            (Err(error), _) => Err(error.into()),
        }
    }

    async fn evaluate_for(
        &self,
        charge: &RefundableCharge,
        dispute: DisputeId,
        wanted: &OpenGuestDispute,
        now: Timestamp,
    ) -> Result<PolicyEvaluation, RefundsError> {
        let facts = Cancellation {
            paid: charge.captured(),
            left: charge.left(),
            requested: Some(Money::new(wanted.requested_minor, charge.currency())),
            reason: wanted.reason.as_str().to_owned(),
            has_evidence: wanted.has_evidence,
            product_type: wanted.product_type.clone(),
            rate_plan: wanted.rate_plan.clone(),
            cancelled_at: wanted.cancelled_at.unwrap_or(now),
            starts_at: wanted.starts_at,
        };
        let id: PolicyEvaluationId = self.ids.next();
        Ok(PolicyEvaluation {
            id,
            tenant: charge.tenant.clone(),
            intent_id: charge.intent_id,
            charge_id: charge.id,
            dispute_id: Some(dispute),
            evaluated: self.policies_of(&charge.tenant).await?.evaluate_as_known(&facts),
            evaluated_at: now,
        })
    }
}

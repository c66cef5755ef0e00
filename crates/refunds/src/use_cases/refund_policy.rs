//! The refund policy: a tenant's policies, and what they give of a payment.

use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Money, PolicyEvaluationId, Save, TenantId, Timestamp,
};
use tender_domain::refund_policy::{
    Cancellation, PolicyEvaluation, RefundPolicies, RefundPolicy, RefundPolicyRefusal,
};
use tender_http::RequestKey;

use super::retry::{DECISIONS_MAX, pause};
use super::{DisputeAnswered, NamedCharge, RefundsError, Seen};
use crate::RefundsService;

/// What a client asks about a cancellation.
#[derive(Debug, Clone)]
pub struct EvaluateRefundPolicy {
    /// Of which charge.
    pub charge: NamedCharge,
    /// How much is asked for, in minor units of the charge's currency; none is all that the policy gives.
    pub requested: Option<i64>,
    /// Why, in capitals.
    pub reason: String,
    /// Whether there is evidence of it.
    pub has_evidence: bool,
    /// Of which product type, if it is known.
    pub product_type: Option<String>,
    /// At which rate plan, if it is known.
    pub rate_plan: Option<String>,
    /// When it was canceled; none is now.
    pub cancelled_at: Option<Timestamp>,
    /// When it was to start, if that is known.
    pub starts_at: Option<Timestamp>,
}

impl RefundsService {
    /// A tenant's policies; the standard ones where it has set none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn refund_policies(&self, caller: &Caller) -> Result<RefundPolicies, RefundsError> {
        self.policies_of(&caller.tenant).await
    }

    pub(super) async fn policies_of(&self, tenant: &TenantId) -> Result<RefundPolicies, RefundsError> {
        let stored = self.policies.refund_policies(tenant).await?;
        Ok(stored.unwrap_or_else(|| RefundPolicies::standard(tenant.clone(), self.clock.now())))
    }

    /// Replaces a tenant's policies.
    ///
    /// # Errors
    /// `Policy` for those that contradict themselves; see [`RefundsError`].
    pub async fn put_refund_policies(
        &self,
        caller: &Caller,
        (policies, window_days): (Vec<RefundPolicy>, Option<u32>),
        seen: Seen,
        key: Option<RequestKey>,
        present: fn(&RefundPolicies) -> Answer,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        for tries in 0..DECISIONS_MAX {
            let (before, now) = (self.policies.refund_policies(tenant).await?, self.clock.now());
            seen.require(before.as_ref().map_or(RefundPolicies::UNSET_VERSION, |before| before.version))?;
            let after = match &before {
                Some(before) => before.replace(policies.clone(), now)?,
                None => RefundPolicies::first(tenant.clone(), policies.clone(), now)?,
            };
            let after = after.within(window_days)?;
            let answer = present(&after);
            let record = self.key_record(key.as_ref(), &answer, tenant.to_string());
            let audit = self.audited_rules(
                caller,
                ("refund_policies.replaced", after.version),
                (before.as_ref().map(present), &answer),
            );
            let save = match before {
                Some(before) => Save::<RefundPolicies>::changed(before, after),
                None => Save::<RefundPolicies>::new(after),
            };
            let change = Change::of(tenant.clone()).save(save).keyed(record).tell([audit]);
            match (self.store.commit(change).await, &key) {
                (Ok(_), _) => return Ok(DisputeAnswered::plain(answer)),
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                // Somebody changed them meanwhile, or set the first.
                (Err(CommitError::Conflict | CommitError::Refused { .. }), _) => pause(tries).await,
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// What the policies give of a payment, kept as it was answered. No money moves.
    ///
    /// # Errors
    /// `Policy` when only the time before the start can decide and it is not known; see [`RefundsError`].
    pub async fn evaluate_refund_policy(
        &self,
        caller: &Caller,
        wanted: &EvaluateRefundPolicy,
        key: Option<RequestKey>,
        present: fn(&PolicyEvaluation) -> Answer,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let charge = self.charge_seen_by(caller, wanted.charge).await?;
        let now = self.clock.now();
        let requested = wanted.requested.map(|minor| Money::positive(minor, charge.currency())).transpose();
        let facts = Cancellation {
            paid: charge.captured(),
            left: charge.left(),
            requested: requested.map_err(tender_domain::refunds::RefundRefusal::from)?,
            reason: wanted.reason.clone(),
            has_evidence: wanted.has_evidence,
            product_type: wanted.product_type.clone(),
            rate_plan: wanted.rate_plan.clone(),
            cancelled_at: wanted.cancelled_at.unwrap_or(now),
            starts_at: wanted.starts_at,
        };
        let id: PolicyEvaluationId = self.ids.next();
        let evaluation = PolicyEvaluation {
            id,
            tenant: tenant.clone(),
            intent_id: charge.intent_id,
            charge_id: charge.id,
            dispute_id: None,
            evaluated: self.refund_policies(caller).await?.evaluate(&facts)?,
            evaluated_at: tender_domain::kernel::to_micros(now),
        };
        let answer = present(&evaluation);
        let record = self.key_record(key.as_ref(), &answer, id.to_string());
        let save = Save::<PolicyEvaluation>::new(evaluation);
        match (self.store.commit(Change::of(tenant.clone()).save(save).keyed(record)).await, &key) {
            (Ok(_), _) => Ok(DisputeAnswered::plain(answer)),
            (Err(CommitError::KeyTaken(record)), Some(key)) => {
                DisputeAnswered::replay(*record, key.fingerprint)
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}

impl From<RefundPolicyRefusal> for RefundsError {
    fn from(refusal: RefundPolicyRefusal) -> Self {
        Self::Policy(refusal)
    }
}

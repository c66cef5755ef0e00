//! What goes back by itself of a payment because what it was for was given up: as much as the refund policy gives.
//!
//! In two steps, each once by a key of the payment's: the evaluation, which is kept whatever it comes to, and the refund
//! of what it gives. Whoever comes again after a crash in between finds the evaluation that was kept, not another.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, IntentId, KeyRecord, KeyScope, KeyState, KeyWrite,
    PolicyEvaluationId, RequestFingerprint, Save, Timestamp, to_micros,
};
use tender_domain::refund_policy::{Cancellation, PolicyEvaluation};
use tender_http::RequestKey;

use super::{CreateRefund, NamedCharge, Presenter, RefundsError};
use crate::RefundsService;

/// The routes under which the keys of the two steps count, apart from those of clients.
const EVALUATED: &str = "order.changed/evaluation";
const REFUNDED: &str = "order.changed";

/// What was given up.
#[derive(Debug, Clone)]
pub(crate) struct GivenUp {
    /// Why it goes back, as policies name it.
    pub(crate) reason: String,
    /// At which rate plan it was ordered.
    pub(crate) rate_plan: Option<String>,
    /// When it was given up.
    pub(crate) cancelled_at: Timestamp,
    /// When it was to start.
    pub(crate) starts_at: Option<Timestamp>,
}

/// An evaluation as the refund needs it; kept as the answer of its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Allowed {
    /// Which evaluation.
    pub(crate) evaluation: PolicyEvaluationId,
    /// The rule that decided.
    pub(crate) rule: String,
    /// The steps that it came by.
    pub(crate) steps: Vec<String>,
    /// What goes back, in minor units; none is nothing.
    amount: Option<i64>,
    /// Whether that is all that was left.
    is_all: bool,
}

impl RefundsService {
    /// Gives back what the policy gives of a payment, once. `wanted` makes the refund of what is allowed.
    pub(crate) async fn refund_cancellation(
        self: &Arc<Self>,
        caller: &Caller,
        (payment, given_up): (IntentId, &GivenUp),
        wanted: fn(IntentId, &Allowed) -> CreateRefund,
        present: Presenter,
    ) -> Result<(), RefundsError> {
        let allowed = self.allowed(caller, payment, given_up).await?;
        let Some(minor) = allowed.amount else { return Ok(()) };
        let wanted = wanted(payment, &allowed);
        // All that is left is what is left when it is refunded.
        let wanted = CreateRefund { amount: (!allowed.is_all).then_some(minor), ..wanted };
        let answered = self.create_refund(caller, wanted, key(REFUNDED, payment), present).await?;
        if answered.answer.status >= 400 {
            tracing::warn!(%payment, minor, "what a cancellation gives back was taken by others meanwhile");
        }
        Ok(())
    }

    async fn allowed(
        &self,
        caller: &Caller,
        payment: IntentId,
        given_up: &GivenUp,
    ) -> Result<Allowed, RefundsError> {
        let (tenant, key) = (&caller.tenant, key(EVALUATED, payment));
        if let Some(record) = self.store.key(tenant, &key.scope).await? {
            return read(record);
        }
        let charge = self.find_charge(tenant, NamedCharge::Intent(payment)).await?.charge;
        let now = to_micros(self.clock.now());
        let facts = Cancellation {
            paid: charge.captured(),
            left: charge.left(),
            requested: None,
            reason: given_up.reason.clone(),
            has_evidence: false,
            product_type: None,
            rate_plan: given_up.rate_plan.clone(),
            cancelled_at: given_up.cancelled_at,
            starts_at: given_up.starts_at,
        };
        let evaluation = PolicyEvaluation {
            id: self.ids.next(),
            tenant: tenant.clone(),
            intent_id: charge.intent_id,
            charge_id: charge.id,
            dispute_id: None,
            evaluated: self.refund_policies(caller).await?.evaluate_by_itself(&facts)?,
            evaluated_at: now,
        };
        let allowed = Allowed {
            evaluation: evaluation.id,
            rule: evaluation.evaluated.rule.clone(),
            steps: evaluation.evaluated.explanation.clone(),
            amount: Some(evaluation.evaluated.eligible_amount.minor()).filter(|minor| *minor > 0),
            is_all: evaluation.evaluated.eligible_amount == charge.left(),
        };
        let record = KeyWrite::Record {
            scope: key.scope,
            fingerprint: key.fingerprint,
            resource: evaluation.id.to_string(),
            answer: tender_http::keep(200, &allowed),
            at: now,
        };
        let save = Save::<PolicyEvaluation>::new(evaluation);
        let change = Change::of(tenant.clone()).save(save).keyed(record).in_background();
        match self.store.commit(change).await {
            Ok(_) => Ok(allowed),
            Err(CommitError::KeyTaken(record)) => read(*record),
            Err(error) => Err(error.into()),
        }
    }
}

/// One evaluation and one refund of a payment, however often it is told.
fn key(route: &'static str, payment: IntentId) -> RequestKey {
    let scope = KeyScope { route, key: payment.to_string().into() };
    RequestKey { scope, fingerprint: RequestFingerprint([0; 32]) }
}

fn read(record: KeyRecord) -> Result<Allowed, RefundsError> {
    match &record.state {
        KeyState::Done(Answer { body, .. }) => serde_json::from_str(body).ok(),
        KeyState::Started => None,
    }
    .ok_or(RefundsError::BadKeyRecord(record.resource))
}

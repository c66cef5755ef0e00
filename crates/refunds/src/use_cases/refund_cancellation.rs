//! What goes back by itself of a payment because what it was for was given up: as much as the refund policy gives.
//!
//! In two steps, each once by a key of the payment's: the evaluation, which is kept whatever it comes to, and the refund
//! of what it gives. Whoever comes again after a crash in between finds the evaluation that was kept, not another. A refund
//! that is refused, because others took of the payment in between, is refused for good under its key; then both steps are
//! made once more, by keys of their own, on what is left. Where nothing comes of that, a person is told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, IntentId, KeyRecord, KeyScope, KeyState, KeyWrite, Money,
    PolicyEvaluationId, RequestFingerprint, Save, Timestamp, to_micros,
};
use tender_domain::refund_policy::{Cancellation, PolicyEvaluation};
use tender_domain::refunds::RefundRefusal;
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};
use tender_http::RequestKey;

use super::{CreateRefund, NamedCharge, Presenter, RefundsError};
use crate::RefundsService;

/// The routes under which the keys of the two steps count, apart from those of clients.
const EVALUATED: &str = "order.changed/evaluation";
const REFUNDED: &str = "order.changed";
/// The same of what a person is told.
const TOLD: &str = "order.changed/alert";
/// How often it is evaluated: again only after others took of the payment between an evaluation and its refund.
const ROUNDS_MAX: u32 = 5;

/// What was given up.
#[derive(Debug, Clone)]
pub(crate) struct GivenUp {
    /// Why it goes back, as policies name it.
    pub(crate) reason: String,
    /// What kind of thing was ordered.
    pub(crate) product_type: Option<String>,
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
        // For the person who is told of it.
        let present = Presenter { refusal: in_words, ..present };
        let mut refused = None;
        for round in 1..=ROUNDS_MAX {
            let allowed = self.allowed(caller, key(EVALUATED, (payment, round)), (payment, given_up)).await?;
            let Some(minor) = allowed.amount else { break };
            let wanted = wanted(payment, &allowed);
            // All that is left is what is left when it is refunded.
            let wanted = CreateRefund { amount: (!allowed.is_all).then_some(minor), ..wanted };
            let answered =
                self.create_refund(caller, wanted, key(REFUNDED, (payment, round)), present).await?;
            if answered.answer.status < 400 {
                return Ok(());
            }
            refused = Some((minor, answered.answer));
        }
        match refused {
            // The policy gives nothing: there is nothing to tell.
            None => Ok(()),
            Some((minor, answer)) => self.tell_not_refunded(caller, payment, (minor, &answer)).await,
        }
    }

    /// Tells a person, once, that a cancellation gives back what could not be refunded.
    async fn tell_not_refunded(
        &self,
        caller: &Caller,
        payment: IntentId,
        (minor, refusal): (i64, &Answer),
    ) -> Result<(), RefundsError> {
        let charge = self.find_charge(&caller.tenant, NamedCharge::Intent(payment)).await?.charge;
        let (key, now) = (key(TOLD, (payment, 1)), self.clock.now());
        let detail = format!(
            "the policy gave back {} of what was paid for an order that was given up, and it was refused: {}. Of the charge \
             {} are {} left; see what was given back beside it, and refund the rest by hand where some is owed",
            Money::new(minor, charge.currency()),
            refusal.body,
            charge.gateway_reference,
            charge.left(),
        );
        let alert = AlertRaised {
            code: "cancellation_not_refunded".to_owned(),
            severity: AlertSeverity::Warning,
            service: "refunds".to_owned(),
            tenant_id: charge.tenant.clone(),
            subject_id: charge.id.to_string(),
            intent_id: Some(payment),
            detail,
            version: charge.version,
            raised_at: now,
        };
        let envelope = Envelope { id: self.ids.event(), traceparent: tender_http::current_traceparent() };
        let record = KeyWrite::Record {
            scope: key.scope,
            fingerprint: key.fingerprint,
            resource: payment.to_string(),
            answer: Answer { status: 200, body: "".into() },
            at: now,
        };
        let change = Change::of(charge.tenant.clone()).tell([alert.into_message(envelope)]).keyed(record);
        match self.store.commit(change.in_background()).await {
            Ok(_) | Err(CommitError::KeyTaken(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn allowed(
        &self,
        caller: &Caller,
        key: RequestKey,
        (payment, given_up): (IntentId, &GivenUp),
    ) -> Result<Allowed, RefundsError> {
        let tenant = &caller.tenant;
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
            product_type: given_up.product_type.clone(),
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

fn in_words(refusal: &RefundRefusal) -> Answer {
    Answer { status: 422, body: refusal.to_string().into() }
}

/// One evaluation and one refund of a payment in each round, however often it is told. The first round's are those of
/// before there were rounds.
fn key(route: &'static str, (payment, round): (IntentId, u32)) -> RequestKey {
    let text = if round == 1 { payment.to_string() } else { format!("{payment}/{round}") };
    let scope = KeyScope { route, key: text.into() };
    RequestKey { scope, fingerprint: RequestFingerprint([0; 32]) }
}

fn read(record: KeyRecord) -> Result<Allowed, RefundsError> {
    match &record.state {
        KeyState::Done(Answer { body, .. }) => serde_json::from_str(body).ok(),
        KeyState::Started => None,
    }
    .ok_or(RefundsError::BadKeyRecord(record.resource))
}

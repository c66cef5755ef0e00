//! A refund as clients see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::kernel::{Answer, Caller};
use tender_domain::refunds::{Refund, RefundChannel, RefundState};
use tender_http::ResolutionBody;
use utoipa::ToSchema;
use uuid::Uuid;

use super::problems::refusal_problem;
use crate::Presenter;

/// How refunds and refusals are shown by this API.
pub(crate) const PRESENTER: Presenter =
    Presenter { refund: show, refusal: |refusal| refusal_problem(refusal).to_answer() };

/// A refund.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Refund)]
pub(super) struct RefundBody {
    #[serde(skip)]
    uuid: Uuid,
    /// Always `refund`.
    #[schema(value_type = String, example = "refund")]
    object: &'static str,
    /// The refund.
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    refund_id: String,
    /// `pending`, `processing`, `requires_action`, `succeeded`, `failed` or `canceled`.
    #[schema(value_type = String, example = "succeeded")]
    status: &'static str,
    /// In minor units.
    #[schema(example = 5194)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The intent whose charge is refunded.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The charge that is refunded.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: String,
    /// What the gateway calls the refund, once it is known; null of store credit.
    gateway_reference: Option<String>,
    /// `customer_request`, `product_return`, `fraud` or `other`.
    #[schema(value_type = String, example = "customer_request")]
    reason: &'static str,
    /// `original_payment_method` or `store_credit`.
    #[schema(value_type = String, example = "original_payment_method")]
    refund_method: &'static str,
    /// `tender`; `gateway` for one that a person made in the gateway's dashboard.
    #[schema(value_type = String, example = "tender")]
    origin: &'static str,
    /// How many calls of the gateway were begun for it.
    #[schema(example = 1)]
    attempts: u32,
    /// When the gateway is asked again, while the status is `pending`: its last call had no effect, for a reason that
    /// passes. Until then the refund can be canceled.
    next_attempt_at: Option<DateTime<Utc>>,
    /// Why it failed, or why its last call had no effect: a decline code, `gateway_error`, or `exceeds_charge` of one that
    /// waited while others took what it would have given back.
    failure_reason: Option<String>,
    /// Why it failed, for a person.
    failure_message: Option<String>,
    /// The network's own code for why it failed.
    network_code: Option<String>,
    /// What can be done about a failure: `retry` (a new refund), `use_other_means`, `reconcile_manually`.
    #[schema(value_type = Vec<String>)]
    actions: Vec<&'static str>,
    /// Where the customer goes, while the status is `requires_action`; null then where the gateway has written to the
    /// customer itself.
    next_action_url: Option<String>,
    /// What is said to have been given back and cannot be accepted as it is, until a person settles it: not what was asked,
    /// while the refund is `processing`; or, of one that `failed` or was `canceled`, that it was done after all, and its charge
    /// does not cover it any more.
    conflict: Option<ConflictBody>,
    /// How a person settled it, the last time. Not shown to customers.
    resolution: Option<ResolutionBody>,
    /// What you keep beside it.
    metadata: BTreeMap<String, String>,
    /// Whether the money is real.
    livemode: bool,
    /// Grows with every change of the refund; also its `ETag`.
    #[schema(example = 2)]
    version: i64,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// What is said to have been given back, where it cannot be accepted as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefundConflict)]
pub(super) struct ConflictBody {
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// What the gateway calls it.
    gateway_reference: String,
}

impl RefundBody {
    /// The refund as the caller may see it: who settled it, what they were told, and who asked for it, is no customer's.
    pub(super) fn of(refund: &Refund, caller: &Caller) -> Self {
        let mut body = Self::from(refund);
        if caller.only_customer().is_some() {
            body.resolution = None;
            if RefundChannel::agent_of(&refund.metadata).is_some() {
                body.metadata.remove(RefundChannel::AGENT_KEY);
            }
        }
        body
    }

    /// By what lists are ordered.
    pub(super) const fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl From<&Refund> for RefundBody {
    fn from(refund: &Refund) -> Self {
        let failure = refund.failure();
        let next_action_url = match &refund.state {
            RefundState::RequiresAction { url, .. } if !url.is_empty() => Some(url.clone()),
            _ => None,
        };
        Self {
            uuid: refund.id.uuid(),
            object: "refund",
            id: refund.id.to_string(),
            refund_id: refund.id.to_string(),
            status: refund.status().as_str(),
            amount: refund.amount.minor(),
            currency: refund.amount.currency().code(),
            payment_intent_id: refund.intent_id.to_string(),
            charge_id: refund.charge_id.to_string(),
            gateway_reference: refund.gateway_reference().map(str::to_owned),
            reason: refund.reason.as_str(),
            refund_method: refund.method.as_str(),
            origin: refund.origin.as_str(),
            attempts: refund.attempts,
            next_attempt_at: refund.next_attempt_at(),
            failure_reason: failure.map(|failure| failure.reason.clone()),
            failure_message: failure.map(|failure| failure.message.clone()),
            network_code: failure.and_then(|failure| failure.network_code.clone()),
            // What a person can do is said when nothing is done by itself any more.
            actions: refund
                .failure()
                .filter(|_| refund.next_attempt_at().is_none())
                .map_or_else(Vec::new, |failure| {
                    failure.actions.iter().map(|action| action.as_str()).collect()
                }),
            next_action_url,
            conflict: refund.conflict().map(|conflict| ConflictBody {
                amount: conflict.amount.minor(),
                currency: conflict.amount.currency().code(),
                gateway_reference: conflict.gateway_reference.clone(),
            }),
            resolution: refund.resolution.as_ref().map(|settled| ResolutionBody {
                outcome: settled.outcome.as_str(),
                was: settled.was.as_str(),
                by: settled.by.clone(),
                reason: settled.reason.clone(),
                at: settled.at,
            }),
            metadata: refund.metadata.entries().clone(),
            livemode: refund.livemode,
            version: refund.version.number(),
            created_at: refund.created_at,
            updated_at: refund.updated_at,
        }
    }
}

/// 201; 202 while the outcome is not known, or another call is to come.
fn show(refund: &Refund) -> Answer {
    let waits = matches!(refund.state, RefundState::Processing(_) | RefundState::Pending(_));
    let status = if waits { 202 } else { 201 };
    tender_http::keep(status, &RefundBody::from(refund))
}

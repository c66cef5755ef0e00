//! A payment as the annex's client sees it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::intents::{AttemptStatus, DisputeOfIntent, Instrument, Intent, RefundOfIntent};
use tender_domain::kernel::Answer;
use tender_domain::refunds::RefundStatus;
use tender_events::exact_amount;
use tender_http::keep;
use utoipa::ToSchema;
use uuid::Uuid;

use super::status::{PaymentStatus, StepBody, history};
use crate::messages::Failure;
use crate::use_cases::{Presenter, ToldPayment};

/// How the dialect shows outcomes; the key that the client named is laid over by who knows it.
pub(super) const PRESENTER: Presenter = Presenter {
    intent: |intent, _| shown(intent),
    capture: |intent, _| shown(intent),
    refusal: |_| None,
    error: |_| None,
};

/// A payment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AdventuresPayment)]
pub(super) struct PaymentBody {
    /// The intent's UUID.
    payment_id: Uuid,
    /// The reservation.
    #[schema(format = Uuid)]
    reservation_id: Option<String>,
    /// The guest.
    #[schema(format = Uuid)]
    guest_id: Option<String>,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// The method that is charged: the UUID of its `pm_…`.
    payment_method_id: Option<Uuid>,
    /// What the gateway calls it, once it has approved it.
    gateway_ref: Option<String>,
    /// Where it stands.
    status: PaymentStatus,
    /// The key that the client named.
    pub(super) idempotency_key: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// Why it failed (`INSUFFICIENT_FUNDS`); only of a payment that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decline_reason: Option<String>,
}

/// A payment with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresPaymentDetails)]
pub(super) struct DetailsBody {
    #[serde(flatten)]
    payment: PaymentBody,
    /// Who processed it.
    processor: Option<ProcessorBody>,
    /// How it came to where it stands, oldest first.
    status_history: Vec<StepBody>,
    /// Its refunds whose outcome is known, oldest first.
    refunds: Vec<RefundBody>,
    /// Its disputes, oldest first.
    disputes: Vec<DisputeBody>,
}

/// Who processed a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresProcessor)]
struct ProcessorBody {
    /// The connector.
    name: String,
    /// What it calls the payment; until it has approved it, our own reference there.
    reference: String,
    /// The network's response code.
    response_code: Option<String>,
}

/// A refund of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresPaymentRefund)]
struct RefundBody {
    /// The refund's UUID.
    refund_id: Uuid,
    /// The payment.
    payment_id: Uuid,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// Why.
    reason: String,
    /// What the gateway calls it.
    gateway_ref: Option<String>,
    /// `COMPLETED` or `FAILED`.
    #[schema(value_type = String)]
    status: &'static str,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

/// A dispute of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresPaymentDispute)]
struct DisputeBody {
    /// The dispute's UUID.
    dispute_id: Uuid,
    /// The payment.
    payment_id: Uuid,
    /// `GUEST` or `CHARGEBACK`.
    #[schema(value_type = String)]
    source: &'static str,
    /// Why, as a word.
    reason: String,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    requested_amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// `OPEN`, `UNDER_REVIEW`, `ESCALATED` or `RESOLVED`.
    #[schema(value_type = String)]
    status: &'static str,
    /// When it was opened.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// One page of a guest's payments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresHistory)]
pub(super) struct HistoryBody {
    /// The payments, newest first.
    pub(super) items: Vec<PaymentBody>,
    /// What to give as `cursor` for older ones.
    pub(super) next_cursor: Option<String>,
    /// Whether there are older ones.
    pub(super) has_more: bool,
}

impl PaymentBody {
    pub(super) fn of(intent: &Intent, idempotency_key: Option<String>) -> Self {
        let attempt = intent.attempts.last();
        let status = PaymentStatus::of(intent);
        let failed = attempt
            .filter(|attempt| matches!(attempt.status, AttemptStatus::Declined | AttemptStatus::Error));
        Self {
            payment_id: intent.id.uuid(),
            reservation_id: intent.order_ref.clone(),
            guest_id: intent.customer_id.clone(),
            amount: intent.amount.to_decimal(),
            currency: intent.amount.currency().code().to_owned(),
            payment_method_id: match &intent.instrument {
                Some(Instrument::Saved(id)) => Some(id.uuid()),
                _ => None,
            },
            gateway_ref: attempt
                .and_then(|attempt| attempt.authorization.as_ref())
                .map(|authorization| authorization.gateway_reference.clone()),
            status,
            idempotency_key,
            created_at: intent.created_at,
            decline_reason: failed
                .map(Failure::of)
                .or_else(|| Failure::of_fraud(intent))
                .filter(|_| status == PaymentStatus::Failed)
                .map(|failure| failure.code),
        }
    }

    /// 202 while its outcome is not known, else what `known` says.
    pub(super) fn status_code(&self, known: u16) -> u16 {
        if self.status == PaymentStatus::Pending { 202 } else { known }
    }
}

impl From<&ToldPayment> for DetailsBody {
    fn from(told: &ToldPayment) -> Self {
        let intent = &*told.intent;
        let key = told.kept.as_ref().and_then(|kept| kept.client_key.clone());
        let processor = intent.attempts.last().map(|attempt| ProcessorBody {
            name: attempt.connector.clone(),
            reference: attempt.authorization.as_ref().map_or_else(
                || attempt.id.to_string(),
                |authorization| authorization.gateway_reference.clone(),
            ),
            response_code: attempt.authorization.as_ref().map_or_else(
                || attempt.decline.as_ref().and_then(|decline| decline.network_code.clone()),
                |authorization| authorization.response_code.clone(),
            ),
        });
        Self {
            payment: PaymentBody::of(intent, key),
            processor,
            status_history: history(intent, &told.refunds),
            refunds: told.refunds.iter().map(RefundBody::from).collect(),
            disputes: told.disputes.iter().map(DisputeBody::from).collect(),
        }
    }
}

impl From<&DisputeOfIntent> for DisputeBody {
    fn from(dispute: &DisputeOfIntent) -> Self {
        Self {
            dispute_id: dispute.id.uuid(),
            payment_id: dispute.intent_id.uuid(),
            source: dispute.source.as_str(),
            reason: dispute.reason.clone(),
            requested_amount: dispute.amount.to_decimal(),
            currency: dispute.amount.currency().code(),
            status: dispute.status.as_str(),
            created_at: dispute.created_at,
            updated_at: dispute.updated_at,
        }
    }
}

impl From<&RefundOfIntent> for RefundBody {
    fn from(refund: &RefundOfIntent) -> Self {
        Self {
            refund_id: refund.id.uuid(),
            payment_id: refund.intent_id.uuid(),
            amount: refund.amount.to_decimal(),
            reason: refund.reason.clone(),
            gateway_ref: refund.gateway_reference.clone(),
            status: if refund.status == RefundStatus::Succeeded { "COMPLETED" } else { "FAILED" },
            created_at: refund.created_at,
        }
    }
}

fn shown(intent: &Intent) -> Answer {
    let body = PaymentBody::of(intent, None);
    keep(body.status_code(201), &body)
}

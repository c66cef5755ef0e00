//! Intents as clients see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::fraud::{FraudDecision, FraudSummary};
use tender_domain::intents::{Capture, Instrument, Intent, IntentStatus, StoredOrder};
use tender_domain::kernel::Answer;
use tender_domain::ports::AgreementKind;
use tender_http::{Problem, keep};
use utoipa::ToSchema;
use uuid::Uuid;

use super::action_body::NextActionBody;
use super::charge_body::{CaptureBody, ChargeBody};
use super::fraud::DecisionBody;
use super::orders::OrderBody;
use super::payer_body::MaskedContact;
use super::problems::refusal_problem;
use super::strong_body::mandate_of;
use crate::use_cases::Presenter;

/// How this API shows outcomes and refusals.
pub(crate) const PRESENTER: Presenter = Presenter {
    intent: |intent, created| keep(intent_status(intent, created), &IntentBody::from(intent)),
    capture: |intent, capture| keep(capture_status(capture), &CaptureBody::of(intent, capture)),
    refusal: |refusal| {
        let problem = refusal_problem(refusal);
        (problem.status() == 422).then(|| -> Answer { problem.to_answer() })
    },
    error: |error| {
        let problem = Problem::from(error.clone());
        (problem.status() == 422).then(|| problem.to_answer())
    },
};

/// 202 while the gateway's answer is not known.
fn intent_status(intent: &Intent, created: bool) -> u16 {
    match (intent.status, created) {
        (IntentStatus::Processing, _) => 202,
        (_, true) => 201,
        (_, false) => 200,
    }
}

fn capture_status(capture: &Capture) -> u16 {
    if capture.next_check_at.is_some() { 202 } else { 200 }
}

/// A payment intent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentIntent)]
pub(super) struct IntentBody {
    #[serde(skip)]
    uuid: Uuid,
    /// Always `payment_intent`.
    #[schema(value_type = String, example = "payment_intent")]
    object: &'static str,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// Lets a browser pay this intent, while it is open and for 24 hours at most: hand it to the client that needs it
    /// alone. Only in answers to servers that may write intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41_secret_AAAA")]
    client_secret: Option<String>,
    /// `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`, `authorized`,
    /// `requires_capture`, `succeeded`, `canceled` or `failed`.
    #[schema(value_type = String, example = "succeeded")]
    status: &'static str,
    /// In minor units.
    #[schema(example = 5194)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// What can still be captured, in minor units.
    amount_capturable: i64,
    /// What was captured, in minor units.
    #[schema(example = 5194)]
    amount_captured: i64,
    /// What refunds gave back, in minor units; follows a refund within moments.
    amount_refunded: i64,
    /// What disputes take of it, in minor units: while they are open, and for good when they are lost; follows a dispute
    /// within moments.
    amount_disputed: i64,
    /// The customer who pays.
    #[schema(example = "cust_1")]
    customer_id: Option<String>,
    /// The merchant account that it is for.
    #[schema(example = "ma_1")]
    merchant_account_id: String,
    /// The saved method that is charged.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<String>,
    /// What one may know of the method.
    payment_method: Option<MethodBody>,
    /// `auto` or `manual`.
    #[schema(value_type = String, example = "auto")]
    capture_mode: &'static str,
    /// How long after its authorization it is captured, of a delayed capture.
    capture_delay_seconds: Option<u32>,
    /// When it is captured, while the status is `authorized`.
    capture_at: Option<DateTime<Utc>>,
    /// What it is for.
    description: Option<String>,
    /// What the cardholder reads.
    statement_descriptor: Option<String>,
    /// The order behind it.
    order_ref: Option<String>,
    /// What you keep beside it.
    metadata: BTreeMap<String, String>,
    /// What the method is charged for later: `recurring` or `unscheduled`.
    #[schema(value_type = Option<String>)]
    setup_future_usage: Option<&'static str>,
    /// The mandate that it is made on, or that it began.
    #[schema(example = "mdt_01h2xcejqtf2nbrexx3vqjhp41")]
    mandate: Option<String>,
    /// Where the customer's browser comes back to after a challenge.
    return_url: Option<String>,
    /// Whom the bill is for, masked; not there when nobody told.
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_details: Option<MaskedContact>,
    /// Where what is bought goes, masked; not there when nobody told.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<MaskedContact>,
    /// What the customer has to do, while the status is `requires_action`.
    next_action: Option<NextActionBody>,
    /// Why the last attempt failed.
    last_payment_error: Option<PaymentErrorBody>,
    /// What fraud decided last.
    fraud: Option<FraudSummaryBody>,
    /// The charge, once something was captured: its id, or with `expand[]=latest_charge` the charge itself.
    latest_charge: Option<LatestCharge>,
    /// With `expand[]=order` alone: the order of the directory that `order_ref` names; `null` when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OrderBody>)]
    order: Option<Option<Box<OrderBody>>>,
    /// How many attempts there were.
    attempts: usize,
    /// How many there can be.
    max_attempts: u32,
    /// Whether a cancellation was asked for that is not done yet.
    cancel_requested: bool,
    /// Why it was canceled.
    cancellation_reason: Option<String>,
    /// When it was canceled.
    canceled_at: Option<DateTime<Utc>>,
    /// When it can no longer be confirmed.
    expires_at: Option<DateTime<Utc>>,
    /// Whether the money is real.
    livemode: bool,
    /// Grows with every change; also its `ETag`.
    #[schema(example = 2)]
    version: i64,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// The charge of an intent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = LatestCharge)]
enum LatestCharge {
    /// Its id.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    Id(String),
    /// The charge itself.
    Opened(Box<ChargeBody>),
}

/// What one may know of a payment method.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = IntentPaymentMethod)]
pub(super) struct MethodBody {
    /// `card` …
    #[serde(rename = "type")]
    method_type: String,
    /// The card's scheme.
    brand: Option<String>,
    /// The last four digits.
    last4: Option<String>,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentError)]
pub(super) struct PaymentErrorBody {
    /// `card_declined`, `gateway_error`, or `fraud_denied`, which is final.
    #[schema(value_type = String, example = "card_declined")]
    code: &'static str,
    /// Why the issuer or gateway said no.
    #[schema(value_type = Option<String>, example = "insufficient_funds")]
    decline_code: Option<&'static str>,
    /// The network's own code.
    #[schema(example = "51")]
    network_code: Option<String>,
    /// What a person may read.
    message: String,
    /// Whether another try may go through.
    retryable: bool,
    /// Which attempt.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    attempt_id: Option<String>,
    /// The decision of fraud that ended the intent.
    #[schema(example = "frd_01h2xcejqtf2nbrexx3vqjhp41")]
    fraud_decision_id: Option<String>,
}

/// A decision of fraud, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudSummary)]
pub(super) struct FraudSummaryBody {
    /// The decision; read it whole at `GET /v1/payments/fraud/decisions/{id}`.
    #[schema(example = "frd_01h2xcejqtf2nbrexx3vqjhp41")]
    decision_id: String,
    /// 0 (nothing speaks against it) to 100.
    #[schema(minimum = 0, maximum = 100)]
    score: u8,
    /// `allow`, `challenge` or `deny`.
    #[schema(value_type = String, example = "allow")]
    action: &'static str,
    /// With `expand[]=fraud.decision` alone: the decision itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Box<DecisionBody>>,
}

impl From<&FraudSummary> for FraudSummaryBody {
    fn from(summary: &FraudSummary) -> Self {
        Self {
            decision_id: summary.id.to_string(),
            score: summary.score,
            action: summary.action.as_str(),
            decision: None,
        }
    }
}

impl IntentBody {
    pub(super) const fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// With its charge in the place of the charge's id.
    pub(super) fn open_charge(&mut self, intent: &Intent) {
        if let (Some(charge), Some(attempt)) = (&mut self.latest_charge, intent.approved_attempt()) {
            *charge = LatestCharge::Opened(Box::new(ChargeBody::of(intent, attempt)));
        }
    }

    /// With what fraud decided last.
    pub(super) fn open_decision(&mut self, decision: Option<&FraudDecision>) {
        if let Some(fraud) = &mut self.fraud {
            fraud.decision = decision.map(|decision| Box::new(DecisionBody::from(decision)));
        }
    }

    /// With the order that it is for, or that there is none.
    pub(super) fn open_order(&mut self, order: Option<&StoredOrder>) {
        self.order = Some(order.map(|stored| Box::new(OrderBody::from(stored))));
    }
}

impl From<&Intent> for IntentBody {
    fn from(intent: &Intent) -> Self {
        let saved = match &intent.instrument {
            Some(Instrument::Saved(id)) => Some(id.to_string()),
            _ => None,
        };
        let method = (!intent.method.method_type.is_empty()).then(|| MethodBody {
            method_type: intent.method.method_type.clone(),
            brand: intent.method.brand.clone(),
            last4: intent.method.last4.clone(),
        });
        let captured = intent.amount_captured();
        Self {
            uuid: intent.id.uuid(),
            object: "payment_intent",
            id: intent.id.to_string(),
            payment_intent_id: intent.id.to_string(),
            // Laid over the answer by who may have it: what is kept under a key holds no secret.
            client_secret: None,
            status: intent.status.as_str(),
            amount: intent.amount.minor(),
            currency: intent.amount.currency().code(),
            amount_capturable: intent.amount_capturable().minor(),
            amount_captured: captured.minor(),
            amount_refunded: intent.amount_refunded.minor(),
            amount_disputed: intent.amount_disputed().minor(),
            customer_id: intent.customer_id.clone(),
            merchant_account_id: intent.merchant_account_id.clone(),
            payment_method_id: saved,
            payment_method: method,
            capture_mode: intent.capture_mode.as_str(),
            capture_delay_seconds: intent.capture_delay_seconds,
            capture_at: intent.approved_attempt().and_then(|attempt| attempt.capture_at),
            description: intent.description.clone(),
            statement_descriptor: intent.statement_descriptor.clone(),
            order_ref: intent.order_ref.clone(),
            metadata: intent.metadata.entries().clone(),
            setup_future_usage: intent.options.begins.map(AgreementKind::as_str),
            mandate: mandate_of(intent),
            return_url: intent.options.return_url.clone(),
            billing_details: intent.options.payer.billing.as_deref().map(MaskedContact::from),
            shipping: intent.options.payer.shipping.as_deref().map(MaskedContact::from),
            next_action: NextActionBody::of(intent),
            last_payment_error: intent.last_payment_error.as_ref().map(PaymentErrorBody::from),
            fraud: intent.risk.decision.as_ref().map(FraudSummaryBody::from),
            latest_charge: intent
                .approved_attempt()
                .filter(|_| !captured.is_zero())
                .map(|a| LatestCharge::Id(a.id.charge().to_string())),
            order: None,
            attempts: intent.attempts.len(),
            max_attempts: intent.max_attempts,
            cancel_requested: intent.cancellation_reason.is_some() && !intent.status.is_final(),
            cancellation_reason: intent.cancellation_reason.clone(),
            canceled_at: intent.canceled_at,
            expires_at: intent.expires_at,
            livemode: intent.livemode,
            version: intent.version.number(),
            created_at: intent.created_at,
            updated_at: intent.updated_at,
        }
    }
}

impl From<&tender_domain::intents::PaymentError> for PaymentErrorBody {
    fn from(error: &tender_domain::intents::PaymentError) -> Self {
        let decline = error.decline.as_ref();
        Self {
            code: match (decline, error.fraud) {
                (_, Some(_)) => "fraud_denied",
                (Some(_), None) => "card_declined",
                (None, None) => "gateway_error",
            },
            decline_code: decline.map(|decline| decline.code.as_str()),
            network_code: decline.and_then(|decline| decline.network_code.clone()),
            message: error.message.clone(),
            retryable: error.fraud.is_none() && decline.is_none_or(|decline| decline.code.is_retryable()),
            attempt_id: error.attempt.map(|attempt| attempt.to_string()),
            fraud_decision_id: error.fraud.map(|decision| decision.to_string()),
        }
    }
}

//! Stripe's messages, as far as they are read. What it adds is ignored.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::sca::ThreeDSecure;

/// The metadata in which we give Stripe our own names.
pub(super) mod metadata {
    pub(in crate::stripe) const TENANT: &str = "tender_tenant";
    pub(in crate::stripe) const REFERENCE: &str = "tender_reference";
    pub(in crate::stripe) const CAPTURE: &str = "tender_capture";
}

pub(super) type Metadata = BTreeMap<String, String>;

#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    pub(super) amount: i64,
    #[serde(default)]
    pub(super) amount_capturable: i64,
    #[serde(default)]
    pub(super) amount_received: i64,
    pub(super) currency: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) capture_method: String,
    #[serde(default)]
    pub(super) payment_method_types: Vec<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
    pub(super) next_action: Option<NextAction>,
    pub(super) last_payment_error: Option<Box<StripeError>>,
    pub(super) latest_charge: Option<Expandable<Charge>>,
}

/// A card that is set up to be charged later: what Stripe makes of an authorization of nothing.
#[derive(Deserialize)]
pub(super) struct SetupIntent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) last_setup_error: Option<Box<StripeError>>,
    pub(super) latest_attempt: Option<Expandable<SetupAttempt>>,
}

#[derive(Deserialize)]
pub(super) struct SetupAttempt {
    pub(super) payment_method_details: Option<MethodDetails>,
}

#[derive(Deserialize)]
pub(super) struct NextAction {
    pub(super) redirect_to_url: Option<RedirectToUrl>,
}

#[derive(Deserialize)]
pub(super) struct RedirectToUrl {
    pub(super) url: Option<String>,
}

/// An object, or its id alone when it was not asked for. No number is read in one: an untagged value loses it here.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Object(T),
}

#[derive(Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    pub(super) payment_method_details: Option<MethodDetails>,
}

#[derive(Deserialize)]
pub(super) struct MethodDetails {
    pub(super) card: Option<CardDetails>,
}

#[derive(Deserialize)]
pub(super) struct CardDetails {
    pub(super) checks: Option<Checks>,
    pub(super) three_d_secure: Option<ThreeDSecure>,
    pub(super) network_transaction_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Checks {
    pub(super) address_line1_check: Option<String>,
    pub(super) address_postal_code_check: Option<String>,
    pub(super) cvc_check: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: Option<String>,
    pub(super) failure_reason: Option<String>,
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) card: Option<Card>,
    pub(super) customer: Option<Expandable<Customer>>,
}

#[derive(Deserialize)]
pub(super) struct Card {
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) fingerprint: Option<String>,
    pub(super) three_d_secure_usage: Option<ThreeDSecureUsage>,
}

#[derive(Deserialize)]
pub(super) struct ThreeDSecureUsage {
    pub(super) supported: bool,
}

#[derive(Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) data: Vec<PaymentIntent>,
}

/// A page of what moved the balance.
#[derive(Deserialize)]
pub(super) struct Movements {
    pub(super) data: Vec<Movement>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// What moved the balance: a balance transaction.
#[derive(Deserialize)]
pub(super) struct Movement {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) net: i64,
    pub(super) currency: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) reporting_category: Option<String>,
    /// In seconds since 1970.
    pub(super) created: i64,
    pub(super) source: Option<Expandable<Source>>,
}

/// What made a movement: a charge, a refund, a dispute, a payout.
#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: StripeError,
}

/// Why something was refused; also what an intent says of its last payment.
#[derive(Deserialize)]
pub(super) struct StripeError {
    #[serde(rename = "type", default)]
    pub(super) error_type: String,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) network_decline_code: Option<String>,
    pub(super) advice_code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) param: Option<String>,
    pub(super) payment_intent: Option<Box<PaymentIntent>>,
    /// Of a card's error: the charge that failed.
    pub(super) charge: Option<String>,
    /// The method that was charged, with what the checks found.
    pub(super) payment_method: Option<Expandable<MethodDetails>>,
}

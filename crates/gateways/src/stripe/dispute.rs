//! What Stripe tells of disputes: `charge.dispute.*`, each with the dispute as it stands.
//!
//! A dispute takes money when its balance shows that it was withdrawn; until then, and of an inquiry (`warning_…`), nothing
//! is taken. Amount and fee are read from what they were then, so that every event of a dispute tells the same.

use serde::Deserialize;
use tender_domain::disputes::{DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::GatewayFact;

use super::money::from_stripe;
use crate::dispute_reason::{network, reason};

const PROCESSOR: &str = "stripe";
const WITHDRAWN: &str = "charge.dispute.funds_withdrawn";

#[derive(Deserialize)]
pub(super) struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    status: String,
    reason: Option<String>,
    created: i64,
    pub(super) payment_intent: Option<String>,
    evidence_details: Option<EvidenceDetails>,
    #[serde(default)]
    balance_transactions: Vec<BalanceTransaction>,
    payment_method_details: Option<MethodDetails>,
    /// As older versions of the API have it.
    network_reason_code: Option<String>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

#[derive(Deserialize)]
struct BalanceTransaction {
    amount: i64,
    currency: String,
    fee: i64,
}

#[derive(Deserialize)]
struct MethodDetails {
    card: Option<CardDetails>,
}

#[derive(Deserialize)]
struct CardDetails {
    brand: Option<String>,
    network_reason_code: Option<String>,
}

/// What an event tells of a dispute; none while nothing was taken, and for what cannot be said in our words.
pub(super) fn fact(event_type: &str, dispute: &Dispute, at: Timestamp) -> Option<GatewayFact> {
    let standing = match dispute.status.as_str() {
        "needs_response" | "appeal_needs_response" => DisputeStatus::NeedsResponse,
        "under_review" | "appeal_under_review" => DisputeStatus::UnderReview,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => return None,
    };
    let withdrawn = dispute.balance_transactions.iter().find(|one| one.amount < 0);
    if withdrawn.is_none() && event_type != WITHDRAWN {
        return None;
    }
    let card = dispute.payment_method_details.as_ref().and_then(|details| details.card.as_ref());
    let code = card.and_then(|card| card.network_reason_code.as_deref());
    let (network, network_reason_code, reason) = reason(
        network(card.and_then(|card| card.brand.as_deref())),
        code.or(dispute.network_reason_code.as_deref()),
        own_word(dispute.reason.as_deref()),
    );
    let told = ToldDispute {
        processor: PROCESSOR.to_owned(),
        processor_reference: Some(dispute.id.clone()),
        amount: from_stripe(dispute.amount, &dispute.currency)?,
        fee_minor: withdrawn.and_then(|taken| fee(dispute, taken)),
        network,
        network_reason_code,
        reason,
        received_at: Timestamp::from_timestamp(dispute.created, 0)?,
        respond_by: dispute
            .evidence_details
            .as_ref()
            .and_then(|details| details.due_by)
            .and_then(|seconds| Timestamp::from_timestamp(seconds, 0)),
    };
    let gateway_reference = dispute.payment_intent.clone()?;
    Some(GatewayFact::Disputed(Box::new(ToldChargeback {
        gateway_reference,
        dispute: told,
        standing,
        at,
        only_if_known: false,
    })))
}

/// What Stripe took for its trouble. One in the currency of the account's balance, where that is another one, is in the
/// settlement alone, and nothing is said of it.
fn fee(dispute: &Dispute, taken: &BalanceTransaction) -> Option<i64> {
    let same = taken.currency.eq_ignore_ascii_case(&dispute.currency);
    let fee = from_stripe(taken.fee, &taken.currency).map(|fee| fee.minor());
    fee.filter(|minor| same && *minor >= 0)
}

/// Stripe's own words for reasons (<https://docs.stripe.com/api/disputes/object>).
fn own_word(word: Option<&str>) -> DisputeReason {
    match word.unwrap_or_default() {
        "fraudulent" => DisputeReason::Fraud,
        "unrecognized" => DisputeReason::Unrecognized,
        "product_not_received" => DisputeReason::ProductNotReceived,
        "product_unacceptable" => DisputeReason::ProductUnacceptable,
        "subscription_canceled" => DisputeReason::CanceledRecurring,
        "credit_not_processed" => DisputeReason::CreditNotProcessed,
        "duplicate" => DisputeReason::Duplicate,
        "debit_not_authorized" | "noncompliant" => DisputeReason::Authorization,
        "bank_cannot_process" | "incorrect_account_details" => DisputeReason::ProcessingError,
        _ => DisputeReason::Other,
    }
}

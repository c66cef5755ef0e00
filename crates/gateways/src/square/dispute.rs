//! What Square tells of disputes: `dispute.*`, each with the dispute as it stands. An inquiry takes no money, and is no
//! dispute here.

use serde::Deserialize;
use tender_domain::disputes::{DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::GatewayFact;

use super::event::PROCESSOR;
use super::wire::Money;
use crate::dispute_reason::network;

#[derive(Deserialize)]
pub(super) struct Dispute {
    id: Option<String>,
    /// As older versions of the API have it.
    dispute_id: Option<String>,
    amount_money: Money,
    reason: Option<String>,
    state: String,
    due_at: Option<String>,
    created_at: Option<String>,
    card_brand: Option<String>,
    pub(super) disputed_payment: Option<DisputedPayment>,
}

#[derive(Deserialize)]
pub(super) struct DisputedPayment {
    pub(super) payment_id: Option<String>,
}

/// What an event tells of a dispute; none while nothing is taken, and for what cannot be said in our words.
pub(super) fn fact(dispute: &Dispute, at: Timestamp) -> Option<GatewayFact> {
    let standing = match dispute.state.as_str() {
        "EVIDENCE_REQUIRED" => DisputeStatus::NeedsResponse,
        "PROCESSING" => DisputeStatus::UnderReview,
        "WON" => DisputeStatus::Won,
        "LOST" | "ACCEPTED" => DisputeStatus::Lost,
        _ => return None,
    };
    let instant = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
    let gateway_reference = dispute.disputed_payment.as_ref()?.payment_id.clone()?;
    let told = ToldDispute {
        processor: PROCESSOR.to_owned(),
        processor_reference: Some(dispute.id.clone().or_else(|| dispute.dispute_id.clone())?),
        amount: dispute.amount_money.read()?,
        // Square tells of none.
        fee_minor: None,
        network: network(dispute.card_brand.as_deref()),
        network_reason_code: None,
        reason: reason(dispute.reason.as_deref()),
        received_at: instant(dispute.created_at.as_ref()).unwrap_or(at),
        respond_by: instant(dispute.due_at.as_ref()),
    };
    Some(GatewayFact::Disputed(Box::new(ToldChargeback {
        gateway_reference,
        dispute: told,
        standing,
        at,
        only_if_known: false,
    })))
}

/// Square's own words for reasons (<https://developer.squareup.com/reference/square/enums/DisputeReason>).
fn reason(word: Option<&str>) -> DisputeReason {
    match word.unwrap_or_default() {
        "NO_KNOWLEDGE" => DisputeReason::Unrecognized,
        "EMV_LIABILITY_SHIFT" => DisputeReason::Fraud,
        "NOT_RECEIVED" => DisputeReason::ProductNotReceived,
        "NOT_AS_DESCRIBED" => DisputeReason::ProductUnacceptable,
        "CANCELLED" => DisputeReason::CanceledRecurring,
        "CUSTOMER_REQUESTS_CREDIT" => DisputeReason::CreditNotProcessed,
        "DUPLICATE" | "PAID_BY_OTHER_MEANS" => DisputeReason::Duplicate,
        "AMOUNT_DIFFERS" => DisputeReason::ProcessingError,
        _ => DisputeReason::Other,
    }
}

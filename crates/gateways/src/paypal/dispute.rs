//! What PayPal tells of disputes: `CUSTOMER.DISPUTE.*`, each with the dispute as it stands. An inquiry takes no money, and is
//! no dispute here.

use serde::Deserialize;
use tender_domain::disputes::{DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::GatewayFact;

use super::event::PROCESSOR;
use super::money::from_paypal;
use super::wire::Amount;

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    dispute_id: String,
    create_time: Option<String>,
    #[serde(default)]
    disputed_transactions: Vec<Transaction>,
    reason: Option<String>,
    status: String,
    dispute_amount: Amount,
    dispute_life_cycle_stage: Option<String>,
    dispute_outcome: Option<Outcome>,
    seller_response_due_date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Transaction {
    /// The capture.
    seller_transaction_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    outcome_code: Option<String>,
}

impl Dispute {
    /// The capture that is disputed; none of several, for whose part is whose it does not say.
    pub(super) fn capture(&self) -> Option<&str> {
        match self.disputed_transactions.as_slice() {
            [one] => one.seller_transaction_id.as_deref(),
            _ => None,
        }
    }

    /// What an event tells of it; none while nothing is taken, and for what cannot be said in our words. `order` is what the
    /// payment is called here.
    pub(super) fn fact(&self, order: &str, at: Timestamp) -> Option<GatewayFact> {
        let takes = matches!(
            self.dispute_life_cycle_stage.as_deref(),
            Some("CHARGEBACK" | "PRE_ARBITRATION" | "ARBITRATION")
        );
        let standing = self.standing().filter(|_| takes)?;
        let instant = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
        let dispute = ToldDispute {
            processor: PROCESSOR.to_owned(),
            processor_reference: Some(self.dispute_id.clone()),
            amount: from_paypal(&self.dispute_amount)?,
            // What PayPal takes for it, its transactions say.
            fee_minor: None,
            network: None,
            network_reason_code: None,
            reason: reason(self.reason.as_deref()),
            received_at: instant(self.create_time.as_ref()).unwrap_or(at),
            respond_by: instant(self.seller_response_due_date.as_ref()),
        };
        let gateway_reference = order.to_owned();
        Some(GatewayFact::Disputed(Box::new(ToldChargeback {
            gateway_reference,
            dispute,
            standing,
            at,
            only_if_known: false,
        })))
    }

    fn standing(&self) -> Option<DisputeStatus> {
        let outcome = self.dispute_outcome.as_ref().and_then(|outcome| outcome.outcome_code.as_deref());
        Some(match (self.status.as_str(), outcome) {
            ("OPEN" | "WAITING_FOR_SELLER_RESPONSE", _) => DisputeStatus::NeedsResponse,
            ("WAITING_FOR_BUYER_RESPONSE" | "UNDER_REVIEW", _) => DisputeStatus::UnderReview,
            // PayPal pays the buyer, and the seller keeps the money.
            (
                "RESOLVED",
                Some("RESOLVED_SELLER_FAVOUR" | "RESOLVED_WITH_PAYOUT" | "CANCELED_BY_BUYER" | "DENIED"),
            ) => DisputeStatus::Won,
            ("RESOLVED", Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED")) => DisputeStatus::Lost,
            _ => return None,
        })
    }
}

/// PayPal's own words for reasons (<https://developer.paypal.com/docs/api/customer-disputes/v1/>).
fn reason(word: Option<&str>) -> DisputeReason {
    match word.unwrap_or_default() {
        "UNAUTHORISED" => DisputeReason::Fraud,
        "MERCHANDISE_OR_SERVICE_NOT_RECEIVED" => DisputeReason::ProductNotReceived,
        "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED" => DisputeReason::ProductUnacceptable,
        "CANCELED_RECURRING_BILLING" => DisputeReason::CanceledRecurring,
        "CREDIT_NOT_PROCESSED" => DisputeReason::CreditNotProcessed,
        "DUPLICATE_TRANSACTION" | "PAYMENT_BY_OTHER_MEANS" => DisputeReason::Duplicate,
        "INCORRECT_AMOUNT" | "PROBLEM_WITH_REMITTANCE" => DisputeReason::ProcessingError,
        _ => DisputeReason::Other,
    }
}

//! Disputes in callbacks' bodies.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tender_domain::disputes::{
    CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute, reason_of_code,
};
use tender_domain::kernel::{Currency, Money, Timestamp, to_micros};
use tender_domain::ports::GatewayFact;

/// The simulated gateway's name, as what it says of disputes has it.
const PROCESSOR: &str = "simulator";
/// What it takes for a dispute, in minor units.
const FEE_MINOR: i64 = 1_500;
/// How long the merchant may answer.
const RESPOND_WITHIN: Duration = Duration::from_secs(14 * 24 * 3_600);

pub(crate) const DISPUTE_CREATED: &str = "dispute.created";
pub(crate) const DISPUTE_UPDATED: &str = "dispute.updated";

/// A dispute as it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DisputeBody {
    id: String,
    /// What the simulator calls the payment.
    gateway_reference: String,
    /// In minor units.
    amount: i64,
    currency: Currency,
    fee: i64,
    network: String,
    reason_code: String,
    status: String,
    received_at: Timestamp,
    respond_by: Timestamp,
}

impl DisputeBody {
    /// All of a payment is disputed, as one that the card's owner did not make.
    pub(crate) fn of(id: String, gateway_reference: &str, amount: Money, at: Timestamp) -> Self {
        let at = to_micros(at);
        Self {
            id,
            gateway_reference: gateway_reference.to_owned(),
            amount: amount.minor(),
            currency: amount.currency(),
            fee: FEE_MINOR,
            network: CardNetwork::Visa.as_str().to_owned(),
            reason_code: "10.4".to_owned(),
            status: DisputeStatus::NeedsResponse.as_str().to_owned(),
            received_at: at,
            respond_by: at + RESPOND_WITHIN,
        }
    }

    /// The same, standing so.
    pub(crate) fn now(self, standing: DisputeStatus) -> Self {
        Self { status: standing.as_str().to_owned(), ..self }
    }

    /// What it tells; of a kind without meaning when its words are not ours.
    pub(crate) fn fact(self, at: Timestamp) -> GatewayFact {
        let network = CardNetwork::find(&self.network);
        let reason = reason_of_code(network, &self.reason_code);
        let (Some(standing), Ok(reason)) = (DisputeStatus::find(&self.status), reason) else {
            return GatewayFact::Other;
        };
        let of_network = DisputeReason::find(&self.reason_code).is_none();
        GatewayFact::Disputed(Box::new(ToldChargeback {
            gateway_reference: self.gateway_reference,
            dispute: ToldDispute {
                processor: PROCESSOR.to_owned(),
                processor_reference: Some(self.id),
                amount: Money::new(self.amount, self.currency),
                fee_minor: Some(self.fee),
                network,
                network_reason_code: of_network.then_some(self.reason_code),
                reason,
                received_at: self.received_at,
                respond_by: Some(self.respond_by),
            },
            standing,
            at,
            only_if_known: false,
        }))
    }
}

//! What the simulator tells of disputes.

use serde::Deserialize;
use tender_domain::disputes::{
    CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute, reason_of_code,
};
use tender_domain::kernel::{Currency, Money, Timestamp};
use tender_domain::ports::GatewayFact;

const PROCESSOR: &str = "simulator";

#[derive(Deserialize)]
pub(super) struct DisputeBody {
    id: String,
    gateway_reference: String,
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
    /// What it tells; of a kind without meaning when its words are not ours.
    pub(super) fn fact(self, at: Timestamp) -> GatewayFact {
        let network = CardNetwork::find(&self.network);
        let reason = reason_of_code(network, &self.reason_code);
        let (Some(standing), Ok(reason)) = (DisputeStatus::find(&self.status), reason) else {
            return GatewayFact::Other;
        };
        let is_of_network = DisputeReason::find(&self.reason_code).is_none();
        let dispute = ToldDispute {
            processor: PROCESSOR.to_owned(),
            processor_reference: Some(self.id),
            amount: Money::new(self.amount, self.currency),
            fee_minor: Some(self.fee),
            network,
            network_reason_code: is_of_network.then_some(self.reason_code),
            reason,
            received_at: self.received_at,
            respond_by: Some(self.respond_by),
        };
        let gateway_reference = self.gateway_reference;
        GatewayFact::Disputed(Box::new(ToldChargeback {
            gateway_reference,
            dispute,
            standing,
            at,
            only_if_known: false,
        }))
    }
}

//! What a callback tells of a dispute, as `gateway_callbacks.fact` has it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::{Currency, Money, gateway_text};

/// Written and read here only.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DisputeJson {
    gateway_reference: String,
    processor: String,
    processor_reference: Option<String>,
    amount_minor: i64,
    #[serde(default)]
    fee_minor: Option<i64>,
    currency: Currency,
    network: Option<String>,
    network_reason_code: Option<String>,
    reason: String,
    received_at: DateTime<Utc>,
    respond_by: Option<DateTime<Utc>>,
    standing: String,
    at: DateTime<Utc>,
    #[serde(default)]
    only_if_known: bool,
}

impl From<&ToldChargeback> for DisputeJson {
    fn from(told: &ToldChargeback) -> Self {
        let dispute = &told.dispute;
        Self {
            gateway_reference: told.gateway_reference.clone(),
            processor: dispute.processor.clone(),
            processor_reference: dispute.processor_reference.clone(),
            amount_minor: dispute.amount.minor(),
            fee_minor: dispute.fee_minor,
            currency: dispute.amount.currency(),
            network: dispute.network.map(|network| network.as_str().to_owned()),
            network_reason_code: dispute.network_reason_code.as_deref().map(gateway_text),
            reason: dispute.reason.as_str().to_owned(),
            received_at: dispute.received_at,
            respond_by: dispute.respond_by,
            standing: told.standing.as_str().to_owned(),
            at: told.at,
            only_if_known: told.only_if_known,
        }
    }
}

impl DisputeJson {
    pub(crate) fn into_told(self) -> Result<ToldChargeback, String> {
        let network = self
            .network
            .map(|word| CardNetwork::find(&word).ok_or_else(|| format!("the network `{word}` is not known")));
        let reason = DisputeReason::find(&self.reason);
        let standing = DisputeStatus::find(&self.standing);
        Ok(ToldChargeback {
            gateway_reference: self.gateway_reference,
            dispute: ToldDispute {
                processor: self.processor,
                processor_reference: self.processor_reference,
                amount: Money::new(self.amount_minor, self.currency),
                fee_minor: self.fee_minor,
                network: network.transpose()?,
                network_reason_code: self.network_reason_code,
                reason: reason.ok_or_else(|| format!("the reason `{}` is not known", self.reason))?,
                received_at: self.received_at,
                respond_by: self.respond_by,
            },
            standing: standing.ok_or_else(|| format!("the status `{}` is not known", self.standing))?,
            at: self.at,
            only_if_known: self.only_if_known,
        })
    }
}

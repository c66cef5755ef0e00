//! What happened to chargebacks whose charge is not known.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::disputes::ChargebackIntake;
use tender_domain::kernel::{Currency, DisputeId, IntakeId, TenantId, Timestamp, Version};
use utoipa::ToSchema;

use crate::exact_amount;
use crate::public_event::public_event;

/// `chargeback.unmatched`: a processor took money of a charge that is not known here, and its fee; or the charge was
/// found, and the chargeback is a dispute. The ledger holds it in suspense in between, once by `intakeId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChargebackUnmatched {
    /// Under which it waits.
    #[schema(value_type = String, example = "cbi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intake_id: IntakeId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The dispute that it became; not there while its charge is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    pub dispute_id: Option<DisputeId>,
    /// Who took the money: the connector.
    pub processor: String,
    /// What the processor calls the dispute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor_reference: Option<String>,
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// How much, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// What the processor takes for it, in minor units of the same currency; 0 while nobody has told it.
    pub fee_minor: i64,
    /// The fee that became known while it waits, in minor units and more than zero: this message tells of that alone. The
    /// ledger posts it once, by `intakeId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_fee_minor: Option<i64>,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// Why, as a word of this platform.
    pub reason: String,
    /// How often it changed.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When the processor took it in.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// When it changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl ChargebackUnmatched {
    /// The message of a chargeback as it stands.
    #[must_use]
    pub fn of(intake: &ChargebackIntake) -> Self {
        let told = &intake.told;
        Self {
            intake_id: intake.id,
            tenant_id: intake.tenant.clone(),
            dispute_id: intake.dispute,
            processor: told.processor.clone(),
            processor_reference: told.processor_reference.clone(),
            gateway_reference: intake.gateway_reference.clone(),
            amount: told.amount.to_decimal(),
            amount_minor: told.amount.minor(),
            fee_minor: told.known_fee(),
            told_fee_minor: None,
            currency: told.amount.currency(),
            reason: told.reason.as_str().to_owned(),
            version: intake.version,
            received_at: told.received_at,
            updated_at: intake.updated_at,
        }
    }
}

impl ChargebackUnmatched {
    /// The message that the fee of a chargeback that waits became known just now; none where nothing is taken.
    #[must_use]
    pub fn of_fee(intake: &ChargebackIntake) -> Option<Self> {
        let told = intake.told.fee_minor.filter(|minor| *minor > 0)?;
        Some(Self { told_fee_minor: Some(told), ..Self::of(intake) })
    }
}

public_event! {
    ChargebackUnmatched is CHARGEBACK_UNMATCHED of "/tender/refunds":
    key intake_id, subject intake_id, at updated_at, amount
}

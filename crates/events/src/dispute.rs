//! What happened to disputes.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::dispute_cases::{CaseSource, DisputeCase};
use tender_domain::disputes::{Dispute, DisputeStatus};
use tender_domain::kernel::{ChargeId, Currency, DisputeId, IntentId, TenantId, Timestamp, Version};
use tender_domain::refunds::RefundableCharge;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::exact_amount;
use crate::public_event::public_event;

/// What a dispute's source is where an older message does not say it.
fn chargeback() -> String {
    CaseSource::Chargeback.as_str().to_owned()
}

macro_rules! dispute_events {
    ($(
        $(#[$doc:meta])*
        $name:ident on $topic:ident at $at:ident {
            $($(#[$field_meta:meta])* $field:ident: $field_type:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The dispute.
            #[schema(value_type = String, example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
            pub dispute_id: DisputeId,
            /// `CHARGEBACK`: a bank took the money. `GUEST`: a guest asks for it, and no money has moved.
            #[serde(default = "chargeback")]
            #[schema(example = "CHARGEBACK")]
            pub source: String,
            /// The charge that is disputed.
            #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
            pub charge_id: ChargeId,
            /// The intent.
            #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
            pub intent_id: IntentId,
            /// The intent's UUID.
            pub payment_id: Uuid,
            /// The tenant.
            #[schema(value_type = String, example = "sandbox")]
            pub tenant_id: TenantId,
            /// The order that had been paid.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub order_id: Option<String>,
            /// The customer who had paid.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub customer_id: Option<String>,
            /// The merchant account that bears it.
            pub merchant_account_id: String,
            /// The connector that had taken the payment.
            pub connector: String,
            /// What the gateway calls the charge.
            pub gateway_reference: String,
            /// Who took the money back.
            pub processor: String,
            /// What the processor calls the dispute.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub processor_reference: Option<String>,
            /// How much is disputed, in major units of its own currency, exact.
            #[serde(with = "exact_amount")]
            #[schema(schema_with = exact_amount::schema)]
            pub amount: Decimal,
            /// How much is disputed, in minor units.
            pub amount_minor: i64,
            /// What the processor takes for it, in minor units of the same currency; 0 while nobody has told it.
            pub fee_minor: i64,
            /// The dispute's currency; it may be another one than the charge's.
            #[schema(value_type = String, example = "EUR")]
            pub currency: Currency,
            /// Where it stands: `needs_response`, `under_review`, `won`, `lost` or `accepted`; a guest's `OPEN`,
            /// `UNDER_REVIEW`, `ESCALATED` or `RESOLVED`.
            pub status: String,
            /// Why, as a word of this platform.
            pub reason: String,
            /// The card network.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub network: Option<String>,
            /// The network's own code of the reason.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub network_reason_code: Option<String>,
            /// Until when the merchant may answer, as the processor says.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(value_type = Option<String>, format = DateTime)]
            pub respond_by: Option<Timestamp>,
            /// Until when evidence must be handed in.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(value_type = Option<String>, format = DateTime)]
            pub evidence_due_by: Option<Timestamp>,
            /// How many times it was decided: 0 while it is open for the first time. Each decision is an effect of its
            /// own in the ledger.
            pub decisions: u32,
            /// When it was decided last.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(value_type = Option<String>, format = DateTime)]
            pub decided_at: Option<Timestamp>,
            /// Why it was decided so, in words.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub decision_reason: Option<String>,
            /// What all disputes of the charge take of it now, in minor units of the charge's currency.
            pub charge_disputed_minor: i64,
            /// The version of the charge with all of its refunds and disputes: the later one knows better.
            #[schema(value_type = i64)]
            pub charge_version: Version,
            /// Whether the money is real.
            pub livemode: bool,
            /// The dispute's version.
            #[schema(value_type = i64)]
            pub version: Version,
            /// When the processor took it in.
            #[schema(value_type = String, format = DateTime)]
            pub received_at: Timestamp,
            /// When it was written down here.
            #[schema(value_type = String, format = DateTime)]
            pub created_at: Timestamp,
            /// When it changed last.
            #[schema(value_type = String, format = DateTime)]
            pub updated_at: Timestamp,
            $($(#[$field_meta])* pub $field: $field_type,)*
        }

        impl $name {
            /// The message of a dispute of `charge`.
            #[must_use]
            pub fn of(charge: &RefundableCharge, dispute: &Dispute $(, $field: $field_type)*) -> Self {
                let resolution = dispute.resolution.as_ref();
                let told = &dispute.told;
                Self {
                    dispute_id: dispute.id,
                    source: chargeback(),
                    charge_id: charge.id,
                    intent_id: charge.intent_id,
                    payment_id: charge.intent_id.uuid(),
                    tenant_id: charge.tenant.clone(),
                    order_id: charge.order_id.clone(),
                    customer_id: charge.customer_id.clone(),
                    merchant_account_id: charge.merchant_account_id.clone(),
                    connector: charge.connector.clone(),
                    gateway_reference: charge.gateway_reference.clone(),
                    processor: told.processor.clone(),
                    processor_reference: told.processor_reference.clone(),
                    amount: told.amount.to_decimal(),
                    amount_minor: told.amount.minor(),
                    fee_minor: told.known_fee(),
                    currency: told.amount.currency(),
                    status: dispute.status.as_str().to_owned(),
                    reason: told.reason.as_str().to_owned(),
                    network: told.network.map(|network| network.as_str().to_owned()),
                    network_reason_code: told.network_reason_code.clone(),
                    respond_by: told.respond_by,
                    evidence_due_by: dispute.evidence_due_by,
                    decisions: dispute.decided_times(),
                    decided_at: resolution.map(|resolution| resolution.decided_at),
                    decision_reason: resolution.and_then(|resolution| resolution.reason.clone()),
                    charge_disputed_minor: charge.disputed().minor(),
                    charge_version: charge.version,
                    livemode: dispute.livemode,
                    version: dispute.version,
                    received_at: told.received_at,
                    created_at: dispute.created_at,
                    updated_at: dispute.updated_at,
                    $($field,)*
                }
            }
        }

        impl $name {
            /// The message of a guest's dispute of `charge`: nobody took any money.
            #[must_use]
            pub fn of_guest(charge: &RefundableCharge, case: &DisputeCase $(, $field: $field_type)*) -> Self {
                let decision = case.decision.as_ref();
                Self {
                    dispute_id: case.id,
                    source: CaseSource::Guest.as_str().to_owned(),
                    charge_id: charge.id,
                    intent_id: charge.intent_id,
                    payment_id: charge.intent_id.uuid(),
                    tenant_id: charge.tenant.clone(),
                    order_id: charge.order_id.clone(),
                    customer_id: charge.customer_id.clone(),
                    merchant_account_id: charge.merchant_account_id.clone(),
                    connector: charge.connector.clone(),
                    gateway_reference: charge.gateway_reference.clone(),
                    processor: charge.connector.clone(),
                    processor_reference: None,
                    amount: case.requested.to_decimal(),
                    amount_minor: case.requested.minor(),
                    fee_minor: 0,
                    currency: case.requested.currency(),
                    status: case.status.as_str().to_owned(),
                    reason: case.reason.as_str().to_owned(),
                    network: None,
                    network_reason_code: None,
                    respond_by: None,
                    evidence_due_by: Some(case.due_at),
                    decisions: u32::from(decision.is_some()),
                    decided_at: decision.map(|decision| decision.at),
                    decision_reason: decision.map(|decision| decision.reason.clone()),
                    charge_disputed_minor: charge.disputed().minor(),
                    charge_version: charge.version,
                    livemode: case.livemode,
                    version: case.version,
                    received_at: case.created_at,
                    created_at: case.created_at,
                    updated_at: case.updated_at,
                    $($field,)*
                }
            }

            /// Whether a bank took the money: then the ledger has it.
            #[must_use]
            pub fn is_chargeback(&self) -> bool {
                self.source == CaseSource::Chargeback.as_str()
            }
        }

        public_event! {
            $name is $topic of "/tender/refunds":
            key intent_id, subject dispute_id, at $at, amount
        }
    )*};
}

dispute_events! {
    /// `dispute.created`: a payment is disputed.
    DisputeCreated on DISPUTE_CREATED at created_at {}
    /// `dispute.updated`: something of a dispute changed that decides nothing. No money moved, unless a fee is told with it
    /// that was not known before: the ledger posts that once, by `disputeId`.
    DisputeUpdated on DISPUTE_UPDATED at updated_at {
        /// The fee that became known by this change, in minor units of the dispute's currency and more than zero; it is in
        /// no message before. Not there when the change is about something else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told_fee_minor: Option<i64>,
    }
    /// `chargeback.received`: the processor took the money of a dispute, and its fee where it was told with it. The ledger
    /// posts it once, by `disputeId`.
    ChargebackReceived on CHARGEBACK_RECEIVED at received_at {}
    /// `dispute.resolved`: a dispute was decided, or decided the other way. The ledger posts each decision once, by
    /// `disputeId` and `decisions`.
    DisputeResolved on DISPUTE_RESOLVED at updated_at {
        /// Where it stood before. When that was decided already, the decision is turned.
        previous_status: String,
    }
}

/// `credit-note.requested`: a payment was taken back for good, and billing is asked for a credit note; or it was given
/// back after all, and the credit note of it is not to stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditNoteRequested {
    /// The dispute that is the reason.
    #[schema(value_type = String, example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    pub dispute_id: DisputeId,
    /// The charge.
    #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    pub charge_id: ChargeId,
    /// The intent.
    #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: IntentId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The order that had been paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The customer who had paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The merchant account that bears it.
    pub merchant_account_id: String,
    /// How much, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// `dispute_lost` or `dispute_accepted`; of one that is withdrawn `dispute_won`.
    pub reason: String,
    /// Whether a credit note that was requested for this dispute before is not to stand.
    pub withdrawn: bool,
    /// Which decision of the dispute this follows: 1 for the first.
    pub decisions: u32,
    /// Whether the money is real.
    pub livemode: bool,
    /// The dispute's version.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
}

impl CreditNoteRequested {
    /// The message of a dispute that was just decided, where it stood at `from` before; none when there is nothing to
    /// write.
    #[must_use]
    pub fn of(charge: &RefundableCharge, dispute: &Dispute, from: DisputeStatus) -> Option<Self> {
        let withdrawn = dispute.status == DisputeStatus::Won;
        // Nothing was requested of what was never lost.
        if dispute.status.is_open() || (withdrawn && from.is_open()) {
            return None;
        }
        Some(Self {
            dispute_id: dispute.id,
            charge_id: charge.id,
            intent_id: charge.intent_id,
            tenant_id: charge.tenant.clone(),
            order_id: charge.order_id.clone(),
            customer_id: charge.customer_id.clone(),
            merchant_account_id: charge.merchant_account_id.clone(),
            amount: dispute.told.amount.to_decimal(),
            amount_minor: dispute.told.amount.minor(),
            currency: dispute.told.amount.currency(),
            reason: format!("dispute_{}", dispute.status.as_str()),
            withdrawn,
            decisions: dispute.decided_times(),
            livemode: dispute.livemode,
            version: dispute.version,
            requested_at: dispute.updated_at,
        })
    }
}

public_event! {
    CreditNoteRequested is CREDIT_NOTE_REQUESTED of "/tender/refunds":
    key intent_id, subject dispute_id, at requested_at, amount
}

//! One dispute: a part of its charge's aggregate.

use crate::kernel::{ChargeId, DisputeId, IntentId, Money, Timestamp, Version};

use super::{Actor, CardNetwork, DisputeReason, DisputeStatus, HistoryHead, LastReply};

/// A dispute as it is told of: by a processor, or by a person who has its letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldDispute {
    /// Who took the money back: the connector's name.
    pub processor: String,
    /// What the processor calls the dispute; by it a repetition is known. None only of what a person writes down.
    pub processor_reference: Option<String>,
    /// How much is disputed, and was taken; more than zero. May be of another currency than the charge.
    pub amount: Money,
    /// What the processor takes for its trouble, in minor units of the same currency; zero or more. It is not given
    /// back when the dispute is won. None when whoever tells the dispute does not say: that contradicts no fee.
    pub fee_minor: Option<i64>,
    /// The network whose procedure it is.
    pub network: Option<CardNetwork>,
    /// The network's own code of the reason, as it was given.
    pub network_reason_code: Option<String>,
    /// What that means.
    pub reason: DisputeReason,
    /// When the processor took it in.
    pub received_at: Timestamp,
    /// Until when the merchant may answer, as the processor says.
    pub respond_by: Option<Timestamp>,
}

impl ToldDispute {
    /// The fee as far as it is known, in minor units: nothing while nobody has told it.
    #[must_use]
    pub fn known_fee(&self) -> i64 {
        self.fee_minor.unwrap_or(0)
    }

    /// Whether both tell a fee, and not the same one.
    #[must_use]
    pub fn differs_in_fee(&self, other: &Self) -> bool {
        matches!((self.fee_minor, other.fee_minor), (Some(own), Some(told)) if own != told)
    }
}

/// What a processor tells of a dispute, by a callback or through a program of the merchant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldChargeback {
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// The dispute; with the processor's reference.
    pub dispute: ToldDispute,
    /// Where it stands.
    pub standing: DisputeStatus,
    /// When it came to stand so, as the processor says.
    pub at: Timestamp,
    /// Whether it only moves a dispute that is known, and opens none: a word that processors say also of what takes nothing.
    pub only_if_known: bool,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// How many changes this dispute has seen; the charge's version counts those of all its parts.
    pub version: Version,
    /// The charge that is disputed.
    pub charge_id: ChargeId,
    /// The intent of that charge.
    pub intent_id: IntentId,
    /// Who had paid, if the intent had a customer.
    pub customer_id: Option<String>,
    /// Whose money it is: the merchant account's name.
    pub merchant_account_id: String,
    /// Whether the charge is live rather than a test.
    pub livemode: bool,
    /// What was told of it. It never changes, but for a fee that was not told at first.
    pub told: ToldDispute,
    /// Until when evidence must be handed in: what the merchant set, else what the processor told.
    pub evidence_due_by: Option<Timestamp>,
    /// Where it stands.
    pub status: DisputeStatus,
    /// How it ended; there whenever the status is not open.
    pub resolution: Option<Resolution>,
    /// The last that its processor was to be told; none while it was not replied to.
    pub reply: Option<LastReply>,
    /// Where its history stands.
    pub history: HistoryHead,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// How a dispute ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// 1 for the first; one more each time it is overturned. The ledger posts each once, by the dispute and this.
    pub number: u32,
    /// When it was decided, as whoever tells it says.
    pub decided_at: Timestamp,
    /// Who told it.
    pub by: Actor,
    /// Why, in words.
    pub reason: Option<String>,
}

impl Dispute {
    /// How many times it was decided.
    #[must_use]
    pub fn decided_times(&self) -> u32 {
        self.resolution.as_ref().map_or(0, |resolution| resolution.number)
    }

    /// What it takes of a charge of which `captured` was captured. Of another currency than the charge's it takes all,
    /// for nobody here knows the rate: nothing is refunded beside it.
    #[must_use]
    pub fn taken_of(&self, captured: Money) -> Money {
        if !self.status.takes() {
            return Money::zero(captured.currency());
        }
        if self.told.amount.currency() == captured.currency() { self.told.amount } else { captured }
    }
}

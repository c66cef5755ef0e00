//! One refund: a part of its charge's aggregate.

use crate::kernel::{ChargeId, IntentId, Metadata, Money, RefundId, Timestamp, Version, words};

use super::{LookupSchedule, RefundCall, RefundResolution, RefundStatus};

words! {
    /// Why money is given back.
    RefundReason {
        /// The customer asked for it.
        CustomerRequest = "customer_request",
        /// The goods came back.
        ProductReturn = "product_return",
        /// The payment was fraud.
        Fraud = "fraud",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How money is given back.
    RefundMethod {
        /// To the payment method it came from.
        OriginalPaymentMethod = "original_payment_method",
        /// As credit with the merchant, which the ledger keeps for the customer. No gateway is asked.
        StoreCredit = "store_credit",
    }
}

words! {
    /// Who asked the gateway for it.
    RefundOrigin {
        /// We did, for a client.
        Tender = "tender",
        /// A person in the gateway's own dashboard; adopted from what the gateway told.
        Gateway = "gateway",
    }
}

words! {
    /// What a person can do about a refund that failed.
    RefundAction {
        /// Create a new refund: this one is known not to have happened.
        Retry = "retry",
        /// Give the money back another way: the method refuses it for good.
        UseOtherMeans = "use_other_means",
        /// Look into it by hand with the gateway.
        ReconcileManually = "reconcile_manually",
    }
}

/// A refund. Its amount is greater than zero and in the charge's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id; also the effect id in the ledger, and the beginning of our references at the gateway.
    pub id: RefundId,
    /// How many changes this refund has seen; the charge's version counts those of all its refunds.
    pub version: Version,
    /// The charge it gives back, all or part.
    pub charge_id: ChargeId,
    /// The intent of that charge.
    pub intent_id: IntentId,
    /// Whose charge it is; none when the intent had no customer.
    pub customer_id: Option<String>,
    /// Whether the charge is live rather than a test.
    pub livemode: bool,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: RefundReason,
    /// How.
    pub method: RefundMethod,
    /// Who asked for it.
    pub origin: RefundOrigin,
    /// What the client keeps beside it.
    pub metadata: Metadata,
    /// How many calls of the gateway were begun for it; none of store credit and of what was made outside.
    pub attempts: u32,
    /// Where it stands, with what belongs to that.
    pub state: RefundState,
    /// How a person settled it, the last time; none when none has.
    pub resolution: Option<RefundResolution>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// Where a refund stands, with what is known only there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// No call is open, and one is made later.
    Pending(RefundRetry),
    /// Asked; not known how it ended.
    Processing(RefundAttempt),
    /// The customer must act before the gateway goes on.
    RequiresAction {
        /// The call, which goes on being asked about.
        attempt: RefundAttempt,
        /// Where the customer goes; empty where the gateway has written to the customer itself.
        url: String,
    },
    /// Done.
    Succeeded {
        /// What the gateway calls the refund; none of store credit, which no gateway has heard of.
        gateway_reference: Option<String>,
        /// When we learned of it.
        at: Timestamp,
    },
    /// Known not to have happened, or taken back.
    Failed {
        /// Why, and what can be done.
        failure: RefundFailure,
        /// What the gateway called the refund, when it had taken it on before it took it back.
        gateway_reference: Option<String>,
        /// That it was found to have been done after all, where this cannot count as it is: a person's.
        found: Option<RefundConflict>,
        /// When we learned of it.
        at: Timestamp,
    },
    /// Called off.
    Canceled {
        /// That it was found to have been done after all, where this cannot count as it is: a person's.
        found: Option<RefundConflict>,
        /// When.
        at: Timestamp,
    },
}

/// Between two calls to the gateway: the last one is known to have had no effect, for a reason that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRetry {
    /// Why the last call had no effect.
    pub failure: RefundFailure,
    /// When the gateway is asked again.
    pub next_attempt_at: Timestamp,
}

/// The call to the gateway that a refund makes, while its outcome is open. One at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAttempt {
    /// When it was committed, before the gateway was called.
    pub started_at: Timestamp,
    /// How many times the gateway gave no definite answer.
    pub checks: u32,
    /// When it was asked last.
    pub last_check_at: Option<Timestamp>,
    /// When it is asked next; none when asking ended and a person has to look.
    pub next_check_at: Option<Timestamp>,
    /// An answer that contradicts what was asked.
    pub conflict: Option<RefundConflict>,
}

/// What is said to have been given back and cannot be accepted as it is: not what was asked, or of a refund that was
/// taken for not done and is not covered any more. Kept and alerted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundConflict {
    /// How much; may be of another currency.
    pub amount: Money,
    /// What the gateway calls it.
    pub gateway_reference: String,
}

/// Why a refund failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundFailure {
    /// A decline code of the gateway vocabulary, `gateway_error`, or [`RefundFailure::EXCEEDS_CHARGE`].
    pub reason: String,
    /// What a person may read; card numbers masked.
    pub message: String,
    /// The network's own code, when there is one.
    pub network_code: Option<String>,
    /// What can be done about it.
    pub actions: Vec<RefundAction>,
}

impl RefundFailure {
    /// The reason of a refund that waited for another call while others took what it would have given back.
    pub const EXCEEDS_CHARGE: &str = "exceeds_charge";
}

impl RefundState {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        match self {
            Self::Pending(_) => RefundStatus::Pending,
            Self::Processing(_) => RefundStatus::Processing,
            Self::RequiresAction { .. } => RefundStatus::RequiresAction,
            Self::Succeeded { .. } => RefundStatus::Succeeded,
            Self::Failed { .. } => RefundStatus::Failed,
            Self::Canceled { .. } => RefundStatus::Canceled,
        }
    }
}

impl Refund {
    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        self.state.status()
    }

    /// The call whose outcome is open; none when there is none.
    #[must_use]
    pub const fn attempt(&self) -> Option<&RefundAttempt> {
        match &self.state {
            RefundState::Processing(attempt) | RefundState::RequiresAction { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    pub(super) const fn attempt_mut(&mut self) -> Option<&mut RefundAttempt> {
        match &mut self.state {
            RefundState::Processing(attempt) | RefundState::RequiresAction { attempt, .. } => Some(attempt),
            _ => None,
        }
    }

    /// What the gateway calls the refund, as far as it said so and we accept it.
    #[must_use]
    pub fn gateway_reference(&self) -> Option<&str> {
        match &self.state {
            RefundState::Succeeded { gateway_reference, .. }
            | RefundState::Failed { gateway_reference, .. } => gateway_reference.as_deref(),
            _ => None,
        }
    }

    /// What is said to have been given back and cannot be accepted as it is.
    #[must_use]
    pub const fn conflict(&self) -> Option<&RefundConflict> {
        match &self.state {
            RefundState::Processing(attempt) | RefundState::RequiresAction { attempt, .. } => {
                attempt.conflict.as_ref()
            }
            RefundState::Failed { found, .. } | RefundState::Canceled { found, .. } => found.as_ref(),
            _ => None,
        }
    }

    /// Why it failed, or why its last call had no effect while another is to come; else none.
    #[must_use]
    pub const fn failure(&self) -> Option<&RefundFailure> {
        match &self.state {
            RefundState::Failed { failure, .. } | RefundState::Pending(RefundRetry { failure, .. }) => {
                Some(failure)
            }
            _ => None,
        }
    }

    /// When the gateway is asked again; none when no call is to come.
    #[must_use]
    pub const fn next_attempt_at(&self) -> Option<Timestamp> {
        match &self.state {
            RefundState::Pending(retry) => Some(retry.next_attempt_at),
            _ => None,
        }
    }

    /// Whether a person has to settle it: what became of its call could not be found out in time, or what is said to have
    /// been given back cannot be accepted as it is.
    #[must_use]
    pub fn waits_for_a_person(&self) -> bool {
        self.conflict().is_some() || self.attempt().is_some_and(|attempt| attempt.next_check_at.is_none())
    }

    /// Its newest call; the first, where there was none.
    #[must_use]
    pub const fn call(&self) -> RefundCall {
        RefundCall { refund: self.id, number: if self.attempts == 0 { 1 } else { self.attempts } }
    }
}

impl RefundAttempt {
    /// The attempt as it is committed before the gateway is called.
    #[must_use]
    pub fn started(now: Timestamp, schedule: &LookupSchedule) -> Self {
        Self {
            started_at: now,
            checks: 0,
            last_check_at: None,
            next_check_at: schedule.next_after(now, now),
            conflict: None,
        }
    }
}

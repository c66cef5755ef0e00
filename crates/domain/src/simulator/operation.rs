use crate::kernel::{Money, TenantId, Timestamp, words};
use crate::ports::{CallKind, Decline, ScaAnswer, SessionRequest};

/// How one call ended, as the simulator's books have it for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookedOutcome {
    /// It was done.
    Approved {
        /// What the simulator calls it.
        gateway_reference: String,
        /// For how much it was done.
        amount: Money,
        /// Whether the money was taken rather than held.
        captured: bool,
    },
    /// It was declined.
    Declined(Decline),
    /// The customer must meet a challenge first. The only outcome that another one may follow.
    Challenged {
        /// What will be held or taken when the challenge is met.
        amount: Money,
        /// Whether it will be taken at once.
        capture: bool,
        /// Whether the challenge can only fail.
        fails: bool,
    },
    /// It was not done and never will be, also when the call arrives again or late: the reason. A call that a lookup
    /// has declared not found is one of these.
    Refused(String),
}

words! {
    /// How refunds of a payment end that are not simply done by their answer.
    LateRefund {
        /// Pending, and then done: the callback alone tells it.
        Succeeds = "succeeds",
        /// Pending, and then refused: the callback alone tells it.
        Fails = "fails",
        /// Done by its answer, and taken back afterwards; no money has moved.
        TakenBack = "taken_back",
        /// Each payment's first is refused for a reason that passes; then they are done by their answers.
        Retried = "retried",
        /// The customer must act first, and is written to; then done: the callback tells it.
        NeedsAction = "needs_action",
        /// Refused, for the merchant's balance never suffices.
        Unfunded = "unfunded",
    }
}

/// One call in the simulator's books, unique by tenant, kind and reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedOperation {
    /// Whose.
    pub tenant: TenantId,
    /// Which call.
    pub kind: CallKind,
    /// The caller's reference.
    pub reference: String,
    /// A keyed digest of all that was asked, to tell a repetition from another call under the same reference. None
    /// when the call never arrived: a lookup declared it not found.
    pub request_digest: Option<[u8; 32]>,
    /// How it ended.
    pub outcome: BookedOutcome,
    /// What is told of authentication and exemption with its answer; of an open challenge what is known already.
    pub sca: Option<Box<ScaAnswer>>,
    /// The session of an alternative payment method that it is: its customer ends it, and no caller.
    pub session: Option<Box<SessionRequest>>,
    /// Where the customer comes back to from the page of a challenge.
    pub return_url: Option<String>,
    /// Whether its challenge is met within the shop's own page.
    pub embeds: bool,
    /// How refunds of the payment end that it makes, when they are not simply done; of a refund itself, that it is one of
    /// [`LateRefund::NeedsAction`].
    pub late_refunds: Option<LateRefund>,
    /// From when on a lookup tells the outcome; until then it is pending.
    pub visible_at: Timestamp,
}

impl BookedOperation {
    /// What the simulator calls it; empty when nothing was done.
    #[must_use]
    pub fn gateway_reference(&self) -> &str {
        match &self.outcome {
            BookedOutcome::Approved { gateway_reference, .. } => gateway_reference,
            _ => "",
        }
    }

    /// What it is about, in minor units; none when nothing was held, taken or given back, and nothing will be.
    #[must_use]
    pub fn amount_minor(&self) -> Option<i64> {
        match &self.outcome {
            BookedOutcome::Approved { amount, .. } | BookedOutcome::Challenged { amount, .. } => {
                Some(amount.minor())
            }
            BookedOutcome::Declined(_) | BookedOutcome::Refused(_) => None,
        }
    }
}

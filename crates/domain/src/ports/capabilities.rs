//! What gateways can do, and what they cannot tell.

use std::time::Duration;

/// How an unknown outcome can be cleared up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownOutcome {
    /// Ask by our reference.
    Lookup,
    /// Send the same idempotent request again, while the gateway keeps the key.
    Replay {
        /// How long the gateway keeps the key.
        key_life: Duration,
    },
    /// Wait for its callback.
    CallbackOnly,
}

impl UnknownOutcome {
    /// Send the same request again at any time: it can have one effect at most, whatever became of the first one.
    pub const AGAIN: Self = Self::Replay { key_life: NEVER_FINAL };
}

/// The life of what is never final: a gateway that can be asked and never says "not found" declares it.
pub const NEVER_FINAL: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What a gateway can do. A void is sent again at each: it moves no money, and is idempotent by what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How the unknown outcome of an authorization is cleared up.
    pub unknown_outcome: UnknownOutcome,
    /// The same of a capture.
    pub unknown_capture: UnknownOutcome,
    /// The same of a refund.
    pub unknown_refund: UnknownOutcome,
    /// From when on "not found" means that a call will never happen, counted from the last instant at which we can have
    /// sent it, its own deadline included. [`NEVER_FINAL`] for who never says so.
    pub not_found_is_final_after: Duration,
    /// Whether less than what is held can be captured.
    pub partial_capture: bool,
    /// Whether what a part leaves is held on, for another part. Without it the first part is the last: the rest is let go.
    pub several_captures: bool,
    /// Whether captures, voids and refunds are only accepted in the answer (`Unknown` then): the callback ends them.
    pub ends_by_callback: bool,
    /// Whether a page of its own can be paid on after a try there failed, until its time is over or it is taken away: then
    /// that a try failed is not how the session ended.
    pub page_outlives_tries: bool,
}

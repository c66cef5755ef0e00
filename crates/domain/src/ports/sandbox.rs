//! What a simulated gateway can be told to do, for the tools of the sandbox.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::kernel::TenantId;

/// A published test card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxCard {
    /// The card's number; no issuer gives it out.
    pub number: String,
    /// The token that stands for it.
    pub token: String,
    /// The scheme (`VISA`).
    pub brand: String,
    /// What becomes of a payment with it, in a word (`approve`).
    pub behaviour: String,
    /// The same for people.
    pub description: String,
}

/// An event that the simulated gateway is asked to raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxEventKind {
    /// An authorization that waits for its customer is approved; of one that was approved its callback is sent.
    Succeeded,
    /// An authorization that waits for its customer is declined. Of one that was approved the gateway says falsely that
    /// it was declined; its books stay as they are.
    Failed,
    /// The newest callback is sent again, twice, as it was.
    Duplicate,
    /// The newest callback is sent once more, with another id and the time of an hour ago.
    Late,
    /// It is told that the authorization is pending, as if that had been overtaken.
    OutOfOrder,
    /// Somebody captures what is held in the gateway's dashboard.
    OutsideCapture,
    /// Somebody gives back what was captured in the gateway's dashboard.
    OutsideRefund,
}

impl SandboxEventKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Succeeded,
        Self::Failed,
        Self::Duplicate,
        Self::Late,
        Self::OutOfOrder,
        Self::OutsideCapture,
        Self::OutsideRefund,
    ];

    /// The text form, as clients name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "payment.succeeded",
            Self::Failed => "payment.failed",
            Self::Duplicate => "callback.duplicate",
            Self::Late => "callback.late",
            Self::OutOfOrder => "callback.out_of_order",
            Self::OutsideCapture => "outside.captured",
            Self::OutsideRefund => "outside.refunded",
        }
    }

    /// The kind with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.as_str() == text).copied()
    }
}

/// What is to be raised.
#[derive(Debug, Clone)]
pub struct RaiseEvent {
    /// Whose.
    pub tenant: TenantId,
    /// Our reference of the authorization it is about (`att_…`).
    pub reference: String,
    /// What.
    pub kind: SandboxEventKind,
    /// How long its callbacks wait.
    pub delay: Duration,
    /// The same for every repetition of one request, at most 512 characters: what was raised for it of this authorization
    /// is told again and not raised once more. None raises each time.
    pub request: Option<String>,
}

/// Why the simulated gateway does not do what a tool asks.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SandboxError {
    /// It makes no sense for this payment, or there is no such behaviour; says why.
    #[error("{0}")]
    Refused(String),
    /// It cannot be asked now; whether it was done is open.
    #[error("the simulated gateway is unavailable: {0}")]
    Unavailable(String),
}

/// The tools of a simulated gateway. No real one has them, and production has none.
///
/// # Errors
/// See [`SandboxError`].
#[async_trait]
pub trait SandboxGateway: Send + Sync {
    /// The published test cards.
    async fn cards(&self) -> Result<Vec<SandboxCard>, SandboxError>;

    /// A fresh token of a card that nobody has, which behaves like a published one.
    async fn issue_token(&self, tenant: &TenantId, behaviour: &str) -> Result<SecretString, SandboxError>;

    /// Raises an event as callbacks; gives the ids of the events, the newest first.
    async fn raise(&self, event: &RaiseEvent) -> Result<Vec<String>, SandboxError>;
}

//! A charge as it is told of: by an event, or by intents itself.

use crate::kernel::{CaptureId, ChargeId, Currency, IntentId, Money};

/// A charge as intents tells it, with the captures it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedCharge {
    /// The charge.
    pub charge_id: ChargeId,
    /// The intent that was paid.
    pub intent_id: IntentId,
    /// Whose money it is: the merchant account's name.
    pub merchant_account_id: String,
    /// The connector that took the money.
    pub connector: String,
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// Who paid, if the intent had a customer.
    pub customer_id: Option<String>,
    /// The order that was paid, if there is one.
    pub order_id: Option<String>,
    /// Whether it is live rather than a test.
    pub livemode: bool,
    /// What was authorized.
    pub authorized: Money,
    /// The captures told of: all of them, or the one of an event.
    pub captures: Vec<CapturedPart>,
}

/// One capture of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapturedPart {
    /// Its id, under which it counts once.
    pub id: CaptureId,
    /// How much was taken; greater than zero.
    pub amount: Money,
}

/// What is told of a charge contradicts itself or what is known; never taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCapture {
    /// An amount is not greater than zero, or the sum is larger than can be represented.
    #[error("the capture {0} of {1} cannot be counted")]
    Amount(CaptureId, Money),
    /// It is in another currency than the charge.
    #[error("the capture {0} is in {1}, the charge in {2}")]
    OtherCurrency(CaptureId, Currency, Currency),
    /// The same capture was told of with another amount before.
    #[error("the capture {0} was told of with {1} before, now with {2}")]
    Contradiction(CaptureId, Money, Money),
    /// The charge belongs to another intent than was told before.
    #[error("the charge {0} belongs to the intent {1}, not to {2}")]
    OtherIntent(ChargeId, IntentId, IntentId),
    /// No capture is told of.
    #[error("the charge {0} has no captures")]
    None(ChargeId),
}

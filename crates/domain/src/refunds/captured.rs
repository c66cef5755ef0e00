//! A charge as it is told of, by an event or by intents itself, and what of its captures has lasted.

use crate::kernel::{CaptureId, ChargeId, Currency, IntentId, Money, Timestamp};

use super::{RefundEvent, RefundableCharge};

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

impl RefundableCharge {
    /// What was captured and has lasted, as far as it is known here.
    #[must_use]
    pub fn captured(&self) -> Money {
        Money::new(self.ever_captured().minor() - self.taken_back().minor(), self.currency())
    }

    /// What was captured, whether it has lasted or not.
    #[must_use]
    pub fn ever_captured(&self) -> Money {
        // `adopt` refused what does not fit.
        Money::new(self.captures.values().map(|amount| amount.minor()).sum(), self.currency())
    }

    /// What was captured and did not last.
    #[must_use]
    pub fn taken_back(&self) -> Money {
        let reversed = self.reversed.iter().filter_map(|id| self.captures.get(id));
        Money::new(reversed.map(|amount| amount.minor()).sum(), self.currency())
    }

    /// Records that a capture did not last, whether its success was told before or is only told now; none when it was
    /// known. It lands whatever was refunded: what is missing then is told.
    ///
    /// # Errors
    /// When what is told contradicts what is known.
    pub fn capture_reversed(
        &self,
        told: &CapturedCharge,
        now: Timestamp,
    ) -> Result<Option<(Self, Vec<RefundEvent>)>, BadCapture> {
        let known = self.adopt(told, now)?;
        let mut next = known.unwrap_or_else(|| self.stepped(now));
        let before = next.reversed.len();
        next.reversed.extend(told.captures.iter().map(|part| part.id));
        if next.reversed.len() == before {
            return Ok(None);
        }
        let missing = next.shortfall();
        let grown = missing.minor() > self.shortfall().minor();
        Ok(Some((next, grown.then_some(RefundEvent::Uncovered { missing }).into_iter().collect())))
    }
}

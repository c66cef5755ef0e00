//! When it is told that a card expires, and that it has.

use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;

use super::{Card, MethodEvent, MethodStatus, PaymentMethod};

/// What was told of a card's expiry last, in the order of telling. Each is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryNotice {
    /// The last month of the card has begun.
    Expiring,
    /// It is over.
    Expired,
}

impl ExpiryNotice {
    /// Every notice.
    pub const ALL: &'static [Self] = &[Self::Expiring, Self::Expired];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }

    /// The notice with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|notice| notice.as_str() == text).copied()
    }
}

impl PaymentMethod {
    /// What is to be told of its card's expiry at this instant, and was not told yet.
    #[must_use]
    pub fn expiry_to_tell(&self, now: Timestamp) -> Option<ExpiryNotice> {
        let card = self.details.card().filter(|_| self.status() == MethodStatus::Active)?;
        let (last, this) = (Card::months(card.exp_year, card.exp_month), Card::first_good_month(now));
        let due = match last.cmp(&this) {
            std::cmp::Ordering::Less => ExpiryNotice::Expired,
            std::cmp::Ordering::Equal => ExpiryNotice::Expiring,
            std::cmp::Ordering::Greater => return None,
        };
        (self.expiry_told < Some(due)).then_some(due)
    }

    pub(super) fn tell_expiry(&mut self, due: ExpiryNotice) -> MethodEvent {
        self.expiry_told = Some(due);
        match due {
            ExpiryNotice::Expiring => MethodEvent::Expiring,
            ExpiryNotice::Expired => MethodEvent::Expired,
        }
    }
}

//! Rules as data.

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, FraudRuleId, Money};

use super::FraudRefusal;

/// Whose payments are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The card, by its fingerprint.
    Card,
    /// The customer.
    Customer,
    /// The address that the customer comes from.
    Ip,
    /// The device.
    Device,
    /// The merchant account. Its payments are then committed one after the other: a limit on them is exact.
    MerchantAccount,
}

impl Subject {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Customer => "customer",
            Self::Ip => "ip",
            Self::Device => "device",
            Self::MerchantAccount => "merchant_account",
        }
    }
}

/// From where a country is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountrySource {
    /// Who issued the card.
    Card,
    /// The billing address.
    Billing,
    /// The shipping address.
    Shipping,
    /// The customer's address on the network.
    Ip,
}

impl CountrySource {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Billing => "billing",
            Self::Shipping => "shipping",
            Self::Ip => "ip",
        }
    }
}

/// When a rule fires. What a condition asks about and is not known never fires it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// More than `at_most` payments of the subject began within the last `window_seconds`, this one counted.
    VelocityCount {
        /// Whose.
        by: Subject,
        /// How long the window is, 60 seconds to 30 days. It slides in twelfths: what is older by up to a twelfth is
        /// still counted.
        window_seconds: u32,
        /// The most that does not fire it.
        at_most: u32,
    },
    /// Payments of the subject of more than `at_most` in one currency began within the window, this one counted.
    VelocityAmount {
        /// Whose.
        by: Subject,
        /// As for counts.
        window_seconds: u32,
        /// The most that does not fire it, in minor units.
        at_most: i64,
        /// Of this currency; payments in others are not counted.
        currency: Currency,
    },
    /// The amount is above the limit, in the limit's currency.
    AmountAbove {
        /// The limit, in minor units.
        limit: i64,
        /// Its currency.
        currency: Currency,
    },
    /// The amount is not what the order says is to be paid.
    OrderAmountMismatch {},
    /// Two countries are known and differ.
    CountryMismatch {
        /// The one.
        first: CountrySource,
        /// The other.
        second: CountrySource,
    },
    /// The card's number begins with one of these.
    BlockedBin {
        /// Six digits each.
        bins: Vec<String>,
    },
    /// The card is one of these.
    BlockedCard {
        /// The vault's fingerprints.
        fingerprints: Vec<String>,
    },
    /// The device is one of these.
    BlockedDevice {
        /// Their fingerprints.
        fingerprints: Vec<String>,
    },
}

/// What is done with a payment, from the mildest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FraudAction {
    /// It goes on.
    Allow,
    /// The customer must authenticate (3-D Secure).
    Challenge,
    /// It ends.
    Deny,
}

impl FraudAction {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Challenge => "challenge",
            Self::Deny => "deny",
        }
    }

    /// The action with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        [Self::Allow, Self::Challenge, Self::Deny].into_iter().find(|action| action.as_str() == text)
    }
}

/// What a rule that fires does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Adds to the score, 1 to 100.
    Points(u8),
    /// Asks for authentication, whatever the score.
    Challenge,
    /// Ends the payment, whatever the score.
    Deny,
}

/// A rule of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: FraudRuleId,
    /// How people call it.
    pub name: String,
    /// When it fires.
    pub condition: Condition,
    /// What it does then.
    pub effect: Effect,
}

impl Condition {
    /// The shortest window.
    pub const WINDOW_SECONDS_MIN: u32 = 60;
    /// The longest window: 30 days.
    pub const WINDOW_SECONDS_MAX: u32 = 30 * 86_400;
    /// The most entries of a list.
    pub const LIST_MAX: usize = 1_000;
    /// The longest entry of a list, in characters.
    pub const ENTRY_CHARS: usize = 255;

    /// Whether it can be a rule's condition.
    ///
    /// # Errors
    /// What is out of its range.
    pub fn check(&self) -> Result<(), FraudRefusal> {
        let out = |what: &'static str| Err(FraudRefusal::BadCondition(what));
        match self {
            Self::VelocityCount { window_seconds, at_most, .. } => {
                check_window(*window_seconds)?;
                if *at_most > 1_000_000 {
                    return out("at_most must be from 0 to 1000000");
                }
                Ok(())
            }
            Self::VelocityAmount { window_seconds, at_most, currency, .. } => {
                check_window(*window_seconds)?;
                check_amount(*at_most, *currency)
            }
            Self::AmountAbove { limit, currency } => check_amount(*limit, *currency),
            Self::OrderAmountMismatch {} => Ok(()),
            Self::CountryMismatch { first, second } if first == second => {
                out("first and second must be two different sources")
            }
            Self::CountryMismatch { .. } => Ok(()),
            Self::BlockedBin { bins } => {
                let is_bin = |bin: &String| bin.len() == 6 && bin.bytes().all(|b| b.is_ascii_digit());
                if !bins.iter().all(is_bin) {
                    return out("a BIN has six digits");
                }
                check_list(bins)
            }
            Self::BlockedCard { fingerprints } | Self::BlockedDevice { fingerprints } => {
                check_list(fingerprints)
            }
        }
    }
}

fn check_window(seconds: u32) -> Result<(), FraudRefusal> {
    if (Condition::WINDOW_SECONDS_MIN..=Condition::WINDOW_SECONDS_MAX).contains(&seconds) {
        return Ok(());
    }
    Err(FraudRefusal::BadCondition("window_seconds must be from 60 to 2592000"))
}

fn check_amount(minor: i64, currency: Currency) -> Result<(), FraudRefusal> {
    Money::positive(minor, currency)
        .map(|_| ())
        .map_err(|_| FraudRefusal::BadCondition("an amount must be from 1 to 999999999999 minor units"))
}

fn check_list(entries: &[String]) -> Result<(), FraudRefusal> {
    let fits = |entry: &String| !entry.is_empty() && entry.chars().count() <= Condition::ENTRY_CHARS;
    if (1..=Condition::LIST_MAX).contains(&entries.len()) && entries.iter().all(fits) {
        return Ok(());
    }
    Err(FraudRefusal::BadCondition("a list has 1 to 1000 entries of 1 to 255 characters"))
}

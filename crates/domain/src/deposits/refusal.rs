//! Why policies or a stay were refused.

use crate::kernel::Currency;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DepositRefusal {
    /// A part of the stay's price that is none.
    #[error("a percentage is from 1 to 10000 hundredths of a percent")]
    BadPercentage,
    /// An amount that is none.
    #[error("a fixed amount is from 1 to 999999999999 minor units")]
    BadAmount,
    /// A rate plan has two policies.
    #[error("a rate plan has one policy, and the hotel one for all others")]
    TwicePolicy,
    /// More policies than a hotel can have.
    #[error("a hotel has at most {} deposit policies", super::HotelPolicies::POLICIES_MAX)]
    TooManyPolicies,
    /// The policy's amount is in another currency than the stay's price.
    #[error("the policy's amount is in {policy}, the stay's price in {stay}")]
    OtherCurrency {
        /// Of the policy.
        policy: Currency,
        /// Of the stay.
        stay: Currency,
    },
    /// A stay of no night has no first night.
    #[error("the policy asks for the first night: say how many nights the stay has, 1 to 1000")]
    NightsRequired,
}

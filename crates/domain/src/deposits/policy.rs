//! Policies by hotel and rate plan, and what they come to.

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, Money, TenantId, Timestamp, Version};

use super::DepositRefusal;

/// What kind of deposit a policy asks for, in the annex's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// None.
    None,
    /// All of it in advance.
    FullPrepayment,
    /// A part of the price.
    Percentage,
    /// The same amount for every stay.
    FixedAmount,
    /// One night.
    FirstNight,
    /// All of it in advance, and none of it comes back.
    NonRefundable,
}

impl PolicyType {
    /// The type with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        const ALL: [PolicyType; 6] = [
            PolicyType::None,
            PolicyType::FullPrepayment,
            PolicyType::Percentage,
            PolicyType::FixedAmount,
            PolicyType::FirstNight,
            PolicyType::NonRefundable,
        ];
        ALL.into_iter().find(|policy| policy.as_str() == text)
    }

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::FullPrepayment => "FULL_PREPAYMENT",
            Self::Percentage => "PERCENTAGE",
            Self::FixedAmount => "FIXED_AMOUNT",
            Self::FirstNight => "FIRST_NIGHT",
            Self::NonRefundable => "NON_REFUNDABLE",
        }
    }
}

/// How much a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositTerms {
    /// Nothing.
    None,
    /// All of it.
    FullPrepayment,
    /// A part, in hundredths of a percent: 3000 is 30 %.
    Percentage(u32),
    /// An amount.
    FixedAmount {
        /// In minor units.
        minor: i64,
        /// Its currency.
        currency: Currency,
    },
    /// The price of one night on average.
    FirstNight,
    /// All of it, and none of it comes back.
    NonRefundable,
}

impl DepositTerms {
    /// All of a price, in hundredths of a percent.
    pub const WHOLE: u32 = 10_000;

    /// Of which kind it is.
    #[must_use]
    pub const fn policy_type(self) -> PolicyType {
        match self {
            Self::None => PolicyType::None,
            Self::FullPrepayment => PolicyType::FullPrepayment,
            Self::Percentage(_) => PolicyType::Percentage,
            Self::FixedAmount { .. } => PolicyType::FixedAmount,
            Self::FirstNight => PolicyType::FirstNight,
            Self::NonRefundable => PolicyType::NonRefundable,
        }
    }

    fn check(self) -> Result<(), DepositRefusal> {
        match self {
            Self::Percentage(part) if !(1..=Self::WHOLE).contains(&part) => {
                Err(DepositRefusal::BadPercentage)
            }
            Self::FixedAmount { minor, currency } => {
                Money::positive(minor, currency).map(|_| ()).map_err(|_| DepositRefusal::BadAmount)
            }
            _ => Ok(()),
        }
    }
}

/// A hotel's policy for a rate plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatePlanPolicy {
    /// For which rate plan; none is for all that have no policy of their own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rate_plan: Option<String>,
    /// How much it asks for.
    pub terms: DepositTerms,
}

/// The deposit policies of a hotel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelPolicies {
    /// Whose.
    pub tenant: TenantId,
    /// Of which hotel, as the tenant calls it.
    pub hotel_id: String,
    /// How often they were committed.
    pub version: Version,
    /// By rate plan.
    pub policies: Vec<RatePlanPolicy>,
    /// When they were first set.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

/// A stay that is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay<'a> {
    /// At which rate plan, if it is known.
    pub rate_plan: Option<&'a str>,
    /// What all of it costs.
    pub total: Money,
    /// How many nights, if it is known.
    pub nights: Option<u32>,
}

/// What a policy comes to for a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluatedDeposit {
    /// The kind of the policy that counts.
    pub policy_type: PolicyType,
    /// What is to be paid in advance: from nothing to all of the price.
    pub amount: Money,
    /// The version of the hotel's policies; 0 when it has none.
    pub policy_version: Version,
}

impl EvaluatedDeposit {
    /// For a hotel without policies: nothing.
    #[must_use]
    pub const fn none(total: Money) -> Self {
        let amount = Money::zero(total.currency());
        Self { policy_type: PolicyType::None, amount, policy_version: HotelPolicies::UNSET_VERSION }
    }
}

impl HotelPolicies {
    /// The most policies of a hotel.
    pub const POLICIES_MAX: usize = 100;
    /// The version that a hotel without policies shows.
    pub const UNSET_VERSION: Version = Version::new(0);
    const NIGHTS_MAX: u32 = 1_000;

    /// The first policies of a hotel.
    ///
    /// # Errors
    /// When one is out of its range, or two are for the same rate plan.
    pub fn first(
        tenant: TenantId,
        hotel_id: String,
        policies: Vec<RatePlanPolicy>,
        now: Timestamp,
    ) -> Result<Self, DepositRefusal> {
        check(&policies)?;
        Ok(Self { tenant, hotel_id, version: Version::FIRST, policies, created_at: now, updated_at: now })
    }

    /// The policies replaced.
    ///
    /// # Errors
    /// As for the first.
    pub fn replace(&self, policies: Vec<RatePlanPolicy>, now: Timestamp) -> Result<Self, DepositRefusal> {
        check(&policies)?;
        Ok(Self { policies, version: self.version.next(), updated_at: now, ..self.clone() })
    }

    /// What is to be paid in advance for a stay: by the policy of its rate plan, else by the hotel's for all others.
    ///
    /// A part is rounded half up to the currency's minor unit, and never exceeds the price: of 99.99 EUR 50 % are 50.00,
    /// of 33 JPY 50 % are 17, of 1.001 BHD 50 % are 0.501.
    ///
    /// # Errors
    /// When the policy's amount is in another currency, or it asks for a night and the stay has none.
    pub fn evaluate(&self, stay: Stay<'_>) -> Result<EvaluatedDeposit, DepositRefusal> {
        let of = |wanted: Option<&str>| {
            self.policies
                .iter()
                .find(|policy| policy.rate_plan.as_deref() == wanted)
                .map(|policy| policy.terms)
        };
        let own = stay.rate_plan.and_then(|plan| of(Some(plan)));
        let terms = own.or_else(|| of(None)).unwrap_or(DepositTerms::None);
        Ok(EvaluatedDeposit {
            policy_type: terms.policy_type(),
            amount: amount(terms, stay)?,
            policy_version: self.version,
        })
    }
}

fn check(policies: &[RatePlanPolicy]) -> Result<(), DepositRefusal> {
    if policies.len() > HotelPolicies::POLICIES_MAX {
        return Err(DepositRefusal::TooManyPolicies);
    }
    for (place, policy) in policies.iter().enumerate() {
        policy.terms.check()?;
        if policies[..place].iter().any(|other| other.rate_plan == policy.rate_plan) {
            return Err(DepositRefusal::TwicePolicy);
        }
    }
    Ok(())
}

fn amount(terms: DepositTerms, stay: Stay<'_>) -> Result<Money, DepositRefusal> {
    let total = stay.total;
    let minor = match terms {
        DepositTerms::None => 0,
        DepositTerms::FullPrepayment | DepositTerms::NonRefundable => total.minor(),
        DepositTerms::Percentage(part) => total.share(part, DepositTerms::WHOLE).minor(),
        DepositTerms::FixedAmount { currency, .. } if currency != total.currency() => {
            return Err(DepositRefusal::OtherCurrency { policy: currency, stay: total.currency() });
        }
        DepositTerms::FixedAmount { minor, .. } => minor,
        DepositTerms::FirstNight => {
            let nights = stay.nights.filter(|nights| (1..=HotelPolicies::NIGHTS_MAX).contains(nights));
            total.share(1, nights.ok_or(DepositRefusal::NightsRequired)?).minor()
        }
    };
    Ok(Money::new(minor.clamp(0, total.minor().max(0)), total.currency()))
}

//! Tiers: how much a dispute is about, and who may decide on so much.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Caller, Credential, Currency, Money, RoleName, TenantId, Timestamp, Version};

use super::CaseRefusal;

/// How much a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The lowest: role `dispute_agent`.
    One,
    /// The middle: role `dispute_manager`.
    Two,
    /// The highest: role `dispute_director`.
    Three,
}

impl Tier {
    /// Every tier.
    pub const ALL: &'static [Self] = &[Self::One, Self::Two, Self::Three];

    /// 1, 2 or 3, as stored and sent.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The tier of a number.
    #[must_use]
    pub fn find(number: i16) -> Option<Self> {
        Self::ALL.iter().find(|tier| tier.number() == number).copied()
    }

    /// The next higher; the highest stays.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two | Self::Three => Self::Three,
        }
    }

    /// The lowest role that may work on it.
    #[must_use]
    pub const fn role(self) -> RoleName {
        match self {
            Self::One => RoleName::DisputeAgent,
            Self::Two => RoleName::DisputeManager,
            Self::Three => RoleName::DisputeDirector,
        }
    }

    /// The highest tier that a caller may work on. Of people their roles say so. A secret key is a program of the
    /// merchant's, and so is a token that names no role: it was given each of its scopes by name, and they are all that
    /// bounds it. Not where somebody acts in its name, who is a person.
    #[must_use]
    pub fn of_caller(caller: &Caller) -> Option<Self> {
        let is_program = match caller.credential {
            Credential::SecretKey(_) => true,
            Credential::Token => caller.roles.is_empty() && caller.actor.is_none(),
            Credential::PublishableKey(_)
            | Credential::ClientSecret(_)
            | Credential::Service(_)
            | Credential::SandboxDialect => false,
        };
        if is_program {
            return Some(Self::Three);
        }
        let of_role = |name: &String| match RoleName::find(name)? {
            RoleName::Admin | RoleName::PaymentsAdmin | RoleName::DisputeDirector => Some(Self::Three),
            RoleName::DisputeManager => Some(Self::Two),
            RoleName::DisputeAgent => Some(Self::One),
            RoleName::Reconciler | RoleName::ReadOnly | RoleName::Agent | RoleName::Customer => None,
        };
        caller.roles.iter().filter_map(of_role).max()
    }
}

/// Up to where the two lower tiers go, in minor units of one currency; both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierLimits {
    /// The most of tier 1; more than zero.
    pub first_minor: i64,
    /// The most of tier 2; more than `first_minor`.
    pub second_minor: i64,
}

/// A tenant's limits of tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeTiers {
    /// Whose.
    pub tenant: TenantId,
    /// How often they were committed; 0 for those that nobody set.
    pub version: Version,
    /// The currency whose limits count for currencies that have none of their own.
    pub base_currency: Currency,
    /// The limits by currency; the base currency has some.
    pub limits: BTreeMap<Currency, TierLimits>,
    /// When they were first set.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl DisputeTiers {
    /// The version that is seen while nothing was set.
    pub const UNSET_VERSION: Version = Version::new(0);
    /// The most currencies that can have limits.
    pub const CURRENCIES_MAX: usize = 50;

    /// The annex's, which count while nothing is set: 500.00 and 5,000.00 EUR.
    #[must_use]
    pub fn standard(tenant: TenantId, now: Timestamp) -> Self {
        let limits = TierLimits { first_minor: 50_000, second_minor: 500_000 };
        Self {
            tenant,
            version: Self::UNSET_VERSION,
            base_currency: Currency::EUR,
            limits: BTreeMap::from([(Currency::EUR, limits)]),
            created_at: now,
            updated_at: now,
        }
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// `BadLimits` where the base currency has none, or some are not above each other; see [`CaseRefusal`].
    pub fn replace(
        &self,
        base_currency: Currency,
        limits: BTreeMap<Currency, TierLimits>,
        now: Timestamp,
    ) -> Result<Self, CaseRefusal> {
        let above = |of: &TierLimits| {
            0 < of.first_minor && of.first_minor < of.second_minor && of.second_minor <= Money::MAX_MINOR
        };
        let fit = limits.len() <= Self::CURRENCIES_MAX && limits.values().all(above);
        if !fit || !limits.contains_key(&base_currency) {
            return Err(CaseRefusal::BadLimits);
        }
        let created_at = if self.version == Self::UNSET_VERSION { now } else { self.created_at };
        let version = self.version.next();
        Ok(Self { base_currency, limits, version, created_at, updated_at: now, ..self.clone() })
    }

    /// The tier of an amount. Nobody here knows rates: a currency without limits of its own has the base currency's, by
    /// the number of its major units.
    #[must_use]
    pub fn tier_of(&self, amount: Money) -> Tier {
        let own = self.limits.get(&amount.currency()).map(|limits| (amount.currency(), limits));
        let base = || self.limits.get(&self.base_currency).map(|limits| (self.base_currency, limits));
        let Some((currency, limits)) = own.or_else(base) else { return Tier::Three };
        let is_within = |most| amount.to_decimal() <= Money::new(most, currency).to_decimal();
        if is_within(limits.first_minor) {
            Tier::One
        } else if is_within(limits.second_minor) {
            Tier::Two
        } else {
            Tier::Three
        }
    }
}

//! Account names: what the contract's table of postings calls them, typed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::InvalidAccount;
use crate::kernel::Limits;

/// A side of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The left side.
    Debit,
    /// The right side.
    Credit,
}

impl Side {
    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }

    /// The side with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        [Self::Debit, Self::Credit].into_iter().find(|side| side.as_str() == text)
    }
}

/// What an account is for; the first part of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountClass {
    /// What is owed to us, or what we have.
    Asset,
    /// What we owe.
    Liability,
    /// What was spent.
    Expense,
    /// Holds, which are nobody's money yet.
    Memo,
    /// Differences on their way from one account to another; empty in the end.
    Clearing,
    /// What is not understood yet; empty in the end.
    Suspense,
}

impl AccountClass {
    /// On which side the account grows.
    #[must_use]
    pub const fn normal_side(self) -> Side {
        match self {
            Self::Liability => Side::Credit,
            Self::Asset | Self::Expense | Self::Memo | Self::Clearing | Self::Suspense => Side::Debit,
        }
    }
}

/// The variable part of an account's name: a connector, a merchant account, a customer, a bank account. 1 to 255
/// characters, none of them a control character. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountPart(Arc<str>);

impl AccountPart {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountPart {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let too_long = text.chars().count() > Limits::REFERENCE_CHARS;
        if text.is_empty() || too_long || text.chars().any(char::is_control) {
            return Err(invalid(text));
        }
        Ok(Self(Arc::from(text)))
    }
}

impl fmt::Display for AccountPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account of a tenant. There is one such account in each currency that it was posted in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountName {
    /// What a gateway has taken for us and still owes us.
    GatewayReceivable(AccountPart),
    /// What we owe a merchant account.
    MerchantPayable(AccountPart),
    /// What we owe a customer as store credit.
    StoreCredit(AccountPart),
    /// What is authorized at a connector and not captured.
    Authorized(AccountPart),
    /// Money in a bank account.
    Bank(AccountPart),
    /// What a connector charged us.
    GatewayFees(AccountPart),
    /// What a connector holds back for open disputes.
    DisputesHeld(AccountPart),
    /// What chargebacks cost us.
    ChargebackFees,
    /// Differences by exchange rates.
    FxClearing,
    /// Differences by rounding.
    RoundingClearing,
    /// What a connector reports and we do not understand yet.
    Suspense(AccountPart),
}

type Shape = (&'static str, &'static str, fn(AccountPart) -> AccountName);

/// Accounts with a variable part: what is before it and after it. No two shapes have the same beginning, so that a
/// part may contain a colon.
const SHAPES: [Shape; 8] = [
    ("asset:gateway:", ":receivable", AccountName::GatewayReceivable),
    ("liability:merchant:", ":payable", AccountName::MerchantPayable),
    ("liability:customer:", ":store_credit", AccountName::StoreCredit),
    ("memo:authorized:", "", AccountName::Authorized),
    ("asset:bank:", "", AccountName::Bank),
    ("expense:gateway_fees:", "", AccountName::GatewayFees),
    ("asset:disputes:", ":held", AccountName::DisputesHeld),
    ("suspense:", "", AccountName::Suspense),
];

const FIXED: [(&str, AccountName); 3] = [
    ("expense:chargeback_fees", AccountName::ChargebackFees),
    ("clearing:fx", AccountName::FxClearing),
    ("clearing:rounding", AccountName::RoundingClearing),
];

impl AccountName {
    /// What the account is for.
    #[must_use]
    pub const fn class(&self) -> AccountClass {
        match self {
            Self::GatewayReceivable(_) | Self::Bank(_) | Self::DisputesHeld(_) => AccountClass::Asset,
            Self::MerchantPayable(_) | Self::StoreCredit(_) => AccountClass::Liability,
            Self::GatewayFees(_) | Self::ChargebackFees => AccountClass::Expense,
            Self::Authorized(_) => AccountClass::Memo,
            Self::FxClearing | Self::RoundingClearing => AccountClass::Clearing,
            Self::Suspense(_) => AccountClass::Suspense,
        }
    }
}

impl FromStr for AccountName {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((_, account)) = FIXED.iter().find(|(name, _)| *name == text) {
            return Ok(account.clone());
        }
        let found = SHAPES.iter().find_map(|(before, after, make)| {
            let part = text.strip_prefix(before)?.strip_suffix(after)?;
            Some(part.parse().map(make))
        });
        found.unwrap_or_else(|| Err(invalid(text))).map_err(|_| invalid(text))
    }
}

fn invalid(text: &str) -> InvalidAccount {
    InvalidAccount(text.chars().filter(|c| !c.is_control()).take(80).collect())
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GatewayReceivable(connector) => write!(f, "asset:gateway:{connector}:receivable"),
            Self::MerchantPayable(merchant) => write!(f, "liability:merchant:{merchant}:payable"),
            Self::StoreCredit(customer) => write!(f, "liability:customer:{customer}:store_credit"),
            Self::Authorized(connector) => write!(f, "memo:authorized:{connector}"),
            Self::Bank(account) => write!(f, "asset:bank:{account}"),
            Self::GatewayFees(connector) => write!(f, "expense:gateway_fees:{connector}"),
            Self::DisputesHeld(connector) => write!(f, "asset:disputes:{connector}:held"),
            Self::ChargebackFees => f.write_str("expense:chargeback_fees"),
            Self::FxClearing => f.write_str("clearing:fx"),
            Self::RoundingClearing => f.write_str("clearing:rounding"),
            Self::Suspense(connector) => write!(f, "suspense:{connector}"),
        }
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_account_of_the_contract_is_understood_and_grows_on_its_side() {
        for (name, side) in [
            ("asset:gateway:simulator:receivable", Side::Debit),
            ("liability:merchant:ma_1:payable", Side::Credit),
            ("liability:customer:cus:with:colons:store_credit", Side::Credit),
            ("memo:authorized:stripe", Side::Debit),
            ("asset:bank:DE89", Side::Debit),
            ("expense:gateway_fees:adyen", Side::Debit),
            ("asset:disputes:adyen:held", Side::Debit),
            ("expense:chargeback_fees", Side::Debit),
            ("clearing:fx", Side::Debit),
            ("clearing:rounding", Side::Debit),
            ("suspense:payu", Side::Debit),
        ] {
            let account: AccountName = name.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(account.to_string(), name);
            assert_eq!(account.class().normal_side(), side, "{name}");
        }
    }

    #[test]
    fn what_names_no_account_is_refused() {
        for name in [
            "",
            "asset",
            "asset:gateway::receivable",
            "asset:gateway:receivable",
            "asset:gateway:simulator",
            "memo:authorized:",
            "liability:merchant:a\nb:payable",
            "income:gifts",
            "clearing:fx:more",
        ] {
            assert!(name.parse::<AccountName>().is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_account_survives_its_text(part in "[^\\p{Cc}]{1,60}", shape in 0..SHAPES.len()) {
            let account = SHAPES[shape].2(part.parse().unwrap());
            prop_assert_eq!(account.to_string().parse::<AccountName>(), Ok(account));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<AccountName>();
        }
    }
}

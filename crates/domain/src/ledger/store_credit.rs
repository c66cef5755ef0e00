//! A customer's store credit: what changes it beside refunds.
//!
//! Refunds give it (`posting.rs`). A customer spends it at the merchant's shop, which says so by a redemption; and a
//! merchant may grant some without a refund. It never becomes less than nothing: the store's constraint
//! [`LedgerWrite::STORE_CREDIT_COVERED`](super::LedgerWrite::STORE_CREDIT_COVERED) is the law behind [`CreditAdjustment`].

use super::{
    AccountName, AccountPart, LedgerRefusal, LedgerTransaction, Posting, TransactionKind, Transfer,
    TransferId,
};
use crate::kernel::{CreditAdjustmentId, Money, TenantId, Timestamp, words};

words! {
    /// In which direction store credit changes, and why.
    CreditAdjustmentType {
        /// The customer spent it: the merchant is owed that much more.
        Redemption = "redemption",
        /// The merchant gave some: it is owed that much less.
        Grant = "grant",
    }
}

/// A change of a customer's store credit that no refund made. It never changes; it is posted in its own commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditAdjustment {
    /// Its id, and the effect's.
    pub id: CreditAdjustmentId,
    /// Whose ledger.
    pub tenant: TenantId,
    /// Whose credit.
    pub customer: AccountPart,
    /// Spent or given.
    pub kind: CreditAdjustmentType,
    /// How much; more than zero.
    pub amount: Money,
    /// The merchant account that gets it, or bears it.
    pub merchant_account: AccountPart,
    /// Why, in words for people; 1 to 500 characters, without card numbers.
    pub reason: String,
    /// The order that was paid with it, if there is one.
    pub order_ref: Option<String>,
    /// Who asked for it: a token's `sub`, a key's id.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
}

/// Why store credit is not spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreCreditRefusal {
    /// Less is there than is to be spent.
    #[error("{asked} was to be spent, but the customer has store credit of {available}")]
    NotEnough {
        /// What was to be spent.
        asked: Money,
        /// What is there.
        available: Money,
    },
}

impl CreditAdjustment {
    /// The transaction that posts it.
    ///
    /// # Errors
    /// When the amount is not more than zero.
    pub fn posting(&self, id: TransferId) -> Result<LedgerTransaction, LedgerRefusal> {
        let credit = AccountName::StoreCredit(self.customer.clone());
        let payable = AccountName::MerchantPayable(self.merchant_account.clone());
        let (kind, debit, credit) = match self.kind {
            CreditAdjustmentType::Redemption => (TransactionKind::StoreCreditRedemption, credit, payable),
            CreditAdjustmentType::Grant => (TransactionKind::StoreCreditGrant, payable, credit),
        };
        LedgerTransaction::new(Posting {
            tenant: self.tenant.clone(),
            effect: self.id.into(),
            kind,
            intent: None,
            occurred_at: self.made_at,
            posted_at: self.made_at,
            transfers: vec![Transfer { id, debit, credit, amount: self.amount }],
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::super::{EffectId, Side};
    use super::*;
    use crate::kernel::Currency;

    fn adjustment(kind: CreditAdjustmentType, minor: i64) -> CreditAdjustment {
        CreditAdjustment {
            id: CreditAdjustmentId::from_uuid(Uuid::from_u128(7)),
            tenant: TenantId::sandbox(),
            customer: "cust_1".parse().unwrap(),
            kind,
            amount: Money::new(minor, Currency::JPY),
            merchant_account: "ma_1".parse().unwrap(),
            reason: "a present".into(),
            order_ref: None,
            made_by: "admin".into(),
            made_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_spent_is_owed_to_the_merchant_and_what_is_given_is_borne_by_it() {
        let (payable, credit) = ("liability:merchant:ma_1:payable", "liability:customer:cust_1:store_credit");
        for (kind, debit, credited) in [
            (CreditAdjustmentType::Redemption, credit, payable),
            (CreditAdjustmentType::Grant, payable, credit),
        ] {
            let adjustment = adjustment(kind, 250);
            let posted = adjustment.posting(TransferId::new(Uuid::from_u128(2))).unwrap();
            assert_eq!(posted.posting().effect, EffectId::from(adjustment.id));
            let lines: Vec<_> =
                posted.entries().map(|line| (line.account.to_string(), line.side, line.amount)).collect();
            let expected = [(debit, Side::Debit), (credited, Side::Credit)]
                .map(|(account, side)| (account.to_owned(), side, adjustment.amount));
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn what_moves_nothing_is_refused() {
        for minor in [0, -1] {
            let refused =
                adjustment(CreditAdjustmentType::Grant, minor).posting(TransferId::new(Uuid::nil()));
            assert!(matches!(refused, Err(LedgerRefusal::NotPositive { .. })), "{refused:?}");
        }
    }
}

//! The contract's table of postings, one function for each effect.

use super::{
    AccountName, AccountPart, LedgerRefusal, LedgerTransaction, Posting, TransactionKind, Transfer,
    TransferId,
};
use crate::kernel::{CaptureId, IntentId, Money, RefundId, TenantId, Timestamp};

/// A capture that a gateway has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureEffect {
    /// Whose.
    pub tenant: TenantId,
    /// Which capture.
    pub capture: CaptureId,
    /// Of which intent.
    pub intent: IntentId,
    /// The connector that took the money.
    pub connector: AccountPart,
    /// The merchant account that it is for.
    pub merchant_account: AccountPart,
    /// How much this capture took; more than zero.
    pub amount: Money,
    /// When.
    pub occurred_at: Timestamp,
}

/// Where a refund's money went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundedTo {
    /// To the original method: this connector gave it back.
    Method(AccountPart),
    /// To this customer's store credit.
    StoreCredit(AccountPart),
}

/// A refund that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundEffect {
    /// Whose.
    pub tenant: TenantId,
    /// Which refund.
    pub refund: RefundId,
    /// Of which intent.
    pub intent: IntentId,
    /// Where the money went.
    pub to: RefundedTo,
    /// The merchant account that bears it.
    pub merchant_account: AccountPart,
    /// How much it gave back; more than zero.
    pub amount: Money,
    /// When.
    pub occurred_at: Timestamp,
}

/// A capture: the gateway owes us more, we owe the merchant more.
///
/// # Errors
/// When the amount is not more than zero.
pub fn capture_posting(
    effect: CaptureEffect,
    id: TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    LedgerTransaction::new(Posting {
        tenant: effect.tenant,
        effect: effect.capture.into(),
        kind: TransactionKind::Capture,
        intent: Some(effect.intent),
        occurred_at: effect.occurred_at,
        posted_at,
        transfers: vec![Transfer {
            id,
            debit: AccountName::GatewayReceivable(effect.connector),
            credit: AccountName::MerchantPayable(effect.merchant_account),
            amount: effect.amount,
        }],
    })
}

/// A refund: we owe the merchant less, and the gateway owes us less, or we owe the customer more.
///
/// # Errors
/// When the amount is not more than zero.
pub fn refund_posting(
    effect: RefundEffect,
    id: TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    LedgerTransaction::new(Posting {
        tenant: effect.tenant,
        effect: effect.refund.into(),
        kind: TransactionKind::Refund,
        intent: Some(effect.intent),
        occurred_at: effect.occurred_at,
        posted_at,
        transfers: vec![Transfer {
            id,
            debit: AccountName::MerchantPayable(effect.merchant_account),
            credit: match effect.to {
                RefundedTo::Method(connector) => AccountName::GatewayReceivable(connector),
                RefundedTo::StoreCredit(customer) => AccountName::StoreCredit(customer),
            },
            amount: effect.amount,
        }],
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::{BalanceDelta, Side, net_deltas};
    use super::*;
    use crate::kernel::Currency;

    fn capture(minor: i64) -> CaptureEffect {
        CaptureEffect {
            tenant: TenantId::sandbox(),
            capture: CaptureId::from_uuid(Uuid::from_u128(7)),
            intent: IntentId::from_uuid(Uuid::from_u128(8)),
            connector: "simulator".parse().unwrap(),
            merchant_account: "ma_1".parse().unwrap(),
            amount: Money::new(minor, Currency::EUR),
            occurred_at: DateTime::UNIX_EPOCH,
        }
    }

    fn refund(minor: i64) -> RefundEffect {
        let CaptureEffect { tenant, intent, connector, merchant_account, amount, occurred_at, .. } =
            capture(minor);
        let refund = RefundId::from_uuid(Uuid::from_u128(9));
        let to = RefundedTo::Method(connector);
        RefundEffect { tenant, refund, intent, to, merchant_account, amount, occurred_at }
    }

    fn transfer(n: u128) -> TransferId {
        TransferId::new(Uuid::from_u128(n))
    }

    fn lines(transaction: &LedgerTransaction) -> Vec<(String, Side, i64)> {
        transaction.entries().map(|line| (line.account.to_string(), line.side, line.amount.minor())).collect()
    }

    #[test]
    fn each_effect_is_posted_as_the_contracts_table_has_it() {
        let receivable = "asset:gateway:simulator:receivable".to_owned();
        let payable = "liability:merchant:ma_1:payable".to_owned();
        let captured = capture_posting(capture(500), transfer(2), DateTime::UNIX_EPOCH).unwrap();
        let capture_lines =
            vec![(receivable.clone(), Side::Debit, 500), (payable.clone(), Side::Credit, 500)];
        assert_eq!(lines(&captured), capture_lines);
        let refunded = refund_posting(refund(200), transfer(4), DateTime::UNIX_EPOCH).unwrap();
        let refund_lines = vec![(payable.clone(), Side::Debit, 200), (receivable.clone(), Side::Credit, 200)];
        assert_eq!(lines(&refunded), refund_lines);
        let to = RefundedTo::StoreCredit("cust_1".parse().unwrap());
        let credited = RefundEffect { to, ..refund(200) };
        let credited = refund_posting(credited, transfer(4), DateTime::UNIX_EPOCH).unwrap();
        let credit = "liability:customer:cust_1:store_credit".to_owned();
        assert_eq!(lines(&credited), [(payable.clone(), Side::Debit, 200), (credit, Side::Credit, 200)]);
        let undone = captured.reversal(DateTime::UNIX_EPOCH, || transfer(6)).unwrap();
        let reversal_lines = vec![(payable, Side::Debit, 500), (receivable, Side::Credit, 500)];
        assert_eq!(lines(&undone), reversal_lines);
        assert_eq!(undone.posting().effect, captured.posting().effect.reversed());
    }

    #[test]
    fn a_reversal_is_not_reversed() {
        let captured = capture_posting(capture(500), transfer(2), DateTime::UNIX_EPOCH).unwrap();
        let undone = captured.reversal(DateTime::UNIX_EPOCH, || transfer(4)).unwrap();
        let again = undone.reversal(DateTime::UNIX_EPOCH, || transfer(6));
        assert!(matches!(again, Err(LedgerRefusal::AlreadyReversal(_))), "{again:?}");
    }

    #[test]
    fn what_moves_nothing_is_refused() {
        for minor in [0, -1, i64::MIN] {
            let refused = capture_posting(capture(minor), transfer(2), DateTime::UNIX_EPOCH);
            assert!(matches!(refused, Err(LedgerRefusal::NotPositive { .. })), "{refused:?}");
        }
        let captured = capture_posting(capture(1), transfer(2), DateTime::UNIX_EPOCH).unwrap();
        let mut posting = captured.posting().clone();
        posting.transfers[0].credit = posting.transfers[0].debit.clone();
        let refused = LedgerTransaction::new(posting.clone());
        assert!(matches!(refused, Err(LedgerRefusal::SameAccount { .. })), "{refused:?}");
        let mut huge = captured.posting().clone();
        huge.transfers =
            vec![Transfer { amount: Money::new(i64::MAX, Currency::EUR), ..huge.transfers[0].clone() }; 2];
        let refused = LedgerTransaction::new(huge);
        assert!(matches!(refused, Err(LedgerRefusal::TooLarge(_))), "{refused:?}");
        posting.transfers.clear();
        let refused = LedgerTransaction::new(posting);
        assert!(matches!(refused, Err(LedgerRefusal::Empty(_))), "{refused:?}");
    }

    #[test]
    fn the_two_lines_of_a_transfer_have_ids_of_their_own_in_its_order() {
        let id = transfer(0x1_0001);
        assert_ne!(id.entry(Side::Debit), id.entry(Side::Credit));
        for side in [Side::Debit, Side::Credit] {
            assert_eq!(TransferId::new(id.entry(side).uuid()), id);
        }
        assert!(id.entry(Side::Credit) < transfer(0x1_0002).entry(Side::Debit));
    }

    proptest! {
        #[test]
        fn debits_equal_credits_whatever_is_posted(amounts in prop::collection::vec(1_i64..=i64::MAX, 1..20)) {
            let transactions: Vec<_> = amounts
                .iter()
                .map(|minor| capture_posting(capture(*minor), transfer(2), DateTime::UNIX_EPOCH).unwrap())
                .collect();
            let deltas: Vec<BalanceDelta> = net_deltas(&transactions);
            prop_assert_eq!(deltas.len(), 2);
            let debits: i128 = deltas.iter().map(|delta| delta.totals.debits).sum();
            let credits: i128 = deltas.iter().map(|delta| delta.totals.credits).sum();
            prop_assert_eq!(debits, credits);
            prop_assert_eq!(debits, amounts.iter().map(|minor| i128::from(*minor)).sum::<i128>());
        }
    }
}

//! The contract's rows of disputes.
//!
//! Where a dispute stands is where its money stands: while it is open the connector holds it, won it is the gateway's
//! debt again, lost it is the merchant's loss. A decision moves it from where it stood to where it stands, so that one
//! that is overturned is posted by itself, and decisions can be posted in any order.

use super::{
    AccountName, AccountPart, EffectId, LedgerRefusal, LedgerTransaction, Posting, TransactionKind, Transfer,
    TransferId,
};
use crate::disputes::DisputeStatus;
use crate::kernel::{Currency, DisputeId, IntakeId, IntentId, Money, TenantId, Timestamp};

/// A dispute as the ledger sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeEffect {
    /// Whose.
    pub tenant: TenantId,
    /// Which dispute.
    pub dispute: DisputeId,
    /// Of which intent.
    pub intent: IntentId,
    /// The connector that took the money back.
    pub connector: AccountPart,
    /// The merchant account that bears it.
    pub merchant_account: AccountPart,
    /// How much is disputed; more than zero.
    pub amount: Money,
    /// When.
    pub occurred_at: Timestamp,
}

/// A decision of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisputeDecision {
    /// Which: 1 for the first.
    pub decisions: u32,
    /// Where the dispute stood before.
    pub from: DisputeStatus,
    /// Where it stands now.
    pub to: DisputeStatus,
}

/// A chargeback: the gateway owes us less, by what it holds for the dispute and by its fee (zero or more, in minor units
/// of the dispute's currency).
///
/// # Errors
/// When an amount is not more than zero, or a fee is negative.
pub fn chargeback_posting(
    effect: DisputeEffect,
    fee_minor: i64,
    mut ids: impl FnMut() -> TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    let receivable = AccountName::GatewayReceivable(effect.connector.clone());
    let mut transfers = vec![Transfer {
        id: ids(),
        debit: AccountName::DisputesHeld(effect.connector.clone()),
        credit: receivable.clone(),
        amount: effect.amount,
    }];
    if fee_minor != 0 {
        let amount = Money::new(fee_minor, currency(&effect));
        transfers.push(Transfer {
            id: ids(),
            debit: AccountName::ChargebackFees,
            credit: receivable,
            amount,
        });
    }
    let id = EffectId::dispute_opened(effect.dispute);
    posting(effect, (id, TransactionKind::Chargeback), transfers, posted_at)
}

/// A fee that was told later than its dispute: the gateway owes us less by it. The effect's amount is the fee; what the
/// dispute itself took is posted by [`chargeback_posting`].
///
/// # Errors
/// When the fee is not more than zero.
pub fn chargeback_fee_posting(
    effect: DisputeEffect,
    id: TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    let fee = Transfer {
        id,
        debit: AccountName::ChargebackFees,
        credit: AccountName::GatewayReceivable(effect.connector.clone()),
        amount: effect.amount,
    };
    let id = EffectId::dispute_fee(effect.dispute);
    posting(effect, (id, TransactionKind::Chargeback), vec![fee], posted_at)
}

/// A chargeback whose charge is not known, as the ledger sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedEffect {
    /// Whose.
    pub tenant: TenantId,
    /// Under which it waits.
    pub intake: IntakeId,
    /// The connector that took the money back.
    pub connector: AccountPart,
    /// How much; more than zero.
    pub amount: Money,
    /// When.
    pub occurred_at: Timestamp,
}

/// A chargeback whose charge is not known: the gateway owes us less, by its amount and its fee (zero or more, in minor
/// units of the same currency), and whose loss that is nobody knows yet. When its charge is found this is reversed, and the
/// chargeback posted as any other.
///
/// # Errors
/// When an amount is not more than zero, or a fee is negative.
pub fn unmatched_posting(
    effect: UnmatchedEffect,
    fee_minor: i64,
    mut ids: impl FnMut() -> TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    let fee = (fee_minor != 0).then(|| Money::new(fee_minor, effect.amount.currency()));
    let in_suspense = |amount| Transfer {
        id: ids(),
        debit: AccountName::Suspense(effect.connector.clone()),
        credit: AccountName::GatewayReceivable(effect.connector.clone()),
        amount,
    };
    let transfers = [Some(effect.amount), fee].into_iter().flatten().map(in_suspense).collect();
    suspense_posting(EffectId::chargeback_unmatched(effect.intake), effect, transfers, posted_at)
}

/// A fee that was told while its chargeback waits: in suspense beside it. The effect's amount is the fee. What reverses the
/// chargeback when it is matched reverses its fee with it.
///
/// # Errors
/// When the fee is not more than zero.
pub fn unmatched_fee_posting(
    effect: UnmatchedEffect,
    id: TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    let fee = Transfer {
        id,
        debit: AccountName::Suspense(effect.connector.clone()),
        credit: AccountName::GatewayReceivable(effect.connector.clone()),
        amount: effect.amount,
    };
    suspense_posting(EffectId::unmatched_fee(effect.intake), effect, vec![fee], posted_at)
}

fn suspense_posting(
    id: EffectId,
    effect: UnmatchedEffect,
    transfers: Vec<Transfer>,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    LedgerTransaction::new(Posting {
        tenant: effect.tenant,
        effect: id,
        kind: TransactionKind::ChargebackUnmatched,
        intent: None,
        occurred_at: effect.occurred_at,
        posted_at,
        transfers,
    })
}

/// A decision: the money goes from where the dispute held it to where it belongs now.
///
/// # Errors
/// `Empty` for a decision that is none: from a status to one where the money stands the same.
pub fn dispute_posting(
    effect: DisputeEffect,
    decision: DisputeDecision,
    mut ids: impl FnMut() -> TransferId,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    let held = AccountName::DisputesHeld(effect.connector.clone());
    let stands_at = |status: DisputeStatus| match status {
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => None,
        DisputeStatus::Won => Some(AccountName::GatewayReceivable(effect.connector.clone())),
        DisputeStatus::Lost | DisputeStatus::Accepted => {
            Some(AccountName::MerchantPayable(effect.merchant_account.clone()))
        }
    };
    let (from, to) = (stands_at(decision.from), stands_at(decision.to));
    let mut transfers = Vec::new();
    if from != to {
        let amount = effect.amount;
        // Back into what is held, and out of it to where it belongs.
        transfers.extend(from.map(|from| Transfer { id: ids(), debit: held.clone(), credit: from, amount }));
        transfers.extend(to.map(|to| Transfer { id: ids(), debit: to, credit: held.clone(), amount }));
    }
    let kind = match decision.to {
        DisputeStatus::Won => TransactionKind::DisputeWon,
        _ => TransactionKind::DisputeLost,
    };
    let id = EffectId::dispute_decided(effect.dispute, decision.decisions);
    posting(effect, (id, kind), transfers, posted_at)
}

const fn currency(effect: &DisputeEffect) -> Currency {
    effect.amount.currency()
}

fn posting(
    effect: DisputeEffect,
    (id, kind): (EffectId, TransactionKind),
    transfers: Vec<Transfer>,
    posted_at: Timestamp,
) -> Result<LedgerTransaction, LedgerRefusal> {
    LedgerTransaction::new(Posting {
        tenant: effect.tenant,
        effect: id,
        kind,
        intent: Some(effect.intent),
        occurred_at: effect.occurred_at,
        posted_at,
        transfers,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::super::Side;
    use super::*;
    use DisputeStatus as S;

    fn effect() -> DisputeEffect {
        DisputeEffect {
            tenant: TenantId::sandbox(),
            dispute: DisputeId::from_uuid(Uuid::from_u128(7)),
            intent: IntentId::from_uuid(Uuid::from_u128(8)),
            connector: "simulator".parse().unwrap(),
            merchant_account: "ma_1".parse().unwrap(),
            amount: Money::new(500, Currency::EUR),
            occurred_at: DateTime::UNIX_EPOCH,
        }
    }

    fn ids() -> impl FnMut() -> TransferId {
        let mut number = 0_u128;
        move || {
            number += 2;
            TransferId::new(Uuid::from_u128(number))
        }
    }

    fn opened(fee_minor: i64) -> Result<LedgerTransaction, LedgerRefusal> {
        chargeback_posting(effect(), fee_minor, ids(), DateTime::UNIX_EPOCH)
    }

    fn decided(decisions: u32, from: S, to: S) -> Result<LedgerTransaction, LedgerRefusal> {
        dispute_posting(effect(), DisputeDecision { decisions, from, to }, ids(), DateTime::UNIX_EPOCH)
    }

    /// What each account gained on its debit side, zeros left out.
    fn sums<'a>(transactions: impl IntoIterator<Item = &'a LedgerTransaction>) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        for line in transactions.into_iter().flat_map(LedgerTransaction::entries) {
            let sign = if line.side == Side::Debit { 1 } else { -1 };
            *sums.entry(line.account.to_string()).or_insert(0) += sign * line.amount.minor();
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }

    const RECEIVABLE: &str = "asset:gateway:simulator:receivable";
    const PAYABLE: &str = "liability:merchant:ma_1:payable";
    const HELD: &str = "asset:disputes:simulator:held";
    const FEES: &str = "expense:chargeback_fees";

    fn map(of: &[(&str, i64)]) -> BTreeMap<String, i64> {
        of.iter().map(|(account, sum)| ((*account).to_owned(), *sum)).collect()
    }

    #[test]
    fn each_effect_is_posted_as_the_contracts_table_has_it() {
        let open = opened(15).unwrap();
        assert_eq!(open.posting().effect.as_str(), format!("{}:opened", effect().dispute));
        assert_eq!(sums([&open]), map(&[(HELD, 500), (FEES, 15), (RECEIVABLE, -515)]));
        let lost = decided(1, S::NeedsResponse, S::Lost).unwrap();
        assert_eq!(sums([&lost]), map(&[(PAYABLE, 500), (HELD, -500)]));
        let accepted = decided(1, S::UnderReview, S::Accepted).unwrap();
        assert_eq!(sums([&accepted]), sums([&lost]));
        let won = decided(1, S::NeedsResponse, S::Won).unwrap();
        assert_eq!(sums([&won]), map(&[(RECEIVABLE, 500), (HELD, -500)]));
        assert_eq!(sums([&open, &won]), map(&[(FEES, 15), (RECEIVABLE, -15)]));
        assert_eq!(sums([&open, &lost]), map(&[(FEES, 15), (PAYABLE, 500), (RECEIVABLE, -515)]));
    }

    #[test]
    fn what_is_not_known_whose_it_is_waits_in_suspense_until_it_is_matched() {
        let unmatched = UnmatchedEffect {
            tenant: TenantId::sandbox(),
            intake: IntakeId::from_uuid(Uuid::from_u128(9)),
            connector: "simulator".parse().unwrap(),
            amount: Money::new(500, Currency::EUR),
            occurred_at: DateTime::UNIX_EPOCH,
        };
        let waits = unmatched_posting(unmatched.clone(), 15, ids(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(sums([&waits]), map(&[("suspense:simulator", 515), (RECEIVABLE, -515)]));
        assert_eq!(waits.posting().effect.as_str(), format!("{}:unmatched", unmatched.intake));
        let matched = waits.reversal(DateTime::UNIX_EPOCH, ids()).unwrap();
        let open = opened(15).unwrap();
        assert_eq!(sums([&waits, &matched, &open]), sums([&open]), "as if it had been known at once");
        assert!(unmatched_posting(unmatched, -1, ids(), DateTime::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_decision_that_is_overturned_ends_as_if_it_had_been_the_first() {
        let (open, lost) = (opened(0).unwrap(), decided(1, S::NeedsResponse, S::Lost).unwrap());
        let won = decided(2, S::Lost, S::Won).unwrap();
        assert_ne!(won.posting().effect, lost.posting().effect);
        assert_eq!(sums([&open, &lost, &won]), BTreeMap::new());
        let again = decided(3, S::Won, S::Lost).unwrap();
        let end = sums([&open, &lost, &won, &again]);
        assert_eq!(end, sums([&open, &lost]));
    }

    #[test]
    fn what_moves_nothing_is_refused() {
        for (from, to) in [(S::Lost, S::Accepted), (S::Won, S::Won), (S::NeedsResponse, S::UnderReview)] {
            assert!(matches!(decided(1, from, to), Err(LedgerRefusal::Empty(_))), "{from:?} {to:?}");
        }
        assert!(matches!(opened(-1), Err(LedgerRefusal::NotPositive { .. })));
    }
}

//! One money effect in the ledger.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{AccountName, LedgerEntry, LedgerRefusal, Side, TransferId};
use crate::kernel::{
    CaptureId, CreditAdjustmentId, DisputeId, IntakeId, IntentId, Money, RefundId, TenantId, Timestamp,
    to_micros,
};

/// The most transfers that are posted at once.
pub const MAX_TRANSFERS: usize = 100;

const EFFECT_CHARS: usize = 64;
const REVERSED: &str = ":reversed";

/// The id of a money effect: `cap_…`, `rf_…`, `dp_…:opened`, `dp_…:decided:1`. The ledger has at most one transaction of each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(Arc<str>);

impl EffectId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The effect of undoing this one. There is one such id, so an effect is undone at most once.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self(format!("{}{REVERSED}", self.0).into())
    }
}

impl FromStr for EffectId {
    type Err = LedgerRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b':');
        if text.is_empty() || text.len() > EFFECT_CHARS || !text.bytes().all(plain) {
            return Err(LedgerRefusal::InvalidEffect(text.chars().take(EFFECT_CHARS).collect()));
        }
        Ok(Self(Arc::from(text)))
    }
}

impl From<CaptureId> for EffectId {
    fn from(capture: CaptureId) -> Self {
        Self(capture.to_string().into())
    }
}

impl From<RefundId> for EffectId {
    fn from(refund: RefundId) -> Self {
        Self(refund.to_string().into())
    }
}

impl From<CreditAdjustmentId> for EffectId {
    fn from(adjustment: CreditAdjustmentId) -> Self {
        Self(adjustment.to_string().into())
    }
}

impl EffectId {
    /// The effect of a dispute that was opened.
    #[must_use]
    pub fn dispute_opened(dispute: DisputeId) -> Self {
        Self(format!("{dispute}:opened").into())
    }

    /// The effect of a dispute's fee that was told later than the dispute.
    #[must_use]
    pub fn dispute_fee(dispute: DisputeId) -> Self {
        Self(format!("{dispute}:fee").into())
    }

    /// The effect of a fee that was told while the chargeback waits for its charge.
    #[must_use]
    pub fn unmatched_fee(intake: IntakeId) -> Self {
        Self(format!("{intake}:fee").into())
    }

    /// The effect of a chargeback whose charge is not known.
    #[must_use]
    pub fn chargeback_unmatched(intake: IntakeId) -> Self {
        Self(format!("{intake}:unmatched").into())
    }

    /// The effect of a decision of a dispute: of the first, the second when it was overturned, and so on.
    #[must_use]
    pub fn dispute_decided(dispute: DisputeId, decisions: u32) -> Self {
        Self(format!("{dispute}:decided:{decisions}").into())
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of effect a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionKind {
    /// A gateway took money for us.
    Capture,
    /// A gateway gave money back for us.
    Refund,
    /// A processor took money back, for a dispute.
    Chargeback,
    /// A processor took money back, of a charge that is not known.
    ChargebackUnmatched,
    /// A dispute was decided for the merchant.
    DisputeWon,
    /// A dispute was decided for the payer, or given in.
    DisputeLost,
    /// A customer spent store credit.
    StoreCreditRedemption,
    /// A customer was given store credit that is no refund.
    StoreCreditGrant,
    /// Another transaction is undone.
    Reversal,
}

impl TransactionKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Capture,
        Self::Refund,
        Self::Chargeback,
        Self::ChargebackUnmatched,
        Self::DisputeWon,
        Self::DisputeLost,
        Self::StoreCreditRedemption,
        Self::StoreCreditGrant,
        Self::Reversal,
    ];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
            Self::ChargebackUnmatched => "chargeback_unmatched",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
            Self::StoreCreditRedemption => "store_credit_redemption",
            Self::StoreCreditGrant => "store_credit_grant",
            Self::Reversal => "reversal",
        }
    }

    /// The kind with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.as_str() == text).copied()
    }
}

/// An amount that is debited to one account and credited to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The account that is debited.
    pub debit: AccountName,
    /// The account that is credited.
    pub credit: AccountName,
    /// How much; more than zero.
    pub amount: Money,
}

/// What a transaction is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose.
    pub tenant: TenantId,
    /// Of which effect.
    pub effect: EffectId,
    /// Of what kind.
    pub kind: TransactionKind,
    /// The intent it concerns, if it concerns one.
    pub intent: Option<IntentId>,
    /// When the effect happened.
    pub occurred_at: Timestamp,
    /// When it is posted.
    pub posted_at: Timestamp,
    /// Its transfers, 1 to [`MAX_TRANSFERS`]. They may be of several currencies; each balances in its own.
    pub transfers: Vec<Transfer>,
}

/// One money effect in the ledger. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTransaction(Posting);

impl LedgerTransaction {
    /// The transaction of a posting.
    ///
    /// # Errors
    /// When it has no transfer or too many, a transfer moves nothing, or all amounts together do not fit 63 bits.
    pub fn new(mut posting: Posting) -> Result<Self, LedgerRefusal> {
        let effect = || posting.effect.clone();
        let count = posting.transfers.len();
        if count == 0 {
            return Err(LedgerRefusal::Empty(effect()));
        }
        if count > MAX_TRANSFERS {
            return Err(LedgerRefusal::TooManyTransfers { effect: effect(), count });
        }
        let mut sum = 0_i64;
        for Transfer { debit, credit, amount, .. } in &posting.transfers {
            sum = sum.checked_add(amount.minor()).ok_or_else(|| LedgerRefusal::TooLarge(effect()))?;
            if amount.minor() <= 0 {
                return Err(LedgerRefusal::NotPositive { effect: effect(), amount: *amount });
            }
            if debit == credit {
                return Err(LedgerRefusal::SameAccount { effect: effect(), account: debit.clone() });
            }
        }
        posting.occurred_at = to_micros(posting.occurred_at);
        posting.posted_at = to_micros(posting.posted_at);
        Ok(Self(posting))
    }

    /// What it is made of.
    #[must_use]
    pub const fn posting(&self) -> &Posting {
        &self.0
    }

    /// The transaction that undoes this one: every transfer with its sides changed. `transfer_ids` gives the new
    /// transfers' ids.
    ///
    /// # Errors
    /// `AlreadyReversal` for a transaction that is a reversal itself.
    pub fn reversal(
        &self,
        now: Timestamp,
        mut transfer_ids: impl FnMut() -> TransferId,
    ) -> Result<Self, LedgerRefusal> {
        if self.0.kind == TransactionKind::Reversal {
            return Err(LedgerRefusal::AlreadyReversal(self.0.effect.clone()));
        }
        let transfers = self.0.transfers.iter().map(|transfer| Transfer {
            id: transfer_ids(),
            debit: transfer.credit.clone(),
            credit: transfer.debit.clone(),
            amount: transfer.amount,
        });
        Self::new(Posting {
            effect: self.0.effect.reversed(),
            kind: TransactionKind::Reversal,
            occurred_at: now,
            posted_at: now,
            transfers: transfers.collect(),
            ..self.0.clone()
        })
    }

    /// Its lines: a debit and a credit of each transfer.
    pub fn entries(&self) -> impl Iterator<Item = LedgerEntry> {
        let Posting { effect, kind, intent, occurred_at, posted_at, .. } = &self.0;
        let line = move |transfer: &Transfer, side: Side| LedgerEntry {
            id: transfer.id.entry(side),
            effect: effect.clone(),
            kind: *kind,
            intent: *intent,
            account: match side {
                Side::Debit => transfer.debit.clone(),
                Side::Credit => transfer.credit.clone(),
            },
            side,
            amount: transfer.amount,
            occurred_at: *occurred_at,
            posted_at: *posted_at,
        };
        self.0
            .transfers
            .iter()
            .flat_map(move |transfer| [line(transfer, Side::Debit), line(transfer, Side::Credit)])
    }
}

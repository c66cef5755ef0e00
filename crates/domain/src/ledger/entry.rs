//! One line of the ledger.

use uuid::Uuid;

use super::{AccountName, EffectId, Side, TransactionKind};
use crate::kernel::{IntentId, LedgerEntryId, Money, Timestamp};

/// The id of a transfer: a `UUIDv7` whose last bit is zero. Its two lines have ids of their own: the debit the same
/// UUID, the credit the same with the last bit set. So one stored id names all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(Uuid);

impl TransferId {
    /// The transfer of this UUID, whose last bit is not looked at: also the transfer of a line's UUID.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(Uuid::from_u128(uuid.as_u128() & !1))
    }

    /// The UUID; its last bit is zero.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The id of one of its lines.
    #[must_use]
    pub const fn entry(self, side: Side) -> LedgerEntryId {
        let last_bit = match side {
            Side::Debit => 0,
            Side::Credit => 1,
        };
        LedgerEntryId::from_uuid(Uuid::from_u128(self.0.as_u128() | last_bit))
    }
}

/// One line of the ledger: one side of one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id. Ids are in the order of posting.
    pub id: LedgerEntryId,
    /// The effect whose transaction it belongs to.
    pub effect: EffectId,
    /// What kind of effect.
    pub kind: TransactionKind,
    /// The intent it concerns.
    pub intent: Option<IntentId>,
    /// The account.
    pub account: AccountName,
    /// The side.
    pub side: Side,
    /// How much; more than zero.
    pub amount: Money,
    /// When the effect happened.
    pub occurred_at: Timestamp,
    /// When it was posted.
    pub posted_at: Timestamp,
}

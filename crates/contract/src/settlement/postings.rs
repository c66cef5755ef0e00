//! Postings for the promises.

use chrono::{DateTime, Duration};
use tender_domain::kernel::{
    CaptureId, Change, CommitError, Committed, Currency, InboxEntry, IntentId, Money, RefundId, Save,
    TenantId, Timestamp,
};
use tender_domain::ledger::{
    CaptureEffect, LedgerStore, LedgerTransaction, LedgerWrite, RefundEffect, RefundedTo, TransferId,
    capture_posting, refund_posting,
};
use uuid::Uuid;

/// A posting drawn at random: plain numbers, so that a failing one can be made smaller.
#[derive(Debug, Clone, Copy)]
pub struct RandomPosting {
    /// Which effect; the same number is the same effect.
    pub effect: u8,
    /// A refund rather than a capture.
    pub refund: bool,
    /// Which connector.
    pub connector: u8,
    /// Which merchant account.
    pub merchant: u8,
    /// Which currency: EUR, JPY or BHD.
    pub currency: u8,
    /// How much, in minor units; more than zero.
    pub minor: i64,
}

/// The `n`th instant of the tests.
pub(super) fn instant(n: u32) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::milliseconds(i64::from(n))
}

/// The `n`th UUID of a kind of thing, in order.
pub(super) fn uuid(kind: u128, n: u32) -> Uuid {
    Uuid::from_u128((kind << 96) | (u128::from(n) << 1))
}

/// The `n`th transaction of a tenant: a capture of intent `n / 2`.
///
/// # Panics
/// When the amount is not more than zero.
#[must_use]
pub fn capture_of(tenant: &TenantId, n: u32, merchant: &str, amount: Money) -> LedgerTransaction {
    let effect = CaptureEffect {
        tenant: tenant.clone(),
        capture: CaptureId::from_uuid(uuid(1, n)),
        intent: intent(n / 2),
        connector: "simulator".parse().expect("a plain name"),
        merchant_account: merchant.parse().expect("a plain name"),
        amount,
        occurred_at: instant(n),
    };
    capture_posting(effect, TransferId::new(uuid(3, n)), instant(n)).expect("an amount above zero")
}

/// The `n`th intent.
pub(super) fn intent(n: u32) -> IntentId {
    IntentId::from_uuid(uuid(4, n))
}

/// The `n`th transaction of a tenant, of what was drawn.
pub(super) fn random(tenant: &TenantId, n: u32, drawn: RandomPosting) -> LedgerTransaction {
    let currency = [Currency::EUR, Currency::JPY, Currency::BHD][usize::from(drawn.currency % 3)];
    let (connector, merchant) = (format!("connector_{}", drawn.connector), format!("ma_{}", drawn.merchant));
    let effect = uuid(5, u32::from(drawn.effect));
    let amount = Money::new(drawn.minor, currency);
    let (id, at) = (TransferId::new(uuid(3, n)), instant(n));
    let connector = connector.parse().expect("a plain name");
    let merchant_account = merchant.parse().expect("a plain name");
    let (tenant, intent, occurred_at) = (tenant.clone(), intent(u32::from(drawn.effect)), at);
    let posting = if drawn.refund {
        let refund = RefundId::from_uuid(effect);
        let to = RefundedTo::Method(connector);
        let effect = RefundEffect { tenant, refund, intent, to, merchant_account, amount, occurred_at };
        refund_posting(effect, id, at)
    } else {
        let capture = CaptureId::from_uuid(effect);
        let effect =
            CaptureEffect { tenant, capture, intent, connector, merchant_account, amount, occurred_at };
        capture_posting(effect, id, at)
    };
    posting.expect("an amount above zero")
}

/// Commits a transaction as the ledger's consumer does.
///
/// # Errors
/// What the store says.
pub async fn commit(
    store: &dyn LedgerStore,
    transaction: &LedgerTransaction,
) -> Result<Committed, CommitError> {
    let posting = transaction.posting();
    let entry = InboxEntry { consumer: "ledger", key: posting.effect.as_str().to_owned() };
    let change = Change::<LedgerWrite>::of(posting.tenant.clone()).save(Save::new(transaction.clone()));
    store.commit(change.handled(entry).in_background()).await
}

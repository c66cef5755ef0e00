//! What the story reads of Tender's answers. Everything else in them is left alone.

use serde::Deserialize;
use tender_domain::kernel::{Currency, Money};

/// A saved payment method.
#[derive(Debug, Deserialize)]
pub(super) struct Method {
    pub(super) id: String,
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) fingerprint: String,
}

/// A payment intent.
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) currency: Currency,
    amount: i64,
    amount_captured: i64,
    amount_refunded: i64,
    pub(super) last_payment_error: Option<PaymentError>,
    pub(super) next_action: Option<NextAction>,
}

impl Intent {
    pub(super) const fn amount(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    pub(super) const fn captured(&self) -> Money {
        Money::new(self.amount_captured, self.currency)
    }

    pub(super) const fn refunded(&self) -> Money {
        Money::new(self.amount_refunded, self.currency)
    }
}

/// Why an attempt failed.
#[derive(Debug, Deserialize)]
pub(super) struct PaymentError {
    pub(super) decline_code: Option<String>,
    pub(super) network_code: Option<String>,
    pub(super) message: String,
}

/// What the customer has to do.
#[derive(Debug, Deserialize)]
pub(super) struct NextAction {
    pub(super) url: String,
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: String,
}

/// The tickets dialect's envelope.
#[derive(Debug, Deserialize)]
pub(super) struct TicketsAnswer {
    pub(super) success: bool,
    pub(super) payment: TicketsPayment,
}

/// The tickets dialect's payment: in that document ids are UUIDs.
#[derive(Debug, Deserialize)]
pub(super) struct TicketsPayment {
    pub(super) id: uuid::Uuid,
    pub(super) status: String,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// A line of the ledger.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) account: String,
    pub(super) direction: String,
    amount: i64,
    currency: Currency,
}

impl Entry {
    pub(super) const fn amount(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// What a check of the ledger found.
#[derive(Debug, Deserialize)]
pub(super) struct LedgerCheck {
    pub(super) balanced: bool,
    pub(super) transactions: u64,
}

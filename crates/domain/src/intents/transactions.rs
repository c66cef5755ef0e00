//! A customer's transactions, as a storefront's history shows them: payments, and what was given back of them.

use std::sync::Arc;

use crate::kernel::Timestamp;
use crate::refunds::{OpenRefund, RefundStatus};

use super::{Channel, Intent, IntentStatus, RefundOfIntent};

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionKind {
    /// Money that came.
    Payment,
    /// Money that was given back.
    Refund,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStanding {
    /// Being worked on, or its outcome is not known yet.
    Pending,
    /// Done.
    Completed,
    /// Declined, given up, or known not to have happened.
    Failed,
}

impl TransactionStanding {
    /// Where a payment in this status stands.
    #[must_use]
    pub const fn of_payment(status: IntentStatus) -> Self {
        match status {
            IntentStatus::Succeeded => Self::Completed,
            IntentStatus::Failed | IntentStatus::Canceled | IntentStatus::RequiresPaymentMethod => {
                Self::Failed
            }
            _ => Self::Pending,
        }
    }

    /// Where a refund in this status stands.
    #[must_use]
    pub const fn of_refund(status: RefundStatus) -> Self {
        match status {
            RefundStatus::Succeeded => Self::Completed,
            RefundStatus::Failed | RefundStatus::Canceled => Self::Failed,
            RefundStatus::Pending | RefundStatus::Processing | RefundStatus::RequiresAction => Self::Pending,
        }
    }
}

/// Which transactions a history shows.
#[derive(Debug, Clone)]
pub struct TransactionFilter {
    /// Whose.
    pub customer_id: String,
    /// Of payments that came through this door.
    pub channel: Channel,
    /// Of this kind only.
    pub kind: Option<TransactionKind>,
    /// That stand so only.
    pub standing: Option<TransactionStanding>,
    /// Begun then or later.
    pub from: Option<Timestamp>,
    /// Begun then or before.
    pub to: Option<Timestamp>,
    /// The customer's refunds whose outcome is open, or was until just now, as refunds tells of them when it is asked; what
    /// its events told of one counts more.
    pub open: Vec<OpenRefund>,
}

/// A transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transaction {
    /// A payment.
    Payment(Arc<Intent>),
    /// A refund of a payment whose outcome was told.
    Refund(Arc<Intent>, RefundOfIntent),
    /// A refund of a payment of which no event has told yet.
    OpenRefund(Arc<Intent>, OpenRefund),
}

/// A page of transactions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionPage {
    /// How many transactions pass the filter, on all pages.
    pub total: u64,
    /// Those of the page, newest first.
    pub rows: Vec<Transaction>,
}

//! The rentals document (seed `003_…`): refunds by administrators.

mod envelope;
mod refunds;

pub(super) use refunds::refund;

//! Messages on their way to somebody outside, by e-mail, text message or a signed HTTP call: tried again later and later,
//! each for itself, and ended in the open when that never helps.

mod dispatch;
mod ports;
mod refund;

#[cfg(test)]
mod tests;

pub use dispatch::{Dispatch, DispatchEnd, DispatchStatus, TRIED_FOR};
pub use ports::RefundNoticeStore;
pub use refund::{NewRefundNotice, NoticeReader, RefundNotice};

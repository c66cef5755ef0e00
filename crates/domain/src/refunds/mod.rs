//! Refunds: money given back for a charge.
//!
//! A charge with all its refunds is one aggregate, [`RefundableCharge`], because their law is over all of them: what
//! lives of the refunds never exceeds what was captured less what disputes took back. The charge here is a
//! projection: it is fed by `payment.processed`, and asked for through [`ChargeSource`] when the event is late.
//!
//! `charge.rs` is the aggregate, `captured.rs` what is told of a charge, `refund.rs` the aggregate's parts, `state.rs`
//! the statuses and steps as data, `call.rs` the names of a refund's calls, `outcome.rs` what a gateway's answer means,
//! `recorded.rs` what it does to the aggregate, `schedule.rs` when an unknown outcome is asked for again and when what was
//! not done is tried again, `told.rs` what gateways tell by themselves, `found.rs` what was taken for not done and was done
//! after all, `window.rs` for how long it can be refunded, `event.rs` what happened, `open.rs` how others ask for what is
//! open, `resolution.rs` what a person found out, `refusal.rs` why not, `ports.rs` the store and the source of charges.

mod call;
mod captured;
mod channel;
mod charge;
mod event;
mod found;
mod open;
mod outcome;
mod ports;
mod recorded;
mod refund;
mod refusal;
mod resolution;
mod schedule;
mod state;
mod told;
mod window;

pub use call::{BadRefundCall, RefundCall};
pub use captured::{BadCapture, CapturedCharge, CapturedPart};
pub use channel::RefundChannel;
pub use charge::{RefundableCharge, StartRefund};
pub use event::RefundEvent;
pub use open::{OpenRefund, OpenRefunds, OpenRefundsOf};
pub use outcome::{RefundOutcome, outcome_of_call, outcome_of_lookup};
pub use ports::{
    ChargeRef, ChargeSource, ChargeSourceError, CreatedRange, DueRefund, RefundFilter, RefundJobItem,
    RefundJobItemState, RefundJobWithItems, RefundQueue, RefundStore, RefundWrite, WaitingRefunds,
};
pub use recorded::{Recorded, Retried};
pub use refund::{
    Refund, RefundAction, RefundAttempt, RefundConflict, RefundFailure, RefundMethod, RefundOrigin,
    RefundReason, RefundRetry, RefundState,
};
pub use refusal::RefundRefusal;
pub use resolution::{RefundResolution, ResolveRefund, ResolvedRefund};
pub use schedule::{LookupSchedule, RefundPacing, RetrySchedule};
pub use state::{RefundStatus, RefundStep};
pub use told::{RefundIntake, RefundIntakeError, RefundNews, RefundTaken, RefundTold, ToldRefund};

//! Payment intents: what a customer is asked to pay, the attempts at it, what was held and what was taken.
//!
//! The aggregate is the intent with its attempts and captures. An approved attempt *is* its authorization and, once
//! captured, its charge: they share the attempt's UUID under the prefixes `auth_` and `ch_`.
//!
//! Calling a gateway is two transitions: `start_…` (committed before the call) and `record_…` (its answer). What lies
//! between is found by `next_check_at` when a crash interrupts it.

mod attempt;
mod authorize;
mod cancel;
mod capture;
mod event;
mod intent;
mod order;
mod ports;
mod refusal;
mod schedule;
mod state;
mod storefront;
#[cfg(test)]
mod tests;

pub use attempt::{Attempt, Authorization, Challenge, Instrument, MethodSummary, VoidState};
pub use authorize::StartAttempt;
pub use cancel::CancelStep;
pub use capture::{Capture, StartCapture};
pub use event::IntentEvent;
pub use intent::{Channel, Intent, NewIntent, PaymentError, Step};
pub use order::{SaveOrder, StoredOrder};
pub use ports::{IntentFilter, IntentStore, IntentWrite, RefundedPart};
pub use refusal::Refusal;
pub use schedule::{CALL_DEADLINE, next_check};
pub use state::{AttemptStatus, CaptureMode, CaptureStatus, Command, IntentStatus};
pub use storefront::{RefundOfIntent, StorefrontPayment};

//! Payment intents: what a customer is asked to pay, the attempts at it, what was held and what was taken.
//!
//! The aggregate is the intent with its attempts and captures. An approved attempt *is* its authorization and, once
//! captured, its charge: they share the attempt's UUID under the prefixes `auth_` and `ch_`.
//!
//! Calling a gateway is two transitions: `start_…` (committed before the call) and `record_…` (its answer). What lies
//! between is found by `next_check_at` when a crash interrupts it.

mod attempt;
mod authorize;
mod callback;
mod cancel;
mod capture;
mod disputed;
mod event;
mod fail_over;
mod fraud;
mod intent;
mod job;
mod open_outcome;
mod order;
mod outside;
mod ports;
mod pursue;
mod refusal;
mod resolution;
mod reversal;
mod rules;
mod sca;
mod schedule;
mod session;
mod state;
mod step_up;
mod storefront;
#[cfg(test)]
mod tests;
mod timed;
mod told;
mod transactions;
mod update;

pub use crate::jobs::{JOB_ITEMS_MAX, Job};
pub use attempt::{Attempt, Authorization, Challenge, Instrument, MethodSummary, VoidState};
pub use authorize::StartAttempt;
pub use callback::{CALLBACKS_KEPT_AT_LEAST, CallbackFilter, CallbackState, CallbackStore, GatewayCallback};
pub use cancel::CancelStep;
pub use capture::{Capture, StartCapture};
pub use disputed::DisputedSum;
pub use event::IntentEvent;
pub use fail_over::{NextTry, NoEffect};
pub use intent::{Channel, Intent, NewIntent, PaymentError, Step};
pub use job::{JobItem, JobItemState, JobWithItems};
pub use open_outcome::{FailedAttempt, OpenCounts, OpenOutcome, RecentAttempts, Standing};
pub use order::{SaveOrder, StoredOrder};
pub use ports::{IntentFilter, IntentStore, IntentWrite, RefundedPart};
pub use pursue::OpenCall;
pub use refusal::Refusal;
pub use resolution::{Resolution, Resolve, ResolveCall, ResolvedAs};
pub use rules::{TenantRules, permit_currency};
pub use sca::{LOW_VALUE_MAX, PaymentOptions, ScaDecision, ScaFacts};
pub use schedule::{CALL_DEADLINE, PURSUED_FOR, Pursuit};
pub use session::StartSession;
pub use state::{AttemptStatus, CaptureMode, CaptureOrigin, CaptureStatus, Command, IntentStatus};
pub use storefront::{DisputeOfIntent, PageLocation, RefundOfIntent, StorefrontPayment};
pub use timed::{AUTHORIZATION_LIFE, CAPTURE_DELAY_SECONDS_MAX, ExpiryStep, Timed};
pub use told::Told;
pub use transactions::{
    Transaction, TransactionFilter, TransactionKind, TransactionPage, TransactionStanding,
};
pub use update::IntentPatch;

//! The use cases: one verb, one file. Each loads, decides, commits and answers.

mod attach_method;
mod await_action;
mod bulk_create;
mod call_gateway;
mod cancel_intent;
mod capture_intent;
mod complete_challenge;
mod confirm_intent;
mod create_intent;
mod diagnose;
mod drive;
mod error;
mod keyed;
mod on_time;
mod orders;
mod pay_order;
mod read_intents;
mod refunded;
mod resolve;
mod resolve_call;
mod seen;
mod update_intent;

pub(crate) use capture_intent::CaptureWanted;
pub(crate) use confirm_intent::{ChargeWith, Confirm};
pub(crate) use create_intent::CreateIntent;
pub(crate) use diagnose::{ATTEMPTS_LOOKED_AT_MAX, Diagnosis};
pub use error::IntentsError;
pub(crate) use keyed::{Answered, Keyed, Presenter, Shown};
pub use orders::BuiltInOrders;
pub(crate) use pay_order::{PayOrder, PayOrderError};
pub(crate) use resolve_call::ResolveWanted;
pub(crate) use seen::Seen;
pub(crate) use update_intent::UpdateIntent;

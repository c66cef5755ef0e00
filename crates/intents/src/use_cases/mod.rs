//! The use cases: one verb, one file. Each loads, decides, commits and answers.

mod attach_method;
mod begin_attempt;
mod call_gateway;
mod cancel_intent;
mod capture_intent;
mod complete_challenge;
mod confirm_intent;
mod create_intent;
mod deposits;
mod drive;
mod error;
mod fraud;
mod keyed;
mod once;
mod orders;
mod pay_order;
mod payment_links;
mod read_intents;
mod refunded;
mod resolve;
mod screen;
mod seen;

pub(crate) use capture_intent::CaptureWanted;
pub(crate) use confirm_intent::{ChargeWith, Confirm};
pub(crate) use create_intent::CreateIntent;
pub use error::IntentsError;
pub(crate) use fraud::{NewRule, ScoreRequest, WantedOverride};
pub(crate) use keyed::{Answered, Keyed, Presenter, Shown};
pub use orders::BuiltInOrders;
pub(crate) use pay_order::{PayOrder, PayOrderError};
pub(crate) use payment_links::{DeliveryError, LinkPage, Shop, WantedLink};
pub(crate) use seen::Seen;

//! The use cases: one verb, one file. Each loads, decides, commits and answers.

mod attach_method;
mod call_gateway;
mod cancel_intent;
mod capture_intent;
mod complete_challenge;
mod confirm_intent;
mod create_intent;
mod drive;
mod error;
mod keyed;
mod orders;
mod pay_order;
mod pay_reservation;
mod read_intents;
mod read_storefront;
mod refunded;
mod resolve;
mod seen;

pub(crate) use capture_intent::CaptureWanted;
pub(crate) use confirm_intent::{ChargeWith, Confirm};
pub(crate) use create_intent::{CreateIntent, Storefront};
pub use error::IntentsError;
pub(crate) use keyed::{Answered, Keyed, Presenter, Shown};
pub use orders::BuiltInOrders;
pub(crate) use pay_order::{PayOrder, PayOrderError};
pub(crate) use pay_reservation::{Paid, PayReservation, PayReservationError};
pub(crate) use read_storefront::ToldPayment;
pub(crate) use refunded::ToldRefund;
pub(crate) use seen::Seen;

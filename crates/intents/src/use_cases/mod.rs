//! The use cases: one verb, one file. Each loads, decides, commits and answers.

mod attach_method;
mod authentication;
mod await_action;
mod begin_attempt;
mod bulk_create;
mod call_gateway;
mod cancel_intent;
mod capture_intent;
mod complete_challenge;
mod confirm_intent;
mod connectors;
mod create_intent;
mod deposits;
mod diagnose;
mod disputed;
mod drive;
mod error;
mod fail_over;
mod fraud;
mod keyed;
mod on_time;
mod once;
mod orders;
mod pay_by_page;
mod pay_order;
mod pay_reservation;
mod payment_links;
mod read_intents;
mod read_storefront;
mod refunded;
mod reservations;
mod resolve;
mod resolve_call;
mod routing;
mod screen;
mod seen;
mod sessions;
mod start_three_ds;
mod step_up;
mod update_intent;

pub(crate) use cancel_intent::release_order;
pub(crate) use capture_intent::CaptureWanted;
pub(crate) use confirm_intent::{ChargeWith, Confirm};
pub(crate) use connectors::{
    Account, Evaluated, NewRuleWanted, PatchWanted, Probed, RegisterWanted, RotateWanted, RulePatchWanted,
    Shown as ShownConnector, ShownRule, WouldPay,
};
pub(crate) use create_intent::{CreateIntent, Storefront};
pub(crate) use diagnose::{ATTEMPTS_LOOKED_AT_MAX, Diagnosis};
pub use error::IntentsError;
pub(crate) use fraud::{NewRule, ScoreRequest, WantedOverride};
pub(crate) use keyed::{Answered, Keyed, Presenter, Shown};
pub use orders::BuiltInOrders;
pub(crate) use pay_by_page::{Located, PayByPage, PayerPage};
pub(crate) use pay_order::{PayOrder, PayOrderError, PayWith};
pub(crate) use pay_reservation::{Paid, PayReservation, PayReservationError};
pub(crate) use payment_links::{DeliveryError, LinkPage, Shop, WantedLink};
pub(crate) use read_storefront::ToldPayment;
pub(crate) use refunded::ToldRefund;
pub(crate) use reservations::{AskDeposit, Reserved};
pub(crate) use resolve_call::ResolveWanted;
pub(crate) use routing::Charging;
pub(crate) use seen::Seen;
pub(crate) use sessions::{Returned, WantedSession};
pub(crate) use update_intent::UpdateIntent;

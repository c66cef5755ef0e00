//! Rows as they are read, and their way to the domain: what breaks a law is named by table, column and row.

mod attempt;
mod callback;
mod capture;
mod column;
mod details;
mod dispute_json;
mod intent;
mod order;
mod outside_json;
mod payment_error;
mod resolution;

pub(crate) use callback::{CallbackRow, FactJson, NOBODY};
pub(crate) use column::{Place, from_row};
pub(crate) use details::DetailsJson;
pub(crate) use intent::IntentRow;
pub(crate) use order::OrderRow;
pub(crate) use payment_error::PaymentErrorJson;
pub(crate) use resolution::ResolutionJson;

//! Fraud: rules, overrides and scores through their routes, and what they do to payments.

mod concurrency;
mod cost;
mod deciding;
mod managing;
mod rig;

pub(crate) use rig::challenged_above;

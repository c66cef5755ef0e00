//! A double of Adyen: a server that checks method, path, headers, bodies and keys of every request, keeps what becomes of
//! payments, and signs the notifications of it. What breaks a rule fails the test, at the latest when it is dropped.

mod disputes;
mod notices;
mod rules;
mod server;
mod sessions;

pub(crate) use disputes::Dispute;
pub(crate) use notices::{HMAC_KEY, body_of, notice};
pub(crate) use server::{API_KEY, Double, Fault, MERCHANT, REPORT_KEY, error};

//! A double of PayPal: a server that checks method, path, headers, bodies and ids of every request, and keeps what becomes
//! of orders. What breaks a rule fails the test, at the latest when it is dropped.

mod disputes;
mod rules;
mod server;

pub(crate) use disputes::Dispute;
pub(crate) use server::{CLIENT_ID, CLIENT_SECRET, Double, Fault, error};

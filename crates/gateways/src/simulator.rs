//! The simulator as a process of its own, over HTTP.
//!
//! Asking for what became of a call is always possible, so an unknown outcome is cleared up by lookup. The simulator
//! never does a call that a lookup has declared not found.

mod adapter;
mod call;
mod callback;
mod callback_target;
mod checks;
mod dispute;
mod method_wire;
mod replies;
mod tools;
mod wire;

pub use adapter::{HttpSimulatorGateway, HttpSimulatorOptions, InvalidSimulatorOptions};
pub use callback_target::HttpCallbackTarget;

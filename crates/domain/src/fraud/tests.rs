//! The laws of fraud.

mod fixtures;
mod forcing;
mod rules;
mod windows;

//! Calls to addresses outside, against a server of this machine that is allowed.

mod orders;
mod scorer;
mod webhooks;

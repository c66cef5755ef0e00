//! Payment links, and what the page behind them does.

mod manage;
mod paid;
mod pay;
mod send;

pub(crate) use manage::WantedLink;
pub(crate) use pay::{LinkPage, NotTried, Shop};

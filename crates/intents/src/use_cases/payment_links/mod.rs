//! Payment links, and what the page behind them does.

mod manage;
mod paid;
mod pay;

pub(crate) use manage::WantedLink;
pub(crate) use pay::{LinkPage, Shop};

//! Payment links, and what the page behind them does.

mod manage;
mod paid;
mod pay;
mod send;
mod ways;

pub(crate) use manage::WantedLink;
pub(super) use pay::LINK_METADATA;
pub(crate) use pay::{LinkPage, NotTried, Shop};
pub(crate) use ways::PageSession;

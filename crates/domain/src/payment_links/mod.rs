//! Payment links: an address that is sent to a customer, who pays on the page behind it.
//!
//! Whoever holds a link's token may pay it, so only the token's hash is kept, and the token can be made again of the
//! link's id and the platform's secret. A link for one payment points at the intent that pays it; pointing is the commit
//! that creates the intent, so that two tabs pay once.

mod link;
mod ports;
mod refusal;
mod sending;

#[cfg(test)]
mod tests;

pub use link::{Detail, Guest, LinkState, LinkStatus, LinkUsage, NewPaymentLink, PaymentLink};
pub use ports::{PaymentLinkFilter, PaymentLinkStore};
pub use refusal::LinkRefusal;
pub use sending::LinkSending;

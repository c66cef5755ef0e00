//! Worldpay: cards by its Access APIs: payments ([`call::PAYMENTS_VERSION`]), hosted payment pages, tokens, queries,
//! verifications.
//!
//! **What is sent.** One payment for each of our authorizations, with a token of Worldpay's. What Worldpay calls the
//! transaction reference is [`crate::name`]: kind, tenant and our own reference; it names the payment here, and every
//! event repeats it. Captures and refunds have our reference beside it.
//!
//! **What can be done next** Worldpay says by addresses that are nobody's to make. They are asked for anew before each
//! capture, void and refund: kept ones would be old, and other processes had none.
//!
//! **An unknown outcome** is asked for by our reference. Worldpay has no keys that make a repetition harmless and shows
//! some payments after a quarter of an hour only, so that "not found" is never said and nothing is sent twice; events
//! tell the rest.
//!
//! **Challenges** are met on Worldpay's own page alone (a session of the method `card`): in its API they are forms that a
//! browser must post, for which the port has no word. A saved card that must be authenticated is declined.
//!
//! **Not here:** several captures of one authorization, other methods than cards, evidence for disputes.

mod adapter;
mod answer;
mod call;
mod cards;
mod checks;
mod event;
mod known;
mod report;
mod request;
mod signature;
mod token;
mod wire;

pub use adapter::{WorldpayGateway, WorldpayOptions};

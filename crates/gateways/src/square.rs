//! Square: cards by its Payments, Refunds and Cards APIs, over its API version [`call::VERSION`].
//!
//! **What is sent.** One payment for each of our authorizations. Its note is [`crate::name`]: kind, tenant and our own
//! reference, which Square repeats in every event; the reason of a refund is the same of refunds.
//!
//! **An unknown outcome** is cleared up by the same request under the same key. There is no query by our reference.
//!
//! **A capture** is two steps, for Square completes a payment without an amount: the payment is made to be of the amount,
//! under the capture's key, and is completed in the version that this gave it. Who comes between is refused, and whoever
//! asks again is known by the key.
//!
//! **Challenges** are met in the shop's own form before there is a token, or on Square's own page (a session of the method
//! `card`). A saved card that must be authenticated is declined.
//!
//! **Tokens** are `square-<tenant>/<customer>/<card>`; a client's own (`cnon:…`) becomes a card of a customer whose
//! reference says which tenant's it is. Square takes no card numbers.
//!
//! **Disputes** are answered by the Disputes API: evidence is uploaded piece by piece, each under a key, and handed in at last.
//!
//! **Not here:** several captures of one authorization, other methods than cards.

mod adapter;
mod answer;
mod call;
mod cards;
mod decline;
mod dispute;
mod event;
mod evidence;
mod page;
mod replies;
mod report;
mod request;
mod token;
mod wire;

pub use adapter::{SquareGateway, SquareOptions};

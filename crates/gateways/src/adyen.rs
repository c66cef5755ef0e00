//! Adyen: card payments by its Checkout API, version [`call::VERSION`], and its standard webhooks.
//!
//! **What is sent.** One payment for each of our authorizations. Whether it is captured at once or by hand is said with
//! each payment, so that the merchant account's own setting does not matter. What Adyen calls the merchant's reference
//! is [`crate::name`]: kind, tenant and our own reference, and it is one of the few things that a notification signs.
//!
//! **Captures, voids and refunds** are only received in the answer, which is `Unknown`: the notification of its end
//! arrives later, and nothing is told as done before. A sale is taken with its authorization; Adyen tells by
//! `CAPTURE_FAILED` should that fail.
//!
//! **An unknown outcome** is cleared up by sending the same request again under the same key; Adyen has no query by our
//! reference. What completes a challenge is not sent again: its notification ends it.
//!
//! **Tokens** are `<shopper reference>/<stored payment method>`; the shopper reference begins with the tenant's name, so
//! that no tenant charges another's. What is no such token is never sent.
//!
//! **Settlement** is the settlement details report of each batch, which is fetched under a key of its own.
//!
//! **Disputes** are defended and given in to by the Disputes API, which is in the Customer Area and takes documents alone.
//!
//! **Sessions** of iDEAL, Klarna and PayPal are payments of that method, whose customer is sent to its page. Adyen promises
//! no name of its own for one that nobody has paid yet, so that a session is called by our reference.
//!
//! **Not here:** several captures of one authorization (Adyen switches them on for an account), challenges within the
//! shop's own page, saved methods other than cards.

mod adapter;
mod answer;
mod call;
mod cards;
mod checks;
mod decline;
mod defence;
mod dispute;
mod event;
mod grounds;
mod money;
mod payer;
mod refusal;
mod replies;
mod report;
mod request;
mod session;
mod settlement;
mod signature;
mod token;
mod wire;

pub use adapter::{AdyenGateway, AdyenOptions, InvalidAdyenOptions};
pub use settlement::AdyenReports;

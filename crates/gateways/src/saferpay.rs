//! Saferpay (Worldline): cards by its JSON API ([`call::VERSION`]): transactions, its payment page, aliases.
//!
//! **What is sent.** One transaction for each of our authorizations and each of our refunds. Its order id is
//! [`crate::name`], written with colons: kind, tenant and our own reference. A payment is named by its transaction id.
//!
//! **Taking and giving back are two steps.** Saferpay only authorizes, payments and refunds alike; what is authorized
//! moves money with its capture. A sale is an authorization and its capture, a refund is a refund and its capture. When
//! the second step has no end, the call has none: asked for again, it is taken up where it stands.
//!
//! **An unknown outcome** is asked for by our order id. Saferpay promises nothing of a request that comes twice, so that
//! no payment is sent twice; and it shows only what was authorized, so that "not found" is never said. A capture is sent
//! again: a transaction is captured once.
//!
//! **Challenges.** A customer who is there goes through a transaction that Saferpay may want to authenticate, on a page of
//! its; what was met is authorized by us. A customer who is away is charged directly, which never authenticates. A session
//! of the method `card` is Saferpay's own payment page.
//!
//! **Notices** of the payment page are bare calls of an address, signed by nobody: they say that Saferpay is to be asked,
//! and nothing else is taken from them.
//!
//! **Tokens** are `saferpay-<tenant>/<alias>`, and the alias begins with a mark of its tenant.
//!
//! **Settlement** is the acquirer's. What Saferpay handed in to it, captures of payments and of refunds, its Management API
//! reports, without fees and payouts.
//!
//! **Not here:** several captures of one authorization, other methods than cards; Saferpay has no disputes: they are the
//! acquirer's.

mod adapter;
mod answer;
mod call;
mod cards;
mod challenge;
mod decline;
mod ids;
mod report;
mod request;
mod token;
mod wire;

pub use adapter::{SaferpayGateway, SaferpayOptions};

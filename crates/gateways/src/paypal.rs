//! PayPal: cards by its Orders v2 and Payments v2 APIs.
//!
//! **What is sent.** One order for each of our authorizations, made and paid in one call with a card of PayPal's vault.
//! The order's id names the payment here; its authorization and its capture are read from it when they are needed. Our
//! tenant and our reference are its `custom_id`.
//!
//! **An unknown outcome** is cleared up by the same request under the same `PayPal-Request-Id`, which orders keep for six
//! hours and payments (captures, voids and refunds) for 45 days. There is no query by our reference.
//!
//! **A challenge** moves no money by itself: what the customer has met is paid by us, when the browser comes back.
//!
//! **Tokens** are `paypal-<tenant>/<payment token>`, and the payment token's customer says in PayPal's books which tenant's
//! it is. What is no such token is never sent.
//!
//! **PayPal's own wallet** is a session of the method `paypal`: an order that its owner approves on PayPal's pages, which
//! moves no money by itself either.
//!
//! **Webhooks** are signed under a certificate that is fetched once. They name captures where a payment is an order here:
//! a capture says which order it is of.
//!
//! **Disputes** are answered by the Customer Disputes API, which knows no repetitions: each is looked at first.
//!
//! **Not here:** saved wallets, several captures of one authorization.

mod adapter;
mod answer;
mod call;
mod cards;
mod certificate;
mod decline;
mod dispute;
mod event;
mod evidence;
mod money;
mod refusal;
mod replies;
mod report;
mod request;
mod session;
mod signature;
mod token;
mod wire;

pub use adapter::{InvalidPayPalOptions, PayPalGateway, PayPalOptions};

//! PayU: cards by its REST API 2.1 for Europe, its own page for them, and its notifications.
//!
//! **What is sent.** One order for each of our authorizations, with a card's token or for PayU's page. What PayU calls the
//! external order id is [`crate::name`]: kind, tenant and our own reference; notifications repeat it. The order's own id
//! names the payment here. Orders are answered with 302 and a body: redirects are not followed.
//!
//! **When money is taken** is no word of an order but a switch of the point of sale. It must be off ("automatic
//! collection"): then every paid order waits to be confirmed, a hold until it is captured, and a sale is confirmed by us as
//! soon as it is seen to wait: in its own call, when the customer comes back, or when PayU tells so.
//!
//! **An unknown outcome** of a payment only a notification ends: PayU cannot be asked by our reference, and says of a
//! repetition that there was one and not what became of it. An external id makes one order at most, so that nothing is paid
//! twice. What is done with an order afterwards is sent again: the order is looked at first, and is taken or canceled once.
//!
//! **Tokens** are `payu-<tenant>/<customer>/<card token>`: made here alone, of what PayU's form in the shop's page made. What
//! is no such token is never sent.
//!
//! **Statements** are archives of comma-separated values, which a person names; their columns are chosen in PayU's panel, and
//! found by their names.
//!
//! **Not here:** several captures of one authorization, other methods than cards, cards from outside PayU's form, disputes
//! (PayU tells them by mail).

mod adapter;
mod answer;
mod archive;
mod call;
mod cards;
mod columns;
mod decline;
mod event;
mod options;
mod payer;
mod report;
mod request;
mod signature;
mod token;
mod wire;

pub use adapter::PayUGateway;
pub use options::PayUOptions;

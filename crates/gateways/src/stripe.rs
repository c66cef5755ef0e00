//! Stripe: payment intents of cards, over its API version [`call::VERSION`].
//!
//! **What is sent.** One payment intent for each of our authorizations, made and confirmed in one call. Our tenant and
//! our reference are its metadata, which Stripe repeats in every callback; a capture adds its own reference.
//!
//! **An unknown outcome** is cleared up by sending the same request again: Stripe keeps the answer to a key for 24 hours,
//! also an error 500. Its search by metadata lags behind by a minute and more, so that what it does not find may be
//! there: it never tells "not found", and only completes challenges whose payment the client does not name.
//!
//! **Tokens** are `pm_…` as the client's form makes them, and `cus_…/pm_…` for what is saved: a payment method can be
//! charged more than once only when it belongs to one of Stripe's customers, who says in its metadata which tenant's it
//! is. What is no such token is never sent.
//!
//! **Whose** a dispute is, or a refund that a person made in the dashboard, its event does not say: the payment that it names
//! is asked for, and has our tenant in its metadata.
//!
//! **Checks of saved cards** are setup intents that are confirmed at once: they move no money, and what an issuer wants to
//! be authenticated is given up and told as declined.
//!
//! **Sessions** of iDEAL, Klarna and PayPal are payment intents of that method alone, whose customer goes to its page at
//! once. Nothing but Stripe's own word ends one: its event, the question when the customer is back, or its cancellation.
//!
//! **Not here:** several captures of one authorization (a product of Stripe's own), saved methods other than cards.

mod adapter;
mod answer;
mod call;
mod cards;
mod checks;
mod decline;
mod dispute;
mod event;
mod files;
mod money;
mod refusal;
mod replies;
mod report;
mod request;
mod sca;
mod session;
mod signature;
mod token;
mod wire;

pub use adapter::{InvalidStripeOptions, StripeGateway, StripeOptions};

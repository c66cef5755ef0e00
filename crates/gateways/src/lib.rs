//! Payment gateways over their wires: the only room that speaks to them.
//!
//! **What lives here.** One module per gateway, each an adapter of the port `PaymentGateway`; and the clients by which
//! our services ask each other over HTTP, since `reqwest` is known here only. Beside them who delivers messages to
//! people.
//!
//! **What never does.** A decision about a payment, SQL, a retry: whoever calls knows the attempt and decides. An
//! adapter says `NotDone` only of what surely was not done; a time-out, a lost connection, a 5xx or nonsense is
//! `Unknown`.
//!
//! **How to add one.** A module of the gateway's name, as `stripe`: `request.rs` and `answer.rs` (pure functions from
//! the port's words to its messages and back), `call.rs` (one call over HTTP, on `transport`), `refusal.rs` (which
//! refusals are declined, not done or unknown), `decline.rs` (its codes in our vocabulary), `money.rs` (its minor units),
//! `signature.rs` and `event.rs` (its callbacks), `adapter.rs` (the port, and how an unknown outcome is cleared up). Its
//! tests are against a server that keeps the gateway's rules strictly: addresses, headers, fields, keys. One that can be
//! asked by our reference keeps all promises of `tender-contract`'s gateways; its callbacks keep those of callbacks. Then
//! its section in `tender-settings`, and its line in `tender-composition`'s `gateways`.

mod disputes_client;
mod health;
mod intents_client;
mod notifiers;
mod numbers_client;
mod operations_client;
mod simulator;
mod standard_webhooks;
mod stripe;
mod transport;
mod vault_client;

pub use disputes_client::DisputesClient;
pub use health::{GatewayHealth, ReadyzHealth};
pub use intents_client::IntentsClient;
pub use notifiers::{BadSmtpSettings, SmsFolder, SmtpNotifier};
pub use numbers_client::NumbersClient;
pub use operations_client::OperationsClient;
pub use simulator::{
    HttpCallbackTarget, HttpSimulatorGateway, HttpSimulatorOptions, InvalidSimulatorOptions,
};
pub use stripe::{InvalidStripeOptions, StripeGateway, StripeOptions};
pub use vault_client::VaultClient;

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
//! **How to add one.** A module of the gateway's name: `adapter.rs` (the port), `call.rs` (one call and what its end
//! means), `wire.rs` (its messages). Its tests run the gateway promises of `tender-contract` against a server that
//! speaks its real format.

mod health;
mod intents_client;
mod notifiers;
mod numbers_client;
mod operations_client;
mod simulator;
mod standard_webhooks;
mod vault_client;

pub use health::{GatewayHealth, ReadyzHealth};
pub use intents_client::IntentsClient;
pub use notifiers::{BadSmtpSettings, SmsFolder, SmtpNotifier};
pub use numbers_client::NumbersClient;
pub use operations_client::OperationsClient;
pub use simulator::{
    HttpCallbackTarget, HttpSimulatorGateway, HttpSimulatorOptions, InvalidSimulatorOptions,
};
pub use vault_client::VaultClient;

//! Payment gateways over their wires: the only room that speaks to them.
//!
//! **What lives here.** One module per gateway, each an adapter of the port `PaymentGateway`; and the clients by which
//! our services ask each other over HTTP, since `reqwest` is known here only. Beside them who delivers messages to
//! people, and who holds the vault's key-encryption keys.
//!
//! **What never does.** A decision about a payment, SQL, a retry: whoever calls knows the attempt and decides. An
//! adapter says `NotDone` only of what surely was not done; a time-out, a lost connection, a 5xx or nonsense is
//! `Unknown`.
//!
//! # Adding an eighth gateway
//!
//! Nothing outside of its own module decides by a gateway's name. What use cases need to know of it, it declares in its
//! `Capabilities`; what is not there is not known.
//!
//! 1. **Its module**, of its name, as `square` (ends calls in its answers, on the shared client [`rest`]), `worldpay`, `saferpay` (know no
//!    repetition, and are asked by our reference) or `adyen` (only receives calls, and ends them by callback): `request.rs` and `answer.rs` (pure functions from the port's words to its messages and back), `call.rs`
//!    (one call over HTTP, on `rest`), `decline.rs` (its reasons in our vocabulary), `token.rs` (what is a token of its, and
//!    whose), `signature.rs` and `event.rs` (its callbacks, read from what is signed alone), `report.rs` (its settlement as
//!    rows), `adapter.rs` (the port). What adapters say alike is in `said`, our names in theirs in `name`, their minor units in
//!    `minor_units`, their HMACs in `mac`, tables of reports in `csv`, the sessions of those that open one in `bearer`. A callback that takes a call is read by
//!    `read_callback` besides. Who can be told what merchants reply to disputes has that in `replies.rs`, with forms of files from
//!    `form` and texts as a document from `letter`. A line `mod` and one `pub use` here.
//! 2. **Its tests**, in a folder of its name: the gateway's rules, kept strictly (addresses, headers, bodies, keys), on the
//!    server of `tests/shared/standin.rs`, on which it keeps every promise of `tender_contract::gateway_promises!` that it declares, those of
//!    callbacks, and of `reply_promises!` where it is told of disputes; signatures against vectors of the gateway's own library, and
//!    against that itself where a package registry has it (`tests/judges`); its sandbox in `tests/live`.
//! 3. **Its settings**: a section in `crates/settings/src/sections/gateways/` that checks itself, named in `Gateways` and in its
//!    `check`, with its lines in `config/default.toml`.
//! 4. **Its line in the registry** `ACCOUNTS` of `crates/composition/src/gateways.rs`, with the function that makes it of
//!    its settings. Both topologies, the health list, the vault's tokenisation, callbacks and recovery have it from there.
//!    That tenants can register accounts of their own there, its line in `TYPES` of `crates/composition/src/connectors/types.rs`
//!    says: the fields of its `config`, and what makes it of them.
//! 5. **Its documentation**: its line in the table's test (`services/tender/tests/documents/gateways.rs`) and its chapter
//!    in `docs/gateways.md`; and a test through the whole program beside `services/tender/tests/program/adyen.rs`.
//!
//! Settings are not in the module: the crate that reads them depends on no other, so that it can be read by all.

mod account;
mod adyen;
mod bearer;
mod connectors_client;
mod csv;
mod dispute_reason;
mod disputes_client;
mod form;
mod health;
mod intents_client;
mod letter;
mod mac;
mod minor_units;
mod name;
mod notifiers;
mod numbers_client;
mod open_refunds_client;
mod operations_client;
mod order_directory;
mod outbound;
mod paypal;
mod payu;
mod refunds_intake_client;
mod rest;
mod risk_scorer;
mod saferpay;
mod said;
mod simulator;
mod square;
mod standard_webhooks;
mod stripe;
mod transit;
mod transport;
mod vault_client;
mod webhooks;
mod worldpay;

pub use account::{NamedAccount, SimulatedAnswer};
pub use adyen::{AdyenGateway, AdyenOptions, AdyenReports, InvalidAdyenOptions};
pub use connectors_client::{ConnectorsClient, ToldConnector};
pub use disputes_client::DisputesClient;
pub use health::{GatewayHealth, ReadyzHealth};
pub use intents_client::IntentsClient;
pub use notifiers::{BadSmtpSettings, SmsFolder, SmtpNotifier};
pub use numbers_client::NumbersClient;
pub use open_refunds_client::OpenRefundsClient;
pub use operations_client::OperationsClient;
pub use order_directory::{HttpOrderDirectory, HttpOrdersOptions, InvalidOrdersOptions};
pub use outbound::OutboundAllow;
pub use paypal::{InvalidPayPalOptions, PayPalGateway, PayPalOptions};
pub use payu::{PayUGateway, PayUOptions};
pub use refunds_intake_client::RefundsIntakeClient;
pub use rest::InvalidGatewayOptions;
pub use risk_scorer::{HttpRiskScorer, HttpScorerOptions, InvalidScorerOptions};
pub use saferpay::{SaferpayGateway, SaferpayOptions};
pub use simulator::{
    HttpCallbackTarget, HttpSimulatorGateway, HttpSimulatorOptions, InvalidSimulatorOptions,
};
pub use square::{SquareGateway, SquareOptions};
pub use stripe::{InvalidStripeOptions, StripeGateway, StripeOptions};
pub use transit::{InvalidTransitOptions, TransitKeys, TransitOptions, TransitToken};
pub use vault_client::VaultClient;
pub use webhooks::{NoWebhooks, SignedWebhooks};
pub use worldpay::{WorldpayGateway, WorldpayOptions};

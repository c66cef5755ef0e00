//! Settings: everything an operator may decide, as one typed value.
//!
//! **What lives here.** The sections ([`Settings`] and what it is made of), the layers they are read from
//! (`config/default.toml`, a file, `TENDER__SECTION__KEY` variables), and the refusals: a setting that is
//! unknown, of the wrong type, out of range or dangerous in production stops the start with a
//! [`SettingsError`] that names it and where it came from.
//!
//! **What never does.** Making anything from a setting (a pool, a client, a key): composition roots in
//! `services/` do. This crate depends on no other of Tender's. Reading the environment happens here and
//! nowhere else.
//!
//! **How to add one.** A documented field in its section under `sections/` (unit last in the name), its line
//! with the default in `config/default.toml` (commented out if unset by default: then it is an `Option`), its
//! range in `validate/`. Every field has a default or is an `Option`, so that each layer can be checked alone.

mod error;
mod layers;
mod secret;
mod sections;
mod text;
mod validate;

pub use error::SettingsError;
pub use sections::{
    Adyen, Auth, Database, DatabaseTlsMode, Environment, Fraud, Gateways, Http, HttpTls, Jwt, Kafka, Limits,
    Links, LogFormat, Notifications, Orders, Outbound, PayPal, PayU, Recovery, Relay, RolePasswords,
    Saferpay, SaslMechanism, ScorerFailure, SecurityProtocol, ServiceAuth, Services, Settings, Simulator,
    SimulatorBooks, SimulatorCallbacks, Square, Storage, StorageKind, Stripe, Telemetry, Transit, Vault,
    Worldpay, Writer,
};

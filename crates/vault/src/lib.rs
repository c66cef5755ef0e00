//! The vault: saved payment methods, and the only keys to their tokens.
//!
//! **What lives here.** The hexagon of the vault service: its use cases (one verb, one file), its HTTP resources and storefront dialects, and
//! the sealing of what connectors gave for a card. The only room that receives card data: it is tokenised in memory
//! at the connectors and dropped.
//!
//! **What never does.** SQL (`vault-store`), a gateway's wire (`gateways`), the rules of a payment method (`domain`).
//! A card number or code outside a secret type; a token outside a secret type or a sealed blob; either of them in a
//! log, a trace, an event or an answer of the public routes.
//!
//! **How to add a use case.** A file of the verb's name in `use_cases/` with an `async fn` on [`VaultService`]: load,
//! decide, commit, answer. Its route in `http/`, with the scope it asks for.

mod access;
mod dialects;
mod error;
mod facts;
mod http;
mod sealing;
mod service;
mod storefront;
mod use_cases;
mod workers;

pub use access::AccessLogWriter;
pub use error::VaultError;
pub use facts::{ListenerFact, ProcessFacts};
pub use http::{mount, routes};
pub use sealing::{FingerprintKey, Keyring, KeyringError};
pub use service::{VaultDeps, VaultService};
pub use storefront::StorefrontPorts;
pub use use_cases::{
    Attachment, CardFormRefusal, ConsentGiven, CreateMethodRequest, ExpectedVersion, MandateGiven,
    MethodDeletion, MethodSource, MethodUpdate, Present, Reply, UpdateMethodRequest, VerifyMethodRequest,
};
pub use workers::{
    AccessLogRetention, CardExpiryTeller, CardNumberScanner, KeyRotationWorker, VerificationWorker,
};

//! Operations: tenants, API keys, tenants' settings, the platform's health.
//!
//! **What lives here.** The use cases (`use_cases`, one verb a file), the routes (`http`, one resource a file), what is done
//! by itself (`workers`) and what joins them (`service`). `key_directory` answers other services' questions about keys: directly in the all-in-one,
//! behind `GET /internal/keys/{hash}` between processes.
//!
//! **What never does.** SQL, Kafka, an HTTP client, the name of another service. The text of an API key beyond the one
//! answer that shows it.
//!
//! **How to add a verb.** A method of [`OperationsService`] in a file of its own under `use_cases` (load, decide,
//! commit, answer), its handler beside its resource's in `http`, its route in `service.rs`.

mod error;
mod http;
mod key_directory;
mod readiness_health;
mod service;
mod use_cases;
mod workers;

pub use error::OperationsError;
pub use readiness_health::ReadinessHealth;
pub use service::{OperationsDeps, OperationsService, mount, routes};
pub use use_cases::{ChangeSettings, Doer, IssueKey, IssuedKey, Issuer, Kept, RevokeKey};
pub use workers::SettingsTelling;

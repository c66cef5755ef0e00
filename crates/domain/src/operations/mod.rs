//! The operations aggregates: tenants, API keys, a tenant's settings; and what health is made of.
//!
//! The text of an API key is never here: an [`ApiKey`] has its keyed hash and what may be shown of it.

mod api_key;
mod event;
mod health;
mod lifetime;
mod ports;
mod refusal;
mod settings;
mod settings_values;
mod state;
mod tenant;

pub use api_key::{ApiKey, IssueApiKey, MaskedKey, PUBLISHABLE_SCOPES};
pub use event::{ApiKeyEvent, SettingsEvent};
pub use health::{Health, HealthState, SubsystemHealth};
pub use lifetime::{InvalidLifetime, KeyLifetime};
pub use ports::{ApiKeyFilter, HealthSource, OperationsStore, OperationsWrite};
pub use refusal::{ApiKeyRefusal, SettingsRefusal, TenantRefusal};
pub use settings::TenantSettings;
pub use settings_values::{DefaultCaptureMode, SettingsPatch, SettingsValues, ThreeDsPolicy};
pub use state::{ApiKeyCommand, ApiKeyStatus};
pub use tenant::Tenant;

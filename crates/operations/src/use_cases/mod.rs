//! One verb, one file.

mod audit;
mod change_settings;
mod create_tenant;
mod issue_key;
mod keyed;
mod list_keys;
mod read_health;
mod revoke_key;
mod tell_defaults;

pub use audit::Doer;
pub use change_settings::ChangeSettings;
pub use issue_key::{IssueKey, IssuedKey, Issuer};
pub use keyed::Kept;
pub use revoke_key::RevokeKey;

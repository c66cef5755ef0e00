//! Calls to addresses outside: those that clients name, and the ordering service.

use serde::Deserialize;

use crate::SettingsError;
use crate::validate::refused;

/// Calls to addresses outside, which are public and https.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Local addresses that may be called besides, each as `host:port`, also by http; refused in production.
    pub allow: Option<String>,
}

impl Outbound {
    /// That it opens nothing where real money moves.
    pub(crate) fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        match self.allow {
            Some(_) if is_production => {
                refused("outbound.allow", "opens local addresses, and is refused in production; unset it")
            }
            _ => Ok(()),
        }
    }
}

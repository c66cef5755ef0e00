//! All checks, in the order they are told.

use super::{form, production, ranges};
use crate::{Settings, SettingsError};

/// The first thing in these settings that cannot work, or is not for production.
pub(crate) fn validate(settings: &Settings) -> Result<(), SettingsError> {
    ranges::check(settings)?;
    form::check_pairs(settings)?;
    form::check_text(settings)?;
    settings.gateways.check(settings.is_production())?;
    settings.orders.check()?;
    settings.fraud.check()?;
    settings.storage.check(settings.is_production())?;
    settings.outbound.check(settings.is_production())?;
    settings.vault.transit.check(settings.is_production())?;
    if settings.is_production() {
        production::check(settings)?;
    }
    Ok(())
}

/// A refusal of the setting `key`.
pub(crate) fn refused<T>(key: &'static str, problem: impl Into<String>) -> Result<T, SettingsError> {
    Err(SettingsError::Refused { key, problem: problem.into() })
}

//! Settings without which a process cannot do its work.

use tender_settings::SettingsError;

/// The setting's value, or an error that names it and what it is for.
///
/// # Errors
/// When it is not set, or its file cannot be read.
pub fn required<T>(
    value: Result<Option<T>, SettingsError>,
    key: &'static str,
    needed_for: &str,
) -> Result<T, SettingsError> {
    value?.ok_or_else(|| SettingsError::missing(key, needed_for))
}

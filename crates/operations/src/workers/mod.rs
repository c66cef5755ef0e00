//! Work that nobody waits for.

mod settings_telling;

pub use settings_telling::SettingsTelling;

//! What is wrong with a setting, in words that let an operator mend it.

use std::path::PathBuf;

use thiserror::Error;

/// A setting that stops the start. No variant ever carries the value of a secret.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file named by `--config` cannot be read or is not TOML.
    #[error("settings file {path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used, with line and column where there is one.
        problem: String,
    },

    /// A setting is unknown, or its value is of the wrong type.
    #[error("{origin}: {problem}")]
    Invalid {
        /// Where it was set: the file, or the variable's name.
        origin: String,
        /// The setting's name, what was found and what is expected.
        problem: String,
    },

    /// A value of the right type that cannot work, or may not be used in production.
    #[error("setting {key} (variable {variable}): {problem}", variable = variable(key))]
    Refused {
        /// The setting's name, as `section.key`.
        key: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },

    /// A secret's file cannot be used.
    #[error("setting {key} (variable {variable}): the file {path} {problem}", variable = variable(key))]
    SecretFile {
        /// The setting's name, as `section.key`.
        key: &'static str,
        /// The file it names.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl SettingsError {
    /// A setting without which this process cannot do its work: for composition roots, which know what they need.
    #[must_use]
    pub fn missing(key: &'static str, needed_for: &str) -> Self {
        Self::Refused { key, problem: format!("is not set, and is needed {needed_for}") }
    }
}

/// The variable that sets `key`.
fn variable(key: &str) -> String {
    format!("TENDER__{}", key.replace('.', "__").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::SettingsError;

    #[test]
    fn a_missing_setting_is_told_with_its_name_and_its_variable() {
        let message = SettingsError::missing("vault.key", "to open stored secrets").to_string();
        assert_eq!(
            message,
            "setting vault.key (variable TENDER__VAULT__KEY): is not set, and is needed to open stored secrets"
        );
    }
}

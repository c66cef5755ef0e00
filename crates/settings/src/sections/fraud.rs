//! Who else is asked about fraud.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::validate::refused;
use crate::{SettingsError, secret};

/// An outside scorer. Unset: the tenants' rules decide alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fraud {
    /// Where it is asked: https, at a public address. Needs the token.
    pub scorer_url: Option<String>,
    /// By what it knows us. Or `scorer_token_file`.
    pub scorer_token: Option<SecretString>,
    /// File with the token.
    pub scorer_token_file: Option<PathBuf>,
    /// Longest a payment waits for it, 1 to 5000.
    pub scorer_timeout_millis: u64,
    /// What becomes of a payment that it says nothing of: it goes on by the rules alone, or it is not tried, with a 503
    /// that asks for it again.
    pub scorer_on_failure: ScorerFailure,
}

/// What becomes of a payment that the scorer says nothing of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScorerFailure {
    /// It goes on.
    Open,
    /// It is not tried.
    Closed,
}

impl Fraud {
    /// The token, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn scorer_token(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(
            self.scorer_token.as_ref(),
            "fraud.scorer_token_file",
            self.scorer_token_file.as_deref(),
        )
    }

    /// That address and token are there together, and the time in its range.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if self.scorer_token.is_some() && self.scorer_token_file.is_some() {
            return refused("fraud.scorer_token", "and fraud.scorer_token_file are both set; set only one");
        }
        let has_token = self.scorer_token.is_some() || self.scorer_token_file.is_some();
        match self.scorer_url {
            Some(_) if !has_token => {
                return refused("fraud.scorer_token_file", "is needed beside fraud.scorer_url");
            }
            None if has_token => {
                return refused("fraud.scorer_url", "is needed beside fraud.scorer_token_file");
            }
            _ => {}
        }
        if !(1..=5_000).contains(&self.scorer_timeout_millis) {
            return refused("fraud.scorer_timeout_millis", "must be from 1 to 5000");
        }
        Ok(())
    }
}

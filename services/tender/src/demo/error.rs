use std::path::PathBuf;
use std::time::Duration;

use tender_settings::SettingsError;

/// Why the demo ended before the day did.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The API key could not be read.
    #[error(
        "the API key in {path} cannot be read: {source}. `tender run --data-dir DIR` writes it to DIR/admin.key; name \
         another place with --key-file"
    )]
    NoKey {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The settings that say where the services are do not hold.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Nobody answers.
    #[error(
        "Tender does not answer at {url} ({why}). Start it with `make run` or `make up`, or name its --url"
    )]
    Unreachable {
        /// Where.
        url: String,
        /// What the connection says.
        why: String,
    },
    /// Tender refused, or answered otherwise than the story has it.
    #[error("{what}: Tender answered {status}: {detail}")]
    Refused {
        /// The call.
        what: String,
        /// The status of its answer.
        status: u16,
        /// What the answer says is wrong.
        detail: String,
    },
    /// Something is not as it should be.
    #[error("{what} should be {expected}, but is {found}")]
    Unexpected {
        /// What.
        what: String,
        /// As the story has it.
        expected: String,
        /// As it is.
        found: String,
    },
    /// Something did not come to be in time.
    #[error("{what} did not happen within {} s", limit.as_secs())]
    TooLate {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
    /// The terminal could not be written.
    #[error("the terminal cannot be written: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Ends the story unless both are equal.
pub(super) fn expect<T: PartialEq + std::fmt::Display>(
    what: &str,
    expected: T,
    found: T,
) -> Result<(), DemoError> {
    if expected == found {
        return Ok(());
    }
    Err(DemoError::Unexpected {
        what: what.to_owned(),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}

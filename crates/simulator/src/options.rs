use std::time::Duration;

use secrecy::SecretString;

/// How the simulator is set up.
#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    /// What card tokens and references are derived with. It must stay the same as long as tokens made with it are to
    /// work, so it is kept where secrets are kept.
    pub secret: SecretString,
    /// How long `tok_slow` takes, and how long the tokens that time out wait before they say nothing of use.
    pub delay: Duration,
    /// Where browsers reach this server, without a slash at the end (`https://pay.example.org`); the begin of the
    /// address of challenge pages. Empty gives addresses relative to the host.
    pub public_url: String,
    /// Whether every outcome is told by callback, and not only those that a token, a script or a tool asks for.
    pub tell_everything: bool,
}

impl SimulatorOptions {
    /// The delay when nothing else is said.
    pub const DEFAULT_DELAY: Duration = Duration::from_secs(2);

    /// The usual set-up with this secret.
    #[must_use]
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self {
            secret: secret.into(),
            delay: Self::DEFAULT_DELAY,
            public_url: String::new(),
            tell_everything: false,
        }
    }

    /// With another delay.
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// With the address browsers reach this server at.
    #[must_use]
    pub fn with_public_url(mut self, url: &str) -> Self {
        url.trim_end_matches('/').clone_into(&mut self.public_url);
        self
    }

    /// With every outcome told by callback.
    #[must_use]
    pub const fn telling_everything(mut self, tell_everything: bool) -> Self {
        self.tell_everything = tell_everything;
        self
    }
}

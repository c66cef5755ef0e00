use std::time::Duration;

use secrecy::SecretString;

/// Which point of sale of PayU, and how long it may take.
#[derive(Debug, Clone)]
pub struct PayUOptions {
    /// Where the API is (`https://secure.payu.com`).
    pub api_base: String,
    /// The point of sale, in digits; it is its client id too. Its automatic collection must be off.
    pub pos_id: String,
    /// Its client secret.
    pub client_secret: SecretString,
    /// Its second key, which signs notifications; without it none is taken.
    pub second_key: Option<SecretString>,
    /// Where PayU sends notifications; without it none comes, and a payment that does not end at once is not known.
    pub notify_url: Option<String>,
    /// Where customers come back to from PayU's pages, when a payment does not say; without either none is sent there.
    pub return_url: Option<String>,
    /// What stands in which columns of its statements, where they are not called as PayU's page of them has it in English:
    /// `amount=Kwota; date=Data`.
    pub statement_columns: Option<String>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl PayUOptions {
    /// A point of sale with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        pos_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            pos_id: pos_id.into(),
            client_secret: client_secret.into(),
            second_key: None,
            notify_url: None,
            return_url: None,
            statement_columns: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

//! The session at a gateway: an access token that the account's credentials open, kept until it ends.

use std::future::Future;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde::Deserialize;
use tender_domain::ports::GatewayError;
use tokio::sync::Mutex;

use crate::rest::nothing_sent;

/// A session is not used in its last minute: the call could arrive after its end.
const MARGIN: Duration = Duration::from_secs(60);

/// What a session is opened with (RFC 6749, 5.1).
#[derive(Deserialize)]
pub(crate) struct AccessToken {
    access_token: SecretString,
    /// In seconds.
    expires_in: u64,
}

/// A session that is opened when it is needed.
#[derive(Default)]
pub(crate) struct Session {
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: SecretString,
    until: Instant,
}

impl Session {
    /// The access token of the session, opened by `open` when there is none. One opens it, and the others wait.
    ///
    /// # Errors
    /// `NotDone`: without a session nothing else was sent.
    pub(crate) async fn token(
        &self,
        open: impl Future<Output = Result<AccessToken, GatewayError>> + Send,
    ) -> Result<SecretString, GatewayError> {
        let mut kept = self.kept.lock().await;
        if let Some(Kept { token, until }) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let AccessToken { access_token: token, expires_in } = open.await.map_err(nothing_sent)?;
        let life = Duration::from_secs(expires_in).saturating_sub(MARGIN);
        *kept = Some(Kept { token: token.clone(), until: Instant::now() + life });
        Ok(token)
    }

    /// Forgets the session: the gateway has ended it.
    pub(crate) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

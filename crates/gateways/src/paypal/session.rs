//! The session at PayPal: an access token that the account's credentials open, kept until it ends.

use std::time::{Duration, Instant};

use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::ports::GatewayError;
use tokio::sync::Mutex;

use super::refusal::{nothing_sent, object};
use super::wire::AccessToken;
use super::{call, call::Response};
use crate::transport;

/// A session is not used in its last minute: the call could arrive after its end.
const MARGIN: Duration = Duration::from_secs(60);

/// Opens sessions.
pub(super) struct Sessions {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: SecretString,
    until: Instant,
}

impl Sessions {
    pub(super) fn new(client_id: String, client_secret: SecretString) -> Self {
        Self { client_id, client_secret, kept: Mutex::new(None) }
    }

    /// The access token of the session, opened when there is none. One opens it, and the others wait.
    ///
    /// # Errors
    /// `NotDone`: without a session nothing else was sent.
    pub(super) async fn token(
        &self,
        client: &Client,
        url: Url,
        deadline: Duration,
    ) -> Result<SecretString, GatewayError> {
        let mut kept = self.kept.lock().await;
        if let Some(Kept { token, until }) = &*kept
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let opened = self.open(client, url, deadline).await.map_err(nothing_sent)?;
        let life = Duration::from_secs(opened.expires_in).saturating_sub(MARGIN);
        let token = SecretString::from(opened.access_token);
        *kept = Some(Kept { token: token.clone(), until: Instant::now() + life });
        Ok(token)
    }

    /// Forgets the session: PayPal has ended it.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn open(&self, client: &Client, url: Url, deadline: Duration) -> Result<AccessToken, GatewayError> {
        let secret = self.client_secret.expose_secret();
        let sent = client
            .post(url)
            .basic_auth(&self.client_id, Some(secret))
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .timeout(deadline)
            .send()
            .await;
        let response = sent.map_err(|error| transport::of_transport(call::WHO, &error))?;
        let status = response.status().as_u16();
        let body = transport::read(call::WHO, response).await?;
        if status == 401 {
            return Err(GatewayError::NotDone("PayPal does not take the account's credentials".to_owned()));
        }
        object(&Response { status, body })?.map_err(|refusal| refusal.error())
    }
}

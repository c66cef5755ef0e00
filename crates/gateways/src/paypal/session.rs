//! Opens sessions at PayPal.

use std::time::Duration;

use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::ports::GatewayError;

use super::refusal::object;
use super::{call, call::Response};
use crate::bearer::{AccessToken, Session};
use crate::transport;

pub(super) struct Sessions {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    kept: Session,
}

impl Sessions {
    pub(super) fn new(client_id: String, client_secret: SecretString) -> Self {
        Self { client_id, client_secret, kept: Session::default() }
    }

    /// The access token of the session, opened when there is none.
    ///
    /// # Errors
    /// `NotDone`: without a session nothing else was sent.
    pub(super) async fn token(
        &self,
        client: &Client,
        url: Url,
        deadline: Duration,
    ) -> Result<SecretString, GatewayError> {
        self.kept.token(self.open(client, url, deadline)).await
    }

    /// Forgets the session: PayPal has ended it.
    pub(super) async fn forget(&self) {
        self.kept.forget().await;
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

//! Public keys of token issuers, from where they publish them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use reqwest::{Client, redirect::Policy};
use tender_http::{JwksSource, VerificationKeys};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Anybody can name an unknown key, so the issuer is not asked more often than this.
const LEAST_PAUSE: Duration = Duration::from_secs(10);
const BYTES_MAX: usize = 256 * 1024;

/// A JWKS behind a URL. Asked when a token names a key that is not known, at most once in ten seconds, and otherwise
/// when what is known is old. While the issuer is away, what is known goes on counting.
pub(crate) struct JwksUrl {
    http: Client,
    url: String,
    refresh: Duration,
    known: Mutex<Arc<VerificationKeys>>,
    asked: AsyncMutex<Option<Instant>>,
}

impl JwksUrl {
    pub(crate) fn new(url: String, refresh: Duration) -> anyhow::Result<Self> {
        let http = Client::builder().redirect(Policy::none()).timeout(ANSWER_LIMIT).build();
        let http = http.context("the HTTP client of the JWKS cannot be made")?;
        Ok(Self { http, url, refresh, known: Mutex::default(), asked: AsyncMutex::default() })
    }

    fn known(&self) -> Arc<VerificationKeys> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> anyhow::Result<VerificationKeys> {
        let response = self.http.get(&self.url).send().await?.error_for_status()?;
        let text = response.text().await?;
        anyhow::ensure!(text.len() <= BYTES_MAX, "it has {} bytes; {BYTES_MAX} is the most", text.len());
        Ok(VerificationKeys::from_jwks(&text)?)
    }

    /// Asks the issuer, unless it was asked less than `pause` ago; who comes meanwhile waits for the same answer.
    async fn ask(&self, pause: Duration) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        *asked = Some(Instant::now());
        match self.fetch().await {
            Ok(keys) => *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys),
            Err(error) => {
                tracing::warn!(%error, url = self.url, "the issuer's public keys cannot be had; going on with the old");
            }
        }
    }

    /// Looks again now and then, so that a key that its issuer took back stops to count.
    pub(crate) async fn keep_fresh(self: Arc<Self>) {
        loop {
            self.ask(self.refresh).await;
            tokio::time::sleep(self.refresh).await;
        }
    }
}

#[async_trait]
impl JwksSource for JwksUrl {
    fn current(&self) -> Arc<VerificationKeys> {
        self.known()
    }

    async fn refreshed(&self) -> Arc<VerificationKeys> {
        self.ask(LEAST_PAUSE).await;
        self.known()
    }
}

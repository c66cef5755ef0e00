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
        let mut response = self.http.get(&self.url).send().await?.error_for_status()?;
        let mut bytes = Vec::new();
        // Bounded while it comes: who answers without an end fills no memory.
        while let Some(piece) = response.chunk().await? {
            anyhow::ensure!(bytes.len() + piece.len() <= BYTES_MAX, "it has more than {BYTES_MAX} bytes");
            bytes.extend_from_slice(&piece);
        }
        let text = String::from_utf8(bytes).context("it is no text")?;
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

#[cfg(test)]
mod tests {
    use tender_http::ServiceKey;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use wiremock::matchers::method;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const REFRESH: Duration = Duration::from_secs(300);

    /// Answers once, and never comes to the end of it; how much was taken of it is said when who asked has gone.
    async fn endless() -> (String, tokio::task::JoinHandle<usize>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let taken = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.expect("somebody asks");
            assert!(connection.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0), "a question");
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
            connection.write_all(head).await.expect("it is read");
            let mut taken = 0;
            while connection.write_all(&[b' '; 4096]).await.is_ok() {
                taken += 4096;
            }
            taken
        });
        (url, taken)
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_given_up_at_its_bound() {
        let (url, taken) = endless().await;
        let keys = JwksUrl::new(url, REFRESH).expect("a client");
        let problem = keys.fetch().await.err().expect("no keys").to_string();
        assert!(problem.contains("more than 262144 bytes"), "{problem}");
        // What lies in the buffers of both ends is not memory of ours.
        let taken = taken.await.expect("it ends when nobody reads");
        assert!(taken < 64 * BYTES_MAX, "{taken} bytes were taken");
    }

    /// An issuer whose one key has this id, for as many questions.
    async fn publish(issuer: &MockServer, id: &str, times: u64) {
        let set = ServiceKey::jwks(&[(id, &ServiceKey::from_seed([7; 32]))]).expect("a JWKS");
        let answer = ResponseTemplate::new(200).set_body_string(set);
        Mock::given(method("GET")).respond_with(answer).up_to_n_times(times).mount(issuer).await;
    }

    fn keys_of(issuer: &MockServer) -> Arc<JwksUrl> {
        Arc::new(JwksUrl::new(issuer.uri(), REFRESH).expect("a client"))
    }

    #[tokio::test]
    async fn an_unknown_key_is_asked_for_and_a_flood_of_them_asks_once() {
        let issuer = MockServer::start().await;
        publish(&issuer, "first", 1).await;
        let keys = keys_of(&issuer);
        assert!(!keys.current().has("first"), "nothing is known before it was asked");
        assert!(keys.refreshed().await.has("first"));
        for _ in 0..20 {
            assert!(keys.refreshed().await.has("first"));
        }
        assert_eq!(issuer.received_requests().await.map(|asked| asked.len()), Some(1));
    }

    #[tokio::test]
    async fn what_is_known_counts_while_the_issuer_is_away_or_talks_nonsense() {
        let issuer = MockServer::start().await;
        publish(&issuer, "first", 1).await;
        let keys = keys_of(&issuer);
        keys.ask(Duration::ZERO).await;
        for nonsense in [ResponseTemplate::new(500), ResponseTemplate::new(200).set_body_string("<html>")] {
            issuer.reset().await;
            Mock::given(method("GET")).respond_with(nonsense).mount(&issuer).await;
            keys.ask(Duration::ZERO).await;
            assert!(keys.current().has("first"));
        }
        issuer.reset().await;
        publish(&issuer, "second", 1).await;
        keys.ask(Duration::ZERO).await;
        assert!(
            keys.current().has("second") && !keys.current().has("first"),
            "a key that was taken back is gone"
        );
    }
}

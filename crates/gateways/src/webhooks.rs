//! Calls of programs of others, signed as Standard Webhooks has it for asymmetric keys: `webhook-signature:
//! v1a,<base64>` of Ed25519 over `<webhook-id>.<webhook-timestamp>.<body>`. Receivers check by the public key, so that
//! no secret is handed to anybody, and none is kept.

use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use tender_domain::ports::{NotifyError, Webhook, WebhookSender};

use crate::outbound::{Outbound, OutboundAllow, of_call};
use crate::standard_webhooks::derived_key;

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What the key is derived by, of a secret that serves other purposes too.
const LABEL: &[u8] = b"tender: key that signs webhooks, 1";
const WHO: &str = "the called program";

/// Calls programs of others, by https at public addresses.
pub struct SignedWebhooks {
    outbound: Outbound,
    key: Ed25519KeyPair,
}

/// The key could not be made, or the platform has no TLS to offer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("programs of others cannot be called: {0}")]
pub struct NoWebhooks(String);

impl SignedWebhooks {
    /// Signs with a key that is derived of the platform's secret: the same in every process, and after every restart.
    ///
    /// # Errors
    /// When no key can be made of it, or the platform has no TLS to offer.
    pub fn new(secret: &[u8], allow: OutboundAllow) -> Result<Self, NoWebhooks> {
        let seed = derived_key(secret, LABEL);
        let key = Ed25519KeyPair::from_seed_unchecked(&seed);
        let key = key.map_err(|_| NoWebhooks("no key can be made of the secret".to_owned()))?;
        Ok(Self { outbound: Outbound::new(allow).map_err(NoWebhooks)?, key })
    }

    fn signature(&self, webhook: &Webhook) -> String {
        let signed = format!("{}.{}.{}", webhook.id, webhook.at.timestamp(), webhook.body);
        format!("v1a,{}", BASE64.encode(self.key.sign(signed.as_bytes()).as_ref()))
    }
}

#[async_trait]
impl WebhookSender for SignedWebhooks {
    fn check(&self, url: &str) -> Result<(), String> {
        self.outbound.check(url).map(drop)
    }

    fn public_key(&self) -> String {
        format!("whpk_{}", BASE64.encode(self.key.public_key().as_ref()))
    }

    async fn send(&self, webhook: &Webhook) -> Result<(), NotifyError> {
        // Again: what was allowed when it was set may not be any more.
        let url = self.outbound.check(&webhook.url);
        let url = url.map_err(|why| NotifyError::Refused(format!("the address {why}")))?;
        let request = self
            .outbound
            .client()
            .post(url)
            .timeout(TIMEOUT)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "Tender-Webhooks/1")
            .header("webhook-id", webhook.id.to_string())
            .header("webhook-timestamp", webhook.at.timestamp().to_string())
            .header("webhook-signature", self.signature(webhook))
            .body(webhook.body.clone());
        // What it answers besides is of no interest, and not read.
        let answer = request.send().await.map_err(|error| of_call(WHO, &error))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(NotifyError::Refused(format!("{WHO} answered 410: it is gone"))),
            status => Err(NotifyError::Unavailable(format!("{WHO} answered {}", status.as_u16()))),
        }
    }
}

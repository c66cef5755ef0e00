use async_trait::async_trait;

use crate::kernel::{NotificationId, Timestamp};

use super::NotifyError;

/// A message to a program of somebody else, by HTTP.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// What tells it from every other: the same when it is sent again, so that who gets it twice can know.
    pub id: NotificationId,
    /// Who is called.
    pub url: String,
    /// When it is sent.
    pub at: Timestamp,
    /// What is told: JSON.
    pub body: String,
}

/// Calls programs of others by HTTP, and signs what it tells them.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// Whether this address may be called, as far as can be said before its name is resolved.
    ///
    /// # Errors
    /// Why not, for people.
    fn check(&self, url: &str) -> Result<(), String>;

    /// The key by which receivers check the signatures, as Standard Webhooks writes public keys (`whpk_…`).
    fn public_key(&self) -> String;

    /// Tells it, within a time of its own.
    ///
    /// # Errors
    /// See [`NotifyError`]: refused for good when the address may not be called or says that it is gone.
    async fn send(&self, webhook: &Webhook) -> Result<(), NotifyError>;
}

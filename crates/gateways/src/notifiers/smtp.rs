use std::time::Duration;

use async_trait::async_trait;
use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::ports::{Notice, NoticeChannel, Notifier, NotifyError};

/// How long one message may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The settings do not make a way to a mail server. Says nothing of the credentials in them.
#[derive(Debug, Clone, thiserror::Error)]
#[error("notifications.{setting} {problem}")]
pub struct BadSmtpSettings {
    /// Which.
    pub setting: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// Hands e-mail over to a mail server by SMTP (RFC 5321).
pub struct SmtpNotifier {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpNotifier {
    /// By a server: `smtps://user:password@host` (TLS from the start), `smtp://user:password@host?tls=required`
    /// (STARTTLS), or `smtp://host` (plain, for a server on the same machine).
    ///
    /// # Errors
    /// When the address or the sender is none.
    pub fn new(url: &SecretString, from: &str) -> Result<Self, BadSmtpSettings> {
        let bad = |setting, problem: &str| BadSmtpSettings { setting, problem: problem.to_owned() };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|_| bad("smtp_url", "must be smtp:// or smtps:// with a host"))?;
        let from = from
            .parse()
            .map_err(|_| bad("smtp_from", "must be an address, such as Shop <pay@example.com>"))?;
        Ok(Self { transport: builder.timeout(Some(TIMEOUT)).build(), from })
    }
}

#[async_trait]
impl Notifier for SmtpNotifier {
    fn channel(&self) -> NoticeChannel {
        NoticeChannel::Email
    }

    async fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        let refused = |error: &dyn std::fmt::Display| NotifyError::Refused(error.to_string());
        let to: Mailbox = notice.to.parse().map_err(|error| refused(&error))?;
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&notice.subject)
            // The same when it is sent again, so that a mailbox can know it.
            .message_id(Some(format!("<{}@{domain}>", notice.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(notice.text.expose_secret().to_owned())
            .map_err(|error| refused(&error))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(NotifyError::Refused(error.to_string())),
            Err(error) => Err(NotifyError::Unavailable(error.to_string())),
        }
    }
}

use async_trait::async_trait;
use secrecy::SecretString;

use crate::kernel::NotificationId;

/// By which way a message reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeChannel {
    /// E-mail.
    Email,
    /// A text message.
    Sms,
}

impl NoticeChannel {
    /// Every channel.
    pub const ALL: &'static [Self] = &[Self::Email, Self::Sms];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|channel| channel.as_str() == text).copied()
    }
}

/// A message on its way to somebody. Its text may hold the address of a payment page: it prints nowhere.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What tells it from every other: the same when it is sent again, so that who gets it twice can know.
    pub id: NotificationId,
    /// An e-mail address or a telephone number.
    pub to: String,
    /// What it is about; channels without subjects leave it out.
    pub subject: String,
    /// What it says.
    pub text: SecretString,
}

/// Why a message was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotifyError {
    /// It never will be: the address or the message is wrong.
    #[error("the message was refused: {0}")]
    Refused(String),
    /// It may be, later. It may also have been taken, and the answer was lost.
    #[error("the message could not be handed over: {0}")]
    Unavailable(String),
}

/// Hands messages over to whoever delivers them, by one channel.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// By which way.
    fn channel(&self) -> NoticeChannel;

    /// Hands a message over, within a time of its own.
    ///
    /// # Errors
    /// See [`NotifyError`].
    async fn send(&self, notice: &Notice) -> Result<(), NotifyError>;
}

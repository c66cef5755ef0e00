//! The sending of a link to its guest.

use crate::kernel::{NotificationId, PaymentLinkId, TenantId, Timestamp, Version};
use crate::ports::NoticeChannel;

use super::{LinkRefusal, PaymentLink};

/// How far the sending of a link came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendingStatus {
    /// It was asked for.
    Requested,
    /// It was handed over to whoever delivers it.
    Sent,
    /// It was refused for good.
    Failed,
}

impl SendingStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Requested, Self::Sent, Self::Failed];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// The status with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|status| status.as_str() == text).copied()
    }
}

/// One message by one channel that was asked for: sent once, also when the process ends in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSending {
    /// Its id; the message carries it.
    pub id: NotificationId,
    /// Whose.
    pub tenant: TenantId,
    /// How often it was committed.
    pub version: Version,
    /// Which link.
    pub link: PaymentLinkId,
    /// By which way.
    pub channel: NoticeChannel,
    /// To whom: an e-mail address or a telephone number.
    pub recipient: String,
    /// Where the payment page is reached (`https://pay.example.com`), as it was when it was asked for.
    pub base_url: String,
    /// How far it came.
    pub status: SendingStatus,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PaymentLink {
    /// A message to the link's guest.
    ///
    /// # Errors
    /// When the link cannot be paid now, or the guest cannot be reached by this way.
    pub fn send(
        &self,
        id: NotificationId,
        channel: NoticeChannel,
        base_url: &str,
        now: Timestamp,
    ) -> Result<LinkSending, LinkRefusal> {
        self.open(now)?;
        let recipient = match channel {
            NoticeChannel::Email => self.guest.email.clone(),
            NoticeChannel::Sms => self.guest.phone.clone(),
        };
        Ok(LinkSending {
            id,
            tenant: self.tenant.clone(),
            version: Version::FIRST,
            link: self.id,
            channel,
            recipient: recipient.ok_or(LinkRefusal::NoRecipient(channel))?,
            base_url: base_url.to_owned(),
            status: SendingStatus::Requested,
            problem: None,
            created_at: now,
            updated_at: now,
        })
    }
}

impl LinkSending {
    /// As it ended; none when it has ended already.
    #[must_use]
    pub fn record(&self, outcome: Result<(), String>, now: Timestamp) -> Option<Self> {
        if self.status != SendingStatus::Requested {
            return None;
        }
        let (status, problem) = match outcome {
            Ok(()) => (SendingStatus::Sent, None),
            Err(problem) => (SendingStatus::Failed, Some(problem)),
        };
        Some(Self { status, problem, version: self.version.next(), updated_at: now, ..self.clone() })
    }
}

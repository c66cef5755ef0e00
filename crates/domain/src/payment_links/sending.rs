//! The sending of a link to its guest.

use crate::kernel::{NotificationId, PaymentLinkId, TenantId, Timestamp, Version};
use crate::notices::{Dispatch, DispatchEnd};
use crate::ports::{NoticeChannel, NotifyError};

use super::{LinkRefusal, PaymentLink};

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
    pub dispatch: Dispatch,
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
            dispatch: Dispatch::requested(now),
            created_at: now,
            updated_at: now,
        })
    }
}

impl LinkSending {
    /// Taken for one try; none when it is not due.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Option<Self> {
        self.dispatch.taken(now).map(|dispatch| self.next(dispatch, now))
    }

    /// As its try ended; none when it has ended already.
    #[must_use]
    pub fn tried(&self, outcome: Result<(), NotifyError>, now: Timestamp) -> Option<(Self, DispatchEnd)> {
        let (dispatch, end) = self.dispatch.tried(outcome, (self.created_at, self.id.uuid()), now)?;
        Some((self.next(dispatch, now), end))
    }

    fn next(&self, dispatch: Dispatch, now: Timestamp) -> Self {
        Self { dispatch, version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

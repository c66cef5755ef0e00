//! What people are told of a refund that was done.

use crate::kernel::{IntentId, NotificationId, RefundId, TenantId, Timestamp, Version, words};
use crate::ports::{NoticeChannel, NotifyError};

use super::{Dispatch, DispatchEnd};

words! {
    /// Whom a message of a refund is for.
    NoticeReader {
        /// Who had paid.
        Payer = "payer",
        /// The hotel that had been paid.
        Hotel = "hotel",
        /// The person who asked for the refund for the hotel.
        Agent = "agent",
    }
}

/// What is to be told of a refund, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefundNotice {
    /// Its id; the message carries it.
    pub id: NotificationId,
    /// Whom it is for.
    pub reader: NoticeReader,
    /// By which way.
    pub channel: NoticeChannel,
    /// To whom: an e-mail address or a telephone number.
    pub address: String,
    /// What it is about; channels without subjects leave it out.
    pub subject: String,
    /// What it says: each try sends the same.
    pub body: String,
}

/// One message of one refund, to one address: told once, also when a process ends in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotice {
    /// Whose.
    pub tenant: TenantId,
    /// Of which payment.
    pub intent_id: IntentId,
    /// Of which refund.
    pub refund_id: RefundId,
    /// What is told, and to whom.
    pub told: NewRefundNotice,
    /// How often it was committed.
    pub version: Version,
    /// How far it came.
    pub dispatch: Dispatch,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl RefundNotice {
    /// A message of this refund of this payment: due at once.
    #[must_use]
    pub const fn of(
        tenant: TenantId,
        (intent_id, refund_id): (IntentId, RefundId),
        told: NewRefundNotice,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            intent_id,
            refund_id,
            told,
            version: Version::FIRST,
            dispatch: Dispatch::requested(now),
            created_at: now,
            updated_at: now,
        }
    }

    /// Taken for one try; none when it is not due.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Option<Self> {
        self.dispatch.taken(now).map(|dispatch| self.next(dispatch, now))
    }

    /// As its try ended; none when it has ended already.
    #[must_use]
    pub fn tried(&self, outcome: Result<(), NotifyError>, now: Timestamp) -> Option<(Self, DispatchEnd)> {
        let (dispatch, end) = self.dispatch.tried(outcome, (self.created_at, self.told.id.uuid()), now)?;
        Some((self.next(dispatch, now), end))
    }

    fn next(&self, dispatch: Dispatch, now: Timestamp) -> Self {
        Self { dispatch, version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

//! What a hotel, or a program of its, is told when a payment has ended.

use crate::intents::{Intent, IntentEvent, IntentStatus};
use crate::kernel::{IntentId, NotificationId, TenantId, Timestamp, Version, words};
use crate::notices::{Dispatch, DispatchEnd};
use crate::ports::{DeclineCode, NotifyError};

words! {
    /// How a payment of a hotel ended, in the document's words.
    PaymentEnd {
        /// Paid.
        Completed = "COMPLETED",
        /// Not paid, or what was paid was taken back.
        Failed = "FAILED",
        /// The guest went back without paying, or it was given up.
        Cancelled = "CANCELLED",
    }
}

impl PaymentEnd {
    /// How this intent ended; none while it has not.
    #[must_use]
    pub fn of(intent: &Intent) -> Option<Self> {
        let last = intent.attempts.last().and_then(|attempt| attempt.decline.as_ref());
        let went_back = last.is_some_and(|decline| decline.code == DeclineCode::CustomerCanceled);
        match intent.status {
            IntentStatus::Succeeded => Some(Self::Completed),
            IntentStatus::Canceled => Some(Self::Cancelled),
            IntentStatus::Failed if went_back => Some(Self::Cancelled),
            IntentStatus::Failed => Some(Self::Failed),
            _ => None,
        }
    }

    /// How it ended by these events of it; none when they did not end it.
    #[must_use]
    pub fn by(intent: &Intent, events: &[IntentEvent]) -> Option<Self> {
        let ends = |event: &IntentEvent| {
            matches!(
                event,
                IntentEvent::Captured { .. }
                    | IntentEvent::CaptureReversed { .. }
                    | IntentEvent::AttemptFailed { .. }
                    | IntentEvent::Canceled
            )
        };
        if events.iter().any(ends) { Self::of(intent) } else { None }
    }
}

words! {
    /// By which way somebody is told.
    NotificationWay {
        /// A signed HTTP call.
        Url = "URL",
        /// An e-mail.
        Email = "EMAIL",
    }
}

/// What is to be told, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// Its id; the message carries it.
    pub id: NotificationId,
    /// By which way.
    pub way: NotificationWay,
    /// To whom: an address of HTTP or e-mail.
    pub address: String,
    /// What an e-mail is about.
    pub subject: Option<String>,
    /// What is told, as it is sent: each try sends the same.
    pub body: String,
}

/// One message of the end of one payment, to one address: told once, also when a process ends in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelNotification {
    /// Whose.
    pub tenant: TenantId,
    /// Of which payment.
    pub intent_id: IntentId,
    /// The payment's version that it tells of.
    pub intent_version: Version,
    /// How the payment ended.
    pub end: PaymentEnd,
    /// What is told, and to whom.
    pub told: NewNotification,
    /// How often it was committed.
    pub version: Version,
    /// How far it came.
    pub dispatch: Dispatch,
    /// When the payment ended.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl HotelNotification {
    /// A message of the end of this payment.
    #[must_use]
    pub fn of(intent: &Intent, end: PaymentEnd, told: NewNotification, now: Timestamp) -> Self {
        Self {
            tenant: intent.tenant.clone(),
            intent_id: intent.id,
            intent_version: intent.version,
            end,
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

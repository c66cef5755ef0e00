//! How far one message came.

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::{Timestamp, gateway_text, spread, words};
use crate::ports::NotifyError;

words! {
    /// How far a message came.
    DispatchStatus {
        /// It was asked for, and is tried until it is taken.
        Requested = "requested",
        /// Whoever delivers it has it.
        Sent = "sent",
        /// It was refused for good, or given up.
        Failed = "failed",
    }
}

/// How long a message is tried, counted from when it was asked for.
pub const TRIED_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// How long one try may take, its commit included: then another process may try.
const TRY: Duration = Duration::from_secs(60);

const STEPS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(3600),
    Duration::from_secs(3 * 3600),
    Duration::from_secs(6 * 3600),
];

/// How far a message came, and when it is tried next. Part of the aggregate whose message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// How far.
    pub status: DispatchStatus,
    /// How often it was tried in vain.
    pub failures: u32,
    /// When it is tried next; none once it has ended.
    pub due_at: Option<Timestamp>,
    /// Why the last try was in vain.
    pub problem: Option<String>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchEnd {
    /// It was taken.
    Sent,
    /// Refused for good.
    Refused,
    /// Tried in vain for too long.
    GivenUp,
    /// Tried again later.
    Later,
}

impl DispatchEnd {
    /// The word for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
            Self::Later => "later",
        }
    }

    /// Whether it will never be delivered, so that a person has to know.
    #[must_use]
    pub const fn is_lost(self) -> bool {
        matches!(self, Self::Refused | Self::GivenUp)
    }
}

impl Dispatch {
    /// Asked for: due at once.
    #[must_use]
    pub const fn requested(now: Timestamp) -> Self {
        Self { status: DispatchStatus::Requested, failures: 0, due_at: Some(now), problem: None }
    }

    /// Takes it for one try: nobody else tries it meanwhile, and somebody will if this process ends. None when it is not
    /// due.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Option<Self> {
        let is_due = self.due_at.is_some_and(|due| due <= now) && self.status == DispatchStatus::Requested;
        is_due.then(|| Self { due_at: Some(now + TRY), ..self.clone() })
    }

    /// As its try ended: tried again after 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, then every 6 h, for [`TRIED_FOR`] since
    /// `asked_at`; each step is prolonged by up to an eighth. `seed` tells messages from each other. None when it has
    /// ended already.
    #[must_use]
    pub fn tried(
        &self,
        outcome: Result<(), NotifyError>,
        (asked_at, seed): (Timestamp, Uuid),
        now: Timestamp,
    ) -> Option<(Self, DispatchEnd)> {
        if self.status != DispatchStatus::Requested {
            return None;
        }
        let ended = |status, problem| Self { status, problem, due_at: None, failures: self.failures };
        let why = match outcome {
            Ok(()) => return Some((ended(DispatchStatus::Sent, None), DispatchEnd::Sent)),
            Err(NotifyError::Refused(why)) => {
                let failed = ended(DispatchStatus::Failed, Some(gateway_text(&why)));
                return Some((failed, DispatchEnd::Refused));
            }
            Err(NotifyError::Unavailable(why)) => Some(gateway_text(&why)),
        };
        let place = usize::try_from(self.failures).unwrap_or(usize::MAX).min(STEPS.len() - 1);
        let next = now + STEPS[place] + spread(STEPS[place], seed, self.failures);
        let failures = self.failures.saturating_add(1);
        if next > asked_at + TRIED_FOR {
            return Some((Self { failures, ..ended(DispatchStatus::Failed, why) }, DispatchEnd::GivenUp));
        }
        Some((Self { failures, due_at: Some(next), problem: why, ..self.clone() }, DispatchEnd::Later))
    }
}

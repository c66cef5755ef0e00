//! Idempotency keys: the record that lives in the same transaction as the effect (contract §2).

use std::fmt;
use std::sync::Arc;

use super::Timestamp;

/// Where a key counts: a route of one tenant. The tenant is the change's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyScope {
    /// The route, as `POST /intents/{id}/confirm`; of a dialect with its prefix.
    pub route: &'static str,
    /// The key as the client sent it, without quotes; at most 255 characters.
    pub key: Arc<str>,
}

/// SHA-256 of the canonical request: method, path and canonical JSON body. Two requests with one key and different
/// fingerprints are two requests.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestFingerprint(pub [u8; 32]);

impl fmt::Debug for RequestFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An answer as it is kept for a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON in UTF-8; a `problem+json` when `status` is 400 or more.
    pub body: Arc<str>,
}

/// What a change does to an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyWrite {
    /// The first of two commits: the key is new, the effect has begun. Lost (`KeyTaken`) when the key exists.
    Start {
        /// Which key.
        scope: KeyScope,
        /// Of which request.
        fingerprint: RequestFingerprint,
        /// What the effect is done to, so that a retry after a crash can go on from it (`pi_…`, `rf_…`).
        resource: String,
        /// When it began.
        at: Timestamp,
    },
    /// The only commit: the key is new and its answer known. Lost (`KeyTaken`) when the key exists.
    Record {
        /// Which key.
        scope: KeyScope,
        /// Of which request.
        fingerprint: RequestFingerprint,
        /// What the effect was done to.
        resource: String,
        /// The answer to keep.
        answer: Answer,
        /// When.
        at: Timestamp,
    },
    /// The second of two commits: the answer of a key that was started.
    Finish {
        /// Which key.
        scope: KeyScope,
        /// The answer to keep.
        answer: Answer,
    },
}

impl KeyWrite {
    /// The key that is written.
    #[must_use]
    pub const fn scope(&self) -> &KeyScope {
        match self {
            Self::Start { scope, .. } | Self::Record { scope, .. } | Self::Finish { scope, .. } => scope,
        }
    }

    /// Whether the key must be new.
    #[must_use]
    pub const fn claims(&self) -> bool {
        !matches!(self, Self::Finish { .. })
    }
}

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Of which request.
    pub fingerprint: RequestFingerprint,
    /// What the effect is done to.
    pub resource: String,
    /// How far it came.
    pub state: KeyState,
    /// When it began.
    pub started_at: Timestamp,
}

/// How far the effect of a key came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// Begun; the answer is not known yet. Either the first call is still in flight or it crashed.
    Started,
    /// Done, with its answer.
    Done(Answer),
}

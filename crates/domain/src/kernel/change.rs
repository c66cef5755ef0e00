//! A unit of work as a value: everything one commit writes.

use std::fmt;
use std::sync::Arc;

use super::{KeyRecord, KeyWrite, Message, TenantId};

/// An aggregate to save: what was loaded, and what it became.
///
/// The store checks that the stored version is still `before`'s and writes `after`, whose version is higher; a new
/// aggregate has no `before`. Having both lets a store write only the rows that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save<A> {
    /// The aggregate as it was loaded; none when it is new.
    pub before: Option<Arc<A>>,
    /// The aggregate as it is to be.
    pub after: Arc<A>,
}

impl<A> Save<A> {
    /// Saves a new aggregate.
    pub fn new(after: impl Into<Arc<A>>) -> Self {
        Self { before: None, after: after.into() }
    }

    /// Saves a changed aggregate.
    pub fn changed(before: impl Into<Arc<A>>, after: impl Into<Arc<A>>) -> Self {
        Self { before: Some(before.into()), after: after.into() }
    }
}

/// A condition that must hold at commit, checked in the same transaction and kept by the store.
///
/// A guard is named by `kind` and `key` within the tenant. It guards only what we do: facts from outside are stored
/// without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Nobody else holds this claim; from now on `owner` does (the one live payment of an order, the one default
    /// method of a customer). Claiming what one already holds is fine.
    Claim {
        /// What is claimed.
        kind: &'static str,
        /// Which one of it.
        key: String,
        /// Who holds it from now on.
        owner: String,
    },
    /// `owner` gives its claim up. No effect if it does not hold it.
    Release {
        /// What was claimed.
        kind: &'static str,
        /// Which one of it.
        key: String,
        /// Who held it.
        owner: String,
    },
    /// The counter grows by `by` and stays at most `limit` (both in the unit of the counter).
    Count {
        /// Which counter.
        kind: &'static str,
        /// Of whom.
        key: String,
        /// By how much; negative gives back.
        by: i64,
        /// The most it may be afterwards; not looked at when `by` is negative. With `by` 0 nothing is added: it is
        /// refused when others have added more.
        limit: i64,
    },
}

/// What a consumer has handled: written in the same change as the effect, so that a duplicate has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InboxEntry {
    /// The consumer's name (`ledger`).
    pub consumer: &'static str,
    /// The event's id; for what posts money the effect's id (`cap_…`, `rf_…`).
    pub key: String,
}

/// Who waits for a commit. Background work never stands in the way of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// A caller waits.
    #[default]
    Foreground,
    /// Consumers, recovery, bulk jobs, rotation.
    Background,
}

/// Everything one commit writes: all of it is durable, or none. Of one tenant.
///
/// `W` is the service's list of aggregates that can be saved.
#[derive(Debug, Clone)]
pub struct Change<W> {
    /// Whose.
    pub tenant: TenantId,
    /// The aggregates. One change saves an aggregate at most once.
    pub writes: Vec<W>,
    /// The events, in order, for the outbox.
    pub messages: Vec<Message>,
    /// The idempotency key's record.
    pub key: Option<KeyWrite>,
    /// What a consumer has handled with it.
    pub inbox: Option<InboxEntry>,
    /// What must hold. At most one guard of the same kind and key, but for a `Release` with a `Claim`: together they
    /// hand a claim over from the one owner to the other.
    pub guards: Vec<Guard>,
    /// Who waits.
    pub lane: Lane,
}

impl<W> Change<W> {
    /// A change of nothing yet.
    #[must_use]
    pub const fn of(tenant: TenantId) -> Self {
        Self {
            tenant,
            writes: Vec::new(),
            messages: Vec::new(),
            key: None,
            inbox: None,
            guards: Vec::new(),
            lane: Lane::Foreground,
        }
    }

    /// With an aggregate saved.
    #[must_use]
    pub fn save(mut self, write: impl Into<W>) -> Self {
        self.writes.push(write.into());
        self
    }

    /// With messages told.
    #[must_use]
    pub fn tell(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// With an idempotency key written, if there is one.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<Option<KeyWrite>>) -> Self {
        self.key = key.into();
        self
    }

    /// With the record of what was handled.
    #[must_use]
    pub fn handled(mut self, entry: InboxEntry) -> Self {
        self.inbox = Some(entry);
        self
    }

    /// With a condition.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// As background work.
    #[must_use]
    pub const fn in_background(mut self) -> Self {
        self.lane = Lane::Background;
        self
    }
}

/// The change is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Committed {
    /// Whether the answer with which the change finished its key is known to be the one that is kept: its first. Where
    /// it is not, another was kept before or the store was lost while committing, and the key says which one counts.
    /// Always so of a change that finishes no key.
    pub answer_kept: bool,
}

impl Committed {
    /// Durable with all of it, its key's answer too.
    pub const WHOLE: Self = Self { answer_kept: true };
    /// Durable; which answer its key keeps is to be read.
    pub const ANSWER_UNSURE: Self = Self { answer_kept: false };
}

/// Why a change was not written. In every case but `Unresolved` nothing of it was.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// An aggregate was changed by somebody else since it was loaded: load again and decide again.
    #[error("an aggregate changed since it was loaded")]
    Conflict,
    /// The idempotency key exists; here is its record.
    #[error("the idempotency key exists")]
    KeyTaken(Box<KeyRecord>),
    /// The consumer has handled this before: the effect is there, nothing is to be done.
    #[error("already handled")]
    AlreadyHandled,
    /// Somebody else holds the claim.
    #[error("{kind} {key} is held by {owner}")]
    ClaimTaken {
        /// What is claimed.
        kind: &'static str,
        /// Which one of it.
        key: String,
        /// Who holds it.
        owner: String,
    },
    /// The counter would pass its limit.
    #[error("{kind} of {key} would pass its limit")]
    LimitReached {
        /// Which counter.
        kind: &'static str,
        /// Of whom.
        key: String,
    },
    /// A constraint of the schema refused it: the last line of defence, so a defect in what decided.
    #[error("the constraint {constraint} refused the change")]
    Refused {
        /// The constraint's name.
        constraint: String,
    },
    /// The queue is full; try again later.
    #[error("the store is busy")]
    Overloaded,
    /// The store cannot be reached; nothing was written.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store was lost while committing, and did not come back in time to say whether it had committed.
    #[error("the store was lost while committing; whether the change was written is not known yet")]
    Unresolved,
}

/// Why a read failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or did not answer in time.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored breaks a law; names table, column and row.
    #[error("stored data is bad: {table}.{column} of {row}: {problem}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Which row.
        row: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl StoreError {
    /// Stored data that breaks a law.
    pub fn corrupt(
        table: &'static str,
        column: &'static str,
        row: impl fmt::Display,
        problem: impl fmt::Display,
    ) -> Self {
        Self::Corrupt { table, column, row: row.to_string(), problem: problem.to_string() }
    }
}

//! The history of a dispute: only ever added to, each entry linked to the one before by its hash.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::kernel::{DisputeId, TenantId, Timestamp, to_micros, words};

words! {
    /// Who did something to a dispute.
    ActorKind {
        /// The processor, by a callback or a file.
        Processor = "processor",
        /// A person or a program of the merchant's.
        Person = "person",
        /// This service by itself, as the tenant's settings ask.
        Service = "service",
    }
}

words! {
    /// What an entry is about.
    EntryKind {
        /// It was opened.
        Opened = "opened",
        /// The merchant's answer is looked at.
        UnderReview = "under_review",
        /// What the processor takes for its trouble became known after it was opened.
        FeeTold = "fee_told",
        /// Somebody wrote something down.
        Note = "note",
        /// The day until which evidence must be handed in was changed.
        EvidenceDue = "evidence_due",
        /// The merchant answered with evidence.
        EvidenceSubmitted = "evidence_submitted",
        /// The processor has the evidence, or the acceptance.
        ReplyTold = "reply_told",
        /// The processor did not take it.
        ReplyRefused = "reply_refused",
        /// The contents of evidence were removed, as they were kept long enough.
        EvidenceRemoved = "evidence_removed",
        /// Decided for the merchant.
        Won = "won",
        /// Decided for the payer.
        Lost = "lost",
        /// The merchant gave in.
        Accepted = "accepted",
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub kind: ActorKind,
    /// Their name: a connector's, or the subject of a credential.
    pub name: String,
}

impl Actor {
    /// A processor.
    #[must_use]
    pub fn processor(name: &str) -> Self {
        Self { kind: ActorKind::Processor, name: name.to_owned() }
    }

    /// This service by itself; for what.
    #[must_use]
    pub fn service(task: &str) -> Self {
        Self { kind: ActorKind::Service, name: task.to_owned() }
    }

    /// A person.
    #[must_use]
    pub fn person(name: &str) -> Self {
        Self { kind: ActorKind::Person, name: name.to_owned() }
    }
}

/// SHA-256 of an entry with the hash of the one before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryHash(pub [u8; 32]);

impl EntryHash {
    /// What stands before the first entry.
    pub const NONE: Self = Self([0; 32]);
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a history stands: how many entries it has, and the last one's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryHead {
    /// The number of the last entry; 0 before the first.
    pub number: u32,
    /// Its hash.
    pub hash: EntryHash,
}

impl HistoryHead {
    /// Of a history without entries.
    pub const EMPTY: Self = Self { number: 0, hash: EntryHash::NONE };

    /// The head after an entry.
    #[must_use]
    pub const fn after(entry: &DisputeEntry) -> Self {
        Self { number: entry.number, hash: entry.hash }
    }
}

/// One entry of a dispute's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeEntry {
    /// Whose.
    pub tenant: TenantId,
    /// Of which dispute.
    pub dispute: DisputeId,
    /// 1 for the first, without gaps.
    pub number: u32,
    /// When it was written.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What.
    pub kind: EntryKind,
    /// More of it, in words.
    pub detail: String,
    /// The hash of the entry before.
    pub previous: EntryHash,
    /// Its own hash: of all of the above.
    pub hash: EntryHash,
}

impl DisputeEntry {
    /// The entry after `head`.
    #[must_use]
    pub fn next(
        (tenant, dispute): (&TenantId, DisputeId),
        head: HistoryHead,
        by: Actor,
        (kind, detail): (EntryKind, String),
        now: Timestamp,
    ) -> Self {
        let mut entry = Self {
            tenant: tenant.clone(),
            dispute,
            number: head.number.saturating_add(1),
            at: to_micros(now),
            by,
            kind,
            detail,
            previous: head.hash,
            hash: EntryHash::NONE,
        };
        entry.hash = entry.computed();
        entry
    }

    /// What its hash must be. The text that is hashed can be made in SQL as well, so that the check can do so without
    /// this code: numbers as decimals, texts with their length in bytes before them, all with `|` between.
    #[must_use]
    pub fn computed(&self) -> EntryHash {
        let Self { tenant, dispute, number, at, by, kind, detail, previous, hash: _ } = self;
        let text = format!(
            "{previous}|{tenant}|{}|{number}|{}|{}|{}:{}|{}|{}:{detail}",
            dispute.uuid(),
            at.timestamp_micros(),
            by.kind.as_str(),
            by.name.len(),
            by.name,
            kind.as_str(),
            detail.len(),
        );
        EntryHash(Sha256::digest(text.as_bytes()).into())
    }
}

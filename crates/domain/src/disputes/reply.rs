//! What the processor of a dispute is told: the merchant's evidence, or that it gives in.
//!
//! A reply is written down first, in the change that makes it, and sent afterwards, until the processor has answered.
//! That nobody answered says nothing: it is sent again under the same reference, which has one effect.

use std::time::Duration;

use crate::kernel::{DisputeId, TenantId, Timestamp, Version, words};
use crate::refunds::LookupSchedule;

use super::{DisputeEntry, Evidence};

/// When the schedule of unknown outcomes is over, a reply is still sent so often.
const LATER_EVERY: Duration = Duration::from_secs(24 * 3600);

/// How long telling it once may take, with its files and what becomes of it: then somebody else may tell it. More than every
/// time limit on the way.
const TELLING: Duration = Duration::from_secs(120);

words! {
    /// What is replied.
    ReplyKind {
        /// Why the payment was right.
        Evidence = "evidence",
        /// That the merchant gives in.
        Acceptance = "acceptance",
    }
}

words! {
    /// What became of a reply.
    ReplyStatus {
        /// It is being told to the processor, until the processor has answered.
        Telling = "telling",
        /// The processor has it.
        Told = "told",
        /// The processor did not take it, and will not.
        Refused = "refused",
        /// The processor cannot be told from here: a person hands it in, at the processor's own portal.
        ByHand = "by_hand",
    }
}

/// By whom the processor is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyPath {
    /// By this service, through the processor's connector.
    Service,
    /// By a person; why.
    Person(String),
}

/// How telling the processor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyEnd {
    /// It has the reply.
    Told,
    /// It did not take it, or cannot be told any more; why, in words.
    Refused(String),
}

/// The last reply of a dispute, as the dispute has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastReply {
    /// Which.
    pub number: u32,
    /// What is replied.
    pub kind: ReplyKind,
    /// What became of it.
    pub status: ReplyStatus,
}

/// A reply to a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeReply {
    /// Whose.
    pub tenant: TenantId,
    /// To which dispute.
    pub dispute: DisputeId,
    /// The number of the entry of the dispute's history that it began with.
    pub number: u32,
    /// How many changes it has seen.
    pub version: Version,
    /// What is replied.
    pub kind: ReplyKind,
    /// The evidence; empty of an acceptance.
    pub evidence: Evidence,
    /// What became of it.
    pub status: ReplyStatus,
    /// Who replied.
    pub by: String,
    /// How often it was sent without an answer.
    pub tries: u32,
    /// When it is sent next; there while it is being told.
    pub next_try_at: Option<Timestamp>,
    /// Why it was refused, has to be handed in by hand, or has no answer yet.
    pub detail: Option<String>,
    /// When the contents of its evidence were removed, if they were.
    pub removed_at: Option<Timestamp>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl DisputeReply {
    /// A reply that begins with this entry of its dispute's history.
    #[must_use]
    pub fn begun(entry: &DisputeEntry, kind: ReplyKind, evidence: Evidence, path: ReplyPath) -> Self {
        let (status, next_try_at, detail) = match path {
            ReplyPath::Service => (ReplyStatus::Telling, Some(entry.at), None),
            ReplyPath::Person(why) => (ReplyStatus::ByHand, None, Some(why)),
        };
        Self {
            tenant: entry.tenant.clone(),
            dispute: entry.dispute,
            number: entry.number,
            version: Version::FIRST,
            kind,
            evidence,
            status,
            by: entry.by.name.clone(),
            tries: 0,
            next_try_at,
            detail,
            removed_at: None,
            created_at: entry.at,
            updated_at: entry.at,
        }
    }

    /// Under what the processor is told, the same each time: its idempotency key.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}/{}", self.dispute, self.kind.as_str(), self.number)
    }

    /// As its dispute has it.
    #[must_use]
    pub const fn standing(&self) -> LastReply {
        LastReply { number: self.number, kind: self.kind, status: self.status }
    }

    /// Taken by who tells it now: nobody else tells it meanwhile, for not every processor knows the same reply again by its
    /// reference; and somebody does if who has taken it ends. None when it is not due.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Option<Self> {
        let is_due = self.status == ReplyStatus::Telling && self.next_try_at.is_some_and(|at| at <= now);
        is_due.then(|| Self { next_try_at: Some(now + TELLING), ..self.changed(now) })
    }

    /// The processor has answered.
    #[must_use]
    pub fn ended(&self, end: &ReplyEnd, now: Timestamp) -> Self {
        let (status, detail) = match end {
            ReplyEnd::Told => (ReplyStatus::Told, None),
            ReplyEnd::Refused(why) => (ReplyStatus::Refused, Some(why.clone())),
        };
        Self { status, detail, next_try_at: None, ..self.changed(now) }
    }

    /// It was sent, or could not be, and there is no answer that says what became of it: it is sent again.
    #[must_use]
    pub fn unanswered(&self, why: String, now: Timestamp, schedule: &LookupSchedule) -> Self {
        let next = schedule.next_after(self.created_at, now).unwrap_or(now + LATER_EVERY);
        Self {
            tries: self.tries.saturating_add(1),
            next_try_at: Some(next),
            detail: Some(why),
            ..self.changed(now)
        }
    }

    /// The contents of its evidence were kept long enough.
    pub(super) fn without_contents(&self, now: Timestamp) -> Self {
        let evidence = self.evidence.without_contents();
        Self { evidence, removed_at: Some(now), ..self.changed(now) }
    }

    fn changed(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

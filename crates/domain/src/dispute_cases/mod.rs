//! Cases: disputes as the merchant's people work on them (contract §4, adventures).
//!
//! A guest who wants money back opens one, and every chargeback has one beside it. People of the tier that its amount
//! asks for take it up, write notes, escalate it, and decide a guest's: the refund begins in the change of the decision,
//! so that there is one refund, whoever clicks how often. How a chargeback ends its processor says; its case shows that.
//!
//! `case.rs` is the aggregate, `tier.rs` the tiers, who may work on them and their limits, `file.rs` a case with what
//! belongs to it as it is read, `event.rs` what others are told, `reminder.rs` what is to be answered soon, `refusal.rs` why not, `ports.rs` the reads.

mod case;
mod event;
mod file;
mod ports;
mod refusal;
mod reminder;
#[cfg(test)]
mod tests;
mod tier;

pub use case::{
    CaseDecision, CaseNote, CaseReason, CaseSource, CaseStatus, CaseUpdate, DecisionKind, DisputeCase,
    OpenCase, ResolveCase,
};
pub use event::CaseEvent;
pub use file::{CaseEnd, CaseFile};
pub use ports::{CaseFilter, DisputeCaseStore};
pub use refusal::CaseRefusal;
pub use reminder::{DisputeReminder, DueDispute};
pub use tier::{DisputeTiers, Tier, TierLimits};

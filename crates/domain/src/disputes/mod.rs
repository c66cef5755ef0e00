//! Disputes: a payer's bank takes a payment back, and the merchant may object.
//!
//! A dispute is a part of its charge's aggregate, [`RefundableCharge`](crate::refunds::RefundableCharge): what refunds
//! and disputes take of a charge is one law, under one version. A dispute is a fact from outside and always lands, also
//! where more is taken than is there; then the shortfall is told, and nothing is left to refund.
//!
//! `dispute.rs` is one dispute, `state.rs` the statuses and steps as data, `charge.rs` what is done to the disputes of a
//! charge, `fee.rs` the fee that is told later than the dispute, `reason.rs` the vocabulary of reasons and the networks' codes, `history.rs` what happened, each entry linked
//! to the one before by its hash, `evidence.rs` what the merchant answers with, `reply.rs` and `replying.rs` what the
//! processor is told of that and what it made of it, `retention.rs` how long that is kept, `intake.rs` a chargeback whose charge is not known yet, `event.rs` what others are
//! told, `refusal.rs` why not, `ports.rs` the reads. What each course of events comes to in money is written down in
//! `docs/disputes.md`.

mod charge;
mod dispute;
mod event;
mod evidence;
mod fee;
mod history;
mod intake;
mod ports;
mod reason;
mod refusal;
mod reply;
mod replying;
mod retention;
mod state;
#[cfg(test)]
mod tests;

pub use charge::{DisputeUpdate, Disputed, Outcome, Settled};
pub use dispute::{Dispute, Resolution, ToldChargeback, ToldDispute};
pub use event::DisputeEvent;
pub use evidence::{BadEvidence, Evidence, EvidenceFile, EvidenceKind, EvidenceText};
pub use history::{Actor, ActorKind, DisputeEntry, EntryHash, EntryKind, HistoryHead};
pub use intake::ChargebackIntake;
pub use ports::{DisputeFilter, DisputeIntake, DisputeIntakeError, DisputeStore, DisputeTaken};
pub use reason::{CardNetwork, DisputeReason, UnknownReasonCode, reason_of_code};
pub use refusal::DisputeRefusal;
pub use reply::{DisputeReply, LastReply, ReplyEnd, ReplyKind, ReplyPath, ReplyStatus};
pub use replying::Replied;
pub use retention::{DisputeRetention, ExpiredEvidence};
pub use state::{DisputeStatus, DisputeStep};

//! `tender check`: the independent auditor.
//!
//! It reads every schema as of one instant, with a role that can write nothing, and says of each promise whether it is
//! kept: the ledger balances; every capture and refund is in it, once; no charge is refunded beyond what was captured;
//! store credit is what was given less what was spent;
//! no message is stuck; every call of a gateway gets its end; the simulated gateway's books equal ours. It shares no
//! code with what writes: its SQL is its own, and knows the tables only (`sources.rs` has their names).
//!
//! What is younger than the grace time is on its way between services: it is listed and not judged. With `wait` the
//! check is repeated until everything has arrived and is in order, or the time is over; the last report counts.

mod attempts;
mod auditor;
mod books;
mod disputes;
mod ledger;
mod money;
mod outbox;
mod report;
mod run;
mod snapshot;
mod sources;
mod store_credit;

pub use auditor::{AUDITOR_ROLE, create_auditor};
pub use report::{NAMED_MAX, Report, Section, Verdict};
pub use run::{CheckOptions, NOT_CHECKED, check};

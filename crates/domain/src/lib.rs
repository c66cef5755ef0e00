//! The laws of money, and the ports.
//!
//! **What lives here.** The kernel (money, ids, time, pages, callers, changes, events, limits), the aggregates of
//! every service as pure state machines, and the ports through which use cases reach the world.
//!
//! **What never does.** I/O, a clock, a random number, a wire format, SQL, HTTP, Kafka. A function here returns the
//! same answer for the same arguments, always. This crate names no other crate of the workspace.
//!
//! **How to add an aggregate.** Make a folder of the service's name with the same five files as its neighbours: the
//! aggregate, `state.rs` (statuses and their transitions as data), `event.rs` (what happened, in the past tense),
//! `refusal.rs` (why a command was refused, as facts) and `ports.rs` (its store port). A transition takes `&self` and
//! a command and returns the new state with its events, or a refusal.

pub mod connectors;
pub mod deposits;
pub mod dispute_cases;
pub mod disputes;
pub mod fraud;
pub mod hotels;
pub mod intents;
pub mod jobs;
pub mod kernel;
pub mod ledger;
pub mod notices;
pub mod operations;
pub mod payment_links;
pub mod ports;
pub mod refund_policy;
pub mod refunds;
pub mod simulator;
pub mod uploads;
pub mod vault;

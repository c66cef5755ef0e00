//! Tender as its users meet it: the built programs, started as processes, spoken to over HTTP.
//!
//! **What lives here.** Starting and ending the two topologies ([`AllInOne`], [`Five`]), a client that speaks to
//! their one address ([`Api`]), credentials of tenants that no other test has ([`Tenant`]), and looking behind the scenes:
//! the database ([`Database`]), the messages ([`Event`]), the logs; and charges of which many want something at once
//! ([`Crowds`]), for promises and chaos alike. The promises themselves are in `tests/`, each
//! kept by both topologies; `tests/chaos` stands on this crate too.
//!
//! **What never does.** Anything that links the product: what is tested is what ships. Of the product's crates only
//! the kernel's names of topics and the Kafka client are used.
//!
//! **How to add one.** A promise: a function in `tests/e2e/`, one line in `suite.rs`.
//!
//! **What the environment says.** `TENDER_BIN_DIR`: the programs, where they are built already; else they are built
//! first. `TENDER_TEST_KAFKA_BROKERS`: that this machine can run Kafka; without it the five are not started, and with
//! `REQUIRE_KAFKA=1` that is a failure. `TENDER_TEST_KEEP=1`: folders of systems are kept.

mod all_in_one;
mod answer;
mod api;
mod collector;
mod crowd;
mod crowd_books;
mod database;
mod edge;
mod events;
mod five;
mod folder;
mod kafka_events;
mod postgres_server;
mod process;
mod programs;
mod search;
mod system;
mod tenant;
mod tokens;
mod wait;

pub use all_in_one::AllInOne;
pub use answer::Answer;
pub use api::{Api, Call};
pub use collector::Collector;
pub use crowd::{Crowds, ToldRefund, Unanswered};
pub use database::{Contents, Database};
pub use edge::{Edge, Service};
pub use events::Event;
pub use five::Five;
pub use folder::Folder;
pub use kafka_events::KafkaEvents;
pub use postgres_server::PostgresServer;
pub use process::{Process, free_port};
pub use programs::programs;
pub use search::found_below;
pub use system::{System, Topology};
pub use tenant::{Tenant, unique};
pub use tokens::Tokens;
pub use wait::{eventually, until};

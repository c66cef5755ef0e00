//! Tenants' own connectors in the process: what is known of them, their gateways, their breakers and their logs.
//!
//! Nothing here is read for a payment: connectors and rules are followed (`book.rs`), gateways are kept until their
//! connector changes (`own.rs`), breakers are the process's own (`breakers.rs`), and logs are written behind the calls
//! (`log_lane.rs`).

mod book;
mod breakers;
mod known;
mod log_lane;
mod own;

pub(crate) use book::Book;
pub(crate) use breakers::Breakers;
pub use known::ConnectorPorts;
pub(crate) use known::Connectors;
pub use log_lane::ConnectorLogs;
pub(crate) use log_lane::LogLane;

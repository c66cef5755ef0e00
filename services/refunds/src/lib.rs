//! The composition root of refunds: from the settings to the service, in a process of its own or inside the all-in-one.
//!
//! **What lives here.** [`open`] (its schema, as its role), [`build`] (the service over its ports, as a
//! [`Part`](tender_composition::Part)), and [`assemble`], which gives `build` the adapters of a process of its own.
//!
//! **What never does.** A rule, a route, SQL: they are the hexagon's and the store's. Another service.
//!
//! **How to add a port.** A field of what [`build`] takes; its adapter for the own process in `assemble.rs`, for the
//! all-in-one in `services/tender`.

mod assemble;
mod build;

pub use assemble::assemble;
pub use build::{Refunds, RefundsPorts, build, open, open_refunds};
pub use tender_refunds_store::{MIGRATIONS, SCHEMA};

//! The refunds store on a real PostgreSQL.

mod disputes;
mod service;
mod store;

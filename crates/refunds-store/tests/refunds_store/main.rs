//! The refunds store on a real PostgreSQL.

mod service;
mod store;

//! The unit of work and the outbox against a real PostgreSQL.

mod outbox;
mod partitions;
mod probe;
mod writer;
mod writer_faults;

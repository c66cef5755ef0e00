//! The unit of work and the outbox against a real PostgreSQL.

mod columns;
mod held_rows;
mod numbers;
mod outbox;
mod partitions;
mod probe;
mod rate_limits;
mod writer;
mod writer_faults;

//! The unit of work and the outbox against a real PostgreSQL.

mod columns;
mod dead_lines;
mod held_rows;
mod line;
mod numbers;
mod outbox;
mod outbox_recovery;
mod own_connection;
mod partitions;
mod probe;
mod rate_limits;
mod writer;
mod writer_faults;

//! PostgreSQL, shared by every store.
//!
//! **What lives here.** The batched commit ([`PgWriter`]), batched look-ups by key ([`BatchedLookup`]), the outbox and
//! its followers, pools, a connection beside them ([`OwnConnection`]), the migration runner, the private cluster of the all-in-one, and the tables that every schema
//! has for them (`migrations/spine`, [`SPINE`]).
//!
//! **What never does.** A service's tables or queries: those are in its own `…-store` crate, the only SQL of its schema.
//!
//! **How to add a store.** Declare its tables as [`TableSpec`]s, implement [`Schema`] (which rows a write is), open a
//! [`PgWriter`] for commits and a pool for reads, and list [`SPINE`] first among its migrations and [`SPINE_TYPES`]
//! where later files of its own begin. Every primary key and unique constraint begins with `tenant_id`.

mod deadline;
mod jobs;
mod lookup;
mod migrations;
mod numbers;
mod outbox;
mod own_connection;
mod pool;
mod private_cluster;
mod projections;
mod rate_limits;
mod spine;
mod writer;

pub use jobs::{JOB_ITEMS, JOBS, job, job_item_row, job_rows, pending_job_items};
pub use lookup::BatchedLookup;
pub use migrations::{MigrateError, Migrated, Migration, migrate, role_name};
pub use numbers::PgNumberBook;
pub use outbox::{
    Followed, FollowerOptions, Look, OutboxError, OutboxFollower, OutboxLog, Position, ReplayedLetters,
    ensure_outbox_partitions, replay_letters,
};
pub use own_connection::OwnConnection;
pub use pool::{PoolOptions, idempotency_key, open_pool, ping, read_error};
pub use private_cluster::{PostmasterExit, PrivateCluster, PrivateClusterError, PrivateClusterOptions};
pub use projections::PgApiKeyProjection;
pub use rate_limits::PgRateLimiter;
pub use spine::{CURRENCY_PLACES, DEAD_LETTERS, NUMBERS, RATE_LIMITS, SPINE, SPINE_TYPES};
/// What composition roots hand from the settings to the stores, so that they need not name the driver.
pub use sqlx::postgres::{PgConnectOptions, PgPool, PgSslMode};
pub use writer::{Cell, Column, ColumnType, PgWriter, Rows, Schema, TableSpec, WriterError, WriterOptions};

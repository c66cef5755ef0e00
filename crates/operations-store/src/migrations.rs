//! The files that make the schema.

use tender_postgres::{DEAD_LETTERS, Migration, SPINE, SPINE_TYPES};

/// The schema's name.
pub const SCHEMA: &str = "operations";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_operations",
        sql: include_str!("../../../migrations/operations/0001_create_operations.sql"),
    },
    SPINE_TYPES,
    Migration {
        name: "0050_widen_three_ds_policy",
        sql: include_str!("../../../migrations/operations/0050_widen_three_ds_policy.sql"),
    },
    DEAD_LETTERS,
];

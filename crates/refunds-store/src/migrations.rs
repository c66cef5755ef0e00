//! The files that make the schema.

use tender_postgres::{CURRENCY_PLACES, Migration, NUMBERS, RATE_LIMITS, SPINE};

/// The schema's name.
pub const SCHEMA: &str = "refunds";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_refunds",
        sql: include_str!("../../../migrations/refunds/0001_create_refunds.sql"),
    },
    RATE_LIMITS,
    CURRENCY_PLACES,
    Migration {
        name: "0032_add_adventures_refunds",
        sql: include_str!("../../../migrations/refunds/0032_add_adventures_refunds.sql"),
    },
    NUMBERS,
];

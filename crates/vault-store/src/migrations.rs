//! The files that make the schema.

use tender_postgres::{Migration, NUMBERS, RATE_LIMITS, SPINE};

/// The schema's name.
pub const SCHEMA: &str = "vault";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_payment_methods",
        sql: include_str!("../../../migrations/vault/0001_create_payment_methods.sql"),
    },
    RATE_LIMITS,
    Migration {
        name: "0031_add_adventures_payment_methods",
        sql: include_str!("../../../migrations/vault/0031_add_adventures_payment_methods.sql"),
    },
    NUMBERS,
];

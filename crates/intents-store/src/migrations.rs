//! The files that make the schema.

use tender_postgres::{Migration, SPINE};

/// The schema's name.
pub const SCHEMA: &str = "intents";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_intents",
        sql: include_str!("../../../migrations/intents/0001_create_intents.sql"),
    },
    Migration {
        name: "0010_add_gateway_callbacks",
        sql: include_str!("../../../migrations/intents/0010_add_gateway_callbacks.sql"),
    },
];

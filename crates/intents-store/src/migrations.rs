//! The files that make the schema.

use tender_postgres::{CURRENCY_PLACES, Migration, NUMBERS, RATE_LIMITS, SPINE};

/// The schema's name.
pub const SCHEMA: &str = "intents";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_intents",
        sql: include_str!("../../../migrations/intents/0001_create_intents.sql"),
    },
    RATE_LIMITS,
    CURRENCY_PLACES,
    Migration {
        name: "0032_add_storefronts",
        sql: include_str!("../../../migrations/intents/0032_add_storefronts.sql"),
    },
    NUMBERS,
    Migration {
        name: "0036_add_order_details",
        sql: include_str!("../../../migrations/intents/0036_add_order_details.sql"),
    },
];

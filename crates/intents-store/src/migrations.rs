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
    Migration { name: "0020_add_fraud", sql: include_str!("../../../migrations/intents/0020_add_fraud.sql") },
    Migration {
        name: "0021_add_payment_links",
        sql: include_str!("../../../migrations/intents/0021_add_payment_links.sql"),
    },
    Migration {
        name: "0022_add_link_sendings",
        sql: include_str!("../../../migrations/intents/0022_add_link_sendings.sql"),
    },
    Migration {
        name: "0023_add_deposit_policies",
        sql: include_str!("../../../migrations/intents/0023_add_deposit_policies.sql"),
    },
];

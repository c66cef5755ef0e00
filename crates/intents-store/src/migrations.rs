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
        name: "0002_queue_open_outcomes",
        sql: include_str!("../../../migrations/intents/0002_queue_open_outcomes.sql"),
    },
    Migration {
        name: "0003_time_intents",
        sql: include_str!("../../../migrations/intents/0003_time_intents.sql"),
    },
    Migration {
        name: "0004_create_jobs",
        sql: include_str!("../../../migrations/intents/0004_create_jobs.sql"),
    },
    Migration {
        name: "0005_project_settings",
        sql: include_str!("../../../migrations/intents/0005_project_settings.sql"),
    },
];

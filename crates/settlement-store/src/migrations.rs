//! The files that make the schema.

use tender_postgres::{DEAD_LETTERS, Migration, SPINE, SPINE_TYPES};

/// The schema's name.
pub const SCHEMA: &str = "settlement";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_ledger",
        sql: include_str!("../../../migrations/settlement/0001_create_ledger.sql"),
    },
    Migration {
        name: "0002_type_ledger_columns",
        sql: include_str!("../../../migrations/settlement/0002_type_ledger_columns.sql"),
    },
    SPINE_TYPES,
    Migration {
        name: "0050_add_dispute_kinds",
        sql: include_str!("../../../migrations/settlement/0050_add_dispute_kinds.sql"),
    },
    Migration {
        name: "0051_add_unmatched_kind",
        sql: include_str!("../../../migrations/settlement/0051_add_unmatched_kind.sql"),
    },
    Migration {
        name: "0053_add_store_credit",
        sql: include_str!("../../../migrations/settlement/0053_add_store_credit.sql"),
    },
    DEAD_LETTERS,
];

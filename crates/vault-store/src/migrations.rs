//! The files that make the schema.

use tender_postgres::{DEAD_LETTERS, Migration, NUMBERS, RATE_LIMITS, SPINE, SPINE_TYPES};

/// The schema's name.
pub const SCHEMA: &str = "vault";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_payment_methods",
        sql: include_str!("../../../migrations/vault/0001_create_payment_methods.sql"),
    },
    Migration { name: "0020_add_bin", sql: include_str!("../../../migrations/vault/0020_add_bin.sql") },
    SPINE_TYPES,
    RATE_LIMITS,
    NUMBERS,
    Migration {
        name: "0044_add_adventures_payment_methods",
        sql: include_str!("../../../migrations/vault/0044_add_adventures_payment_methods.sql"),
    },
    Migration {
        name: "0045_add_data_keys",
        sql: include_str!("../../../migrations/vault/0045_add_data_keys.sql"),
    },
    Migration {
        name: "0046_log_secret_reads",
        sql: include_str!("../../../migrations/vault/0046_log_secret_reads.sql"),
    },
    Migration {
        name: "0047_keep_card_number_scans",
        sql: include_str!("../../../migrations/vault/0047_keep_card_number_scans.sql"),
    },
    Migration {
        name: "0048_add_connector_secrets",
        sql: include_str!("../../../migrations/vault/0048_add_connector_secrets.sql"),
    },
    Migration {
        name: "0049_add_method_types",
        sql: include_str!("../../../migrations/vault/0049_add_method_types.sql"),
    },
    Migration {
        name: "0050_add_verifications",
        sql: include_str!("../../../migrations/vault/0050_add_verifications.sql"),
    },
    Migration {
        name: "0051_forget_secret_reads",
        sql: include_str!("../../../migrations/vault/0051_forget_secret_reads.sql"),
    },
    DEAD_LETTERS,
    Migration {
        name: "0101_part_data_keys",
        sql: include_str!("../../../migrations/vault/0101_part_data_keys.sql"),
    },
    Migration {
        name: "0102_require_consent",
        sql: include_str!("../../../migrations/vault/0102_require_consent.sql"),
    },
    Migration {
        name: "0103_attach_to_merchants",
        sql: include_str!("../../../migrations/vault/0103_attach_to_merchants.sql"),
    },
];

//! The files that make the schema.

use tender_postgres::{CURRENCY_PLACES, DEAD_LETTERS, Migration, NUMBERS, RATE_LIMITS, SPINE, SPINE_TYPES};

/// The schema's name.
pub const SCHEMA: &str = "refunds";

/// The files, in order.
pub const MIGRATIONS: &[Migration] = &[
    SPINE,
    Migration {
        name: "0001_create_refunds",
        sql: include_str!("../../../migrations/refunds/0001_create_refunds.sql"),
    },
    Migration {
        name: "0002_type_charge_columns",
        sql: include_str!("../../../migrations/refunds/0002_type_charge_columns.sql"),
    },
    SPINE_TYPES,
    RATE_LIMITS,
    CURRENCY_PLACES,
    NUMBERS,
    Migration {
        name: "0044_add_adventures_refunds",
        sql: include_str!("../../../migrations/refunds/0044_add_adventures_refunds.sql"),
    },
    Migration {
        name: "0050_create_disputes",
        sql: include_str!("../../../migrations/refunds/0050_create_disputes.sql"),
    },
    Migration {
        name: "0055_adopt_outside_refunds",
        sql: include_str!("../../../migrations/refunds/0055_adopt_outside_refunds.sql"),
    },
    Migration {
        name: "0075_reverse_captures",
        sql: include_str!("../../../migrations/refunds/0075_reverse_captures.sql"),
    },
    Migration {
        name: "0080_create_refund_policies",
        sql: include_str!("../../../migrations/refunds/0080_create_refund_policies.sql"),
    },
    Migration {
        name: "0085_create_dispute_cases",
        sql: include_str!("../../../migrations/refunds/0085_create_dispute_cases.sql"),
    },
    Migration {
        name: "0086_index_waiting_chargebacks",
        sql: include_str!("../../../migrations/refunds/0086_index_waiting_chargebacks.sql"),
    },
    Migration {
        name: "0087_create_dispute_reminders",
        sql: include_str!("../../../migrations/refunds/0087_create_dispute_reminders.sql"),
    },
    Migration {
        name: "0090_give_store_credit",
        sql: include_str!("../../../migrations/refunds/0090_give_store_credit.sql"),
    },
    Migration {
        name: "0091_create_jobs",
        sql: include_str!("../../../migrations/refunds/0091_create_jobs.sql"),
    },
    Migration {
        name: "0092_add_refund_window",
        sql: include_str!("../../../migrations/refunds/0092_add_refund_window.sql"),
    },
    Migration {
        name: "0093_reply_to_disputes",
        sql: include_str!("../../../migrations/refunds/0093_reply_to_disputes.sql"),
    },
    Migration {
        name: "0094_upload_evidence",
        sql: include_str!("../../../migrations/refunds/0094_upload_evidence.sql"),
    },
    Migration {
        name: "0095_tell_fees_later",
        sql: include_str!("../../../migrations/refunds/0095_tell_fees_later.sql"),
    },
    Migration {
        name: "0096_retry_refunds",
        sql: include_str!("../../../migrations/refunds/0096_retry_refunds.sql"),
    },
    Migration {
        name: "0097_find_refunds_done_after_all",
        sql: include_str!("../../../migrations/refunds/0097_find_refunds_done_after_all.sql"),
    },
    DEAD_LETTERS,
    Migration {
        name: "0101_queue_called_off_refunds",
        sql: include_str!("../../../migrations/refunds/0101_queue_called_off_refunds.sql"),
    },
];

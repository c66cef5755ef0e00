//! The files that make the schema.

use tender_postgres::{CURRENCY_PLACES, DEAD_LETTERS, Migration, NUMBERS, RATE_LIMITS, SPINE, SPINE_TYPES};

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
    Migration {
        name: "0010_add_gateway_callbacks",
        sql: include_str!("../../../migrations/intents/0010_add_gateway_callbacks.sql"),
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
    Migration {
        name: "0028_add_three_ds",
        sql: include_str!("../../../migrations/intents/0028_add_three_ds.sql"),
    },
    Migration {
        name: "0029_type_payment_columns",
        sql: include_str!("../../../migrations/intents/0029_type_payment_columns.sql"),
    },
    SPINE_TYPES,
    RATE_LIMITS,
    CURRENCY_PLACES,
    NUMBERS,
    Migration {
        name: "0044_add_storefronts",
        sql: include_str!("../../../migrations/intents/0044_add_storefronts.sql"),
    },
    Migration {
        name: "0045_add_order_details",
        sql: include_str!("../../../migrations/intents/0045_add_order_details.sql"),
    },
    Migration {
        name: "0046_complete_links_with_payments",
        sql: include_str!("../../../migrations/intents/0046_complete_links_with_payments.sql"),
    },
    Migration {
        name: "0050_add_strong_authentication",
        sql: include_str!("../../../migrations/intents/0050_add_strong_authentication.sql"),
    },
    Migration {
        name: "0051_bundle_laws",
        sql: include_str!("../../../migrations/intents/0051_bundle_laws.sql"),
    },
    Migration {
        name: "0052_add_hotel_payments",
        sql: include_str!("../../../migrations/intents/0052_add_hotel_payments.sql"),
    },
    Migration {
        name: "0053_add_hotel_reservations",
        sql: include_str!("../../../migrations/intents/0053_add_hotel_reservations.sql"),
    },
    Migration {
        name: "0060_move_callbacks",
        sql: include_str!("../../../migrations/intents/0060_move_callbacks.sql"),
    },
    Migration {
        name: "0061_add_disputed",
        sql: include_str!("../../../migrations/intents/0061_add_disputed.sql"),
    },
    Migration {
        name: "0062_retry_link_sendings",
        sql: include_str!("../../../migrations/intents/0062_retry_link_sendings.sql"),
    },
    Migration {
        name: "0063_add_hotel_settings",
        sql: include_str!("../../../migrations/intents/0063_add_hotel_settings.sql"),
    },
    Migration {
        name: "0065_adopt_outside_captures",
        sql: include_str!("../../../migrations/intents/0065_adopt_outside_captures.sql"),
    },
    Migration {
        name: "0066_handle_callbacks_again",
        sql: include_str!("../../../migrations/intents/0066_handle_callbacks_again.sql"),
    },
    Migration {
        name: "0070_show_disputes",
        sql: include_str!("../../../migrations/intents/0070_show_disputes.sql"),
    },
    Migration {
        name: "0072_name_what_items_became",
        sql: include_str!("../../../migrations/intents/0072_name_what_items_became.sql"),
    },
    Migration {
        name: "0075_add_connectors",
        sql: include_str!("../../../migrations/intents/0075_add_connectors.sql"),
    },
    Migration {
        name: "0076_name_what_is_ordered",
        sql: include_str!("../../../migrations/intents/0076_name_what_is_ordered.sql"),
    },
    Migration {
        name: "0080_index_rentals_history",
        sql: include_str!("../../../migrations/intents/0080_index_rentals_history.sql"),
    },
    Migration {
        name: "0081_index_metadata",
        sql: include_str!("../../../migrations/intents/0081_index_metadata.sql"),
    },
    Migration {
        name: "0090_edit_decline_tables",
        sql: include_str!("../../../migrations/intents/0090_edit_decline_tables.sql"),
    },
    Migration {
        name: "0091_version_decline_tables",
        sql: include_str!("../../../migrations/intents/0091_version_decline_tables.sql"),
    },
    DEAD_LETTERS,
    Migration {
        name: "0101_tell_of_refunds",
        sql: include_str!("../../../migrations/intents/0101_tell_of_refunds.sql"),
    },
];

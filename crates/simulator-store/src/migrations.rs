use tender_postgres::Migration;

/// The schema, and the service's part of its role's name.
pub const SCHEMA: &str = "simulator";

/// The files of `migrations/simulator`, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_create_books",
        sql: include_str!("../../../migrations/simulator/0001_create_books.sql"),
    },
    Migration {
        name: "0002_add_callbacks",
        sql: include_str!("../../../migrations/simulator/0002_add_callbacks.sql"),
    },
    Migration {
        name: "0050_add_operation_details",
        sql: include_str!("../../../migrations/simulator/0050_add_operation_details.sql"),
    },
];

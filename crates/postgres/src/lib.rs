//! tender-postgres

mod migrations;

pub use migrations::{MigrateError, Migrated, Migration, migrate, role_name};

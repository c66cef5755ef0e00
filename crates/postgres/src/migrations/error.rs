//! What can stop a migration.

use thiserror::Error;

/// Why a schema was not brought up to date. Files that ran before the failing one stay applied; the failing
/// one left no trace, so running again after the cause is removed is always safe.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// A file's name is not `NNNN_verb_noun` in lower case, or the table of files is not in ascending order.
    #[error(
        "migration `{name}`: {problem}. Names are NNNN_verb_noun in lower case (0007_add_refunds), each number \
         higher than the one before"
    )]
    BadName {
        /// The offending name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// A file that already ran here was edited since. Nothing was run.
    #[error(
        "migration `{name}` already ran in schema `{schema}` with another content. A landed migration is never \
         edited: restore the file as it was and put the correction into a new one"
    )]
    Changed {
        /// Schema that holds the record.
        schema: String,
        /// The edited file.
        name: String,
    },

    /// A file that never ran here sorts before one that did. Nothing was run.
    #[error(
        "migration `{name}` has not run in schema `{schema}`, but the later `{later}` has. Give it a number \
         after `{later}`"
    )]
    OutOfOrder {
        /// Schema that holds the record.
        schema: String,
        /// The file that would run too late.
        name: String,
        /// The newest file that already ran.
        later: String,
    },

    /// The service role exists with rights a service must never have. Nothing was changed.
    #[error(
        "role `{role}` exists and is more powerful than a service may be ({attributes}). Take these away \
         (ALTER ROLE \"{role}\" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS) or use another role"
    )]
    RoleTooPowerful {
        /// The role.
        role: String,
        /// Its attributes that a service must not have, comma-separated.
        attributes: String,
    },

    /// A file failed and was rolled back.
    #[error("migration `{name}` failed in schema `{schema}` and was rolled back: {source}")]
    Failed {
        /// Schema it ran in.
        schema: String,
        /// The file.
        name: String,
        /// What PostgreSQL said.
        source: sqlx::Error,
    },

    /// PostgreSQL refused or could not be reached while roles, schema or records were handled.
    #[error("schema `{schema}` could not be prepared ({step}): {source}")]
    Database {
        /// Schema being migrated.
        schema: String,
        /// What was being done.
        step: &'static str,
        /// What PostgreSQL said.
        source: sqlx::Error,
    },
}

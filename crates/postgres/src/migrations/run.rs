//! Running the files of one schema, each once, in order.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};

use super::{MigrateError, role};

/// How long a migration waits for a lock on a table before it gives up (and can be run again). Everything that
/// uses the table queues behind a waiting `ALTER`, so this bounds how long a deployment can stall payments.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// One file of `migrations/<service>/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// The file's name without `.sql`: `NNNN_verb_noun`.
    pub name: &'static str,
    /// The file's content, `${role}` and `${schema}` still in it.
    pub sql: &'static str,
}

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the files that ran just now, in order; empty when the schema was up to date.
    pub applied: Vec<&'static str>,
    /// How many files had run before.
    pub already_applied: usize,
}

/// Creates `schema` and `role` if they are missing and runs the files that have not run yet, each in a
/// transaction of its own, all under a lock of this database and schema, so that any number of processes may
/// start at once.
///
/// `admin` must be allowed to create roles and schemas. `role` gets `LOGIN`, `USAGE` of the schema, a
/// `search_path` of only that schema in this database, and the grants the files give it. `password` `None`
/// leaves the role's password as it is (none, for the private cluster, whose socket decides who comes in).
///
/// # Errors
/// [`MigrateError`]; see there for what each leaves behind. Nothing a file did is ever half-done.
pub async fn migrate(
    admin: &PgPool,
    schema: &str,
    role: &str,
    password: Option<&SecretString>,
    migrations: &[Migration],
) -> Result<Migrated, MigrateError> {
    check_names(migrations)?;
    let failed = |step| move |source| MigrateError::Database { schema: schema.to_owned(), step, source };
    // Not from the pool's idle set: a session lock must never outlive this call on a connection somebody else
    // gets. Detached, it ends with the connection.
    let mut connection = admin.acquire().await.map_err(failed("connect"))?.detach();
    sqlx::query("SELECT pg_advisory_lock(hashtextextended('tender.migrate.' || $1, 0))")
        .bind(schema)
        .execute(&mut connection)
        .await
        .map_err(failed("take the migration lock"))?;
    sqlx::raw_sql("SET statement_timeout = 0")
        .execute(&mut connection)
        .await
        .map_err(failed("set limits"))?;

    role::prepare(&mut connection, schema, role, password).await?;
    let pending = pending(&mut connection, schema, migrations).await?;
    let already_applied = migrations.len() - pending.len();
    for (done, migration) in pending.iter().enumerate() {
        let started = Instant::now();
        apply(&mut connection, schema, role, migration).await.map_err(|source| MigrateError::Failed {
            schema: schema.to_owned(),
            name: migration.name.to_owned(),
            source,
        })?;
        tracing::info!(
            schema,
            migration = migration.name,
            done = done + 1,
            total = pending.len(),
            elapsed_millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "migration applied"
        );
    }
    connection.close().await.map_err(failed("close"))?;
    Ok(Migrated { applied: pending.iter().map(|migration| migration.name).collect(), already_applied })
}

/// Refuses a table of files whose order the names do not show: the order is what the record is checked by.
fn check_names(migrations: &[Migration]) -> Result<(), MigrateError> {
    let bad = |name: &str, problem| MigrateError::BadName { name: name.to_owned(), problem };
    let mut previous = "";
    for Migration { name, .. } in migrations {
        let (number, words) = name.split_once('_').ok_or_else(|| bad(name, "there is no number"))?;
        if number.len() != 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad(name, "it does not begin with four digits"));
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if words.is_empty() || !words.bytes().all(plain) {
            return Err(bad(name, "the words are missing or not plain lower case"));
        }
        if !previous.is_empty() && number <= &previous[..4] {
            return Err(bad(name, "its number is not higher than the one before"));
        }
        previous = name;
    }
    Ok(())
}

/// The files that have not run, after checking that those which did are unchanged and come first.
async fn pending<'a>(
    connection: &mut PgConnection,
    schema: &str,
    migrations: &'a [Migration],
) -> Result<Vec<&'a Migration>, MigrateError> {
    let names: Vec<&str> = migrations.iter().map(|migration| migration.name).collect();
    let contents: Vec<&str> = migrations.iter().map(|migration| migration.sql).collect();
    let records = format!("{}._migrations", role::quoted(schema));
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT r.name, f.content IS NOT NULL AS known, \
                coalesce(r.sha256 = sha256(convert_to(f.content, 'UTF8')), true) AS unchanged \
         FROM {records} r LEFT JOIN unnest($1::text[], $2::text[]) AS f(name, content) ON f.name = r.name \
         ORDER BY r.name COLLATE \"C\""
    )))
    .bind(names)
    .bind(contents)
    .fetch_all(connection)
    .await
    .map_err(|source| MigrateError::Database {
        schema: schema.to_owned(),
        step: "read the records",
        source,
    })?;

    let applied: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
    if let Some(row) = rows.iter().find(|row| !row.get::<bool, _>("unchanged")) {
        return Err(MigrateError::Changed { schema: schema.to_owned(), name: row.get("name") });
    }
    // A newer version of the service has been here: its files only expand, so this one still fits.
    let newer = rows.iter().filter(|row| !row.get::<bool, _>("known")).count();
    if newer > 0 {
        tracing::warn!(schema, newer, "the schema is ahead of this version of the service");
    }
    let pending: Vec<&Migration> =
        migrations.iter().filter(|migration| !applied.iter().any(|name| name == migration.name)).collect();
    if let (Some(first), Some(later)) = (pending.first(), applied.last())
        && first.name < later.as_str()
    {
        return Err(MigrateError::OutOfOrder {
            schema: schema.to_owned(),
            name: first.name.to_owned(),
            later: later.clone(),
        });
    }
    Ok(pending)
}

/// One file and its record, in one transaction.
async fn apply(
    connection: &mut PgConnection,
    schema: &str,
    role: &str,
    migration: &Migration,
) -> Result<(), sqlx::Error> {
    let (schema, role) = (role::quoted(schema), role::quoted(role));
    let sql = migration.sql.replace("${role}", &role).replace("${schema}", &schema);
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(AssertSqlSafe(format!(
        "SET LOCAL search_path = {schema}; SET LOCAL lock_timeout = {}",
        LOCK_TIMEOUT.as_millis()
    )))
    .execute(&mut *transaction)
    .await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await?;
    sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO {schema}._migrations (name, sha256) VALUES ($1, sha256(convert_to($2, 'UTF8')))"
    )))
    .bind(migration.name)
    .bind(migration.sql)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::{Migration, check_names};

    fn named(names: &[&'static str]) -> Vec<Migration> {
        names.iter().map(|name| Migration { name, sql: "" }).collect()
    }

    #[test]
    fn ascending_plain_names_are_accepted() {
        assert!(check_names(&named(&["0001_create_intents", "0002_add_index2", "0010_x"])).is_ok());
    }

    #[test]
    fn a_name_that_hides_its_order_is_refused_by_name() {
        for names in [
            &["create_intents"][..],
            &["1_create"],
            &["0001_"],
            &["0001_Create"],
            &["0001_create intents"],
            &["0002_b", "0001_a"],
            &["0001_a", "0001_b"],
        ] {
            let message = check_names(&named(names)).expect_err("must be refused").to_string();
            assert!(message.contains(names[names.len() - 1]), "{message}");
        }
    }
}

//! Looking into the database behind the system, as its administrator, by PostgreSQL's own programs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Tables that move without anybody's doing: the writers' and followers' own positions, and when a key was last
/// confirmed.
const RESTLESS: &str = "'writers', 'outbox_positions', 'api_key_projection'";

/// Every table's rows and a sum over their contents, so that an update is seen as well as an insert. Of what a
/// worker tries again and again (messages, chargebacks whose charge is not found) what it writes of its tries is left out;
/// what they are, and how many, is not.
const CONTENTS: &str = "
SELECT table_schema || '.' || table_name AS name,
       (xpath('//d/text()', query_to_xml(format(
           'SELECT count(*) || '':'' || coalesce(sum(hashtextextended((%s)::text, 0)::numeric), 0) AS d FROM %I.%I t',
           CASE WHEN table_name IN ('hotel_notifications', 'refund_notices', 'link_sendings', 'chargeback_intakes')
                THEN 'to_jsonb(t) - ''{version,status,failures,due_at,problem,tries,next_try_at,note,updated_at}''::text[]'
                ELSE 't' END,
           table_schema, table_name), false, true, '')))[1]::text AS digest
FROM information_schema.tables
WHERE table_type = 'BASE TABLE'
  AND table_schema IN ('intents', 'vault', 'refunds', 'settlement', 'operations', 'simulator')";

/// How each table stands: `rows:sum`.
pub type Contents = BTreeMap<String, String>;

/// How to reach it.
#[derive(Debug, Clone)]
pub struct Database(String);

impl Database {
    /// The one of this connection string, in either of libpq's forms.
    #[must_use]
    pub fn new(connection: impl Into<String>) -> Self {
        Self(connection.into())
    }

    /// The connection string.
    #[must_use]
    pub fn connection(&self) -> &str {
        &self.0
    }

    /// The rows of a query.
    ///
    /// # Panics
    /// When it cannot be asked.
    #[must_use]
    pub fn query(&self, sql: &str) -> Vec<Value> {
        let sql = format!("SELECT coalesce(json_agg(t), '[]') FROM ({sql}) t");
        let rows = self.run("psql", &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", &sql]);
        serde_json::from_str(&rows).unwrap_or_else(|error| panic!("psql gave no JSON ({error}): {rows}"))
    }

    /// Does what no client can: a statement, straight to the tables.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn change(&self, sql: &str) {
        let _ = self.run("psql", &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]);
    }

    /// The one number that a query gives.
    ///
    /// # Panics
    /// When it gives none.
    #[must_use]
    pub fn number(&self, sql: &str) -> i64 {
        let rows = self.query(&format!("SELECT ({sql})::bigint AS number"));
        rows[0]["number"].as_i64().unwrap_or_else(|| panic!("no number: {sql}"))
    }

    /// How all tables stand that only a client's doing changes.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let rows = self.query(&format!("{CONTENTS} AND table_name NOT IN ({RESTLESS})"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rows.iter().map(|row| (text(&row["name"]), text(&row["digest"]))).collect()
    }

    /// Everything that is in it, as text.
    #[must_use]
    pub fn dump(&self) -> String {
        self.run("pg_dump", &["--no-owner"])
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(path_of(program));
        command.arg("-d").arg(&self.0).args(arguments).env("PGOPTIONS", "-c client_min_messages=warning");
        let output = command.output().unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?} failed: {why}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// A program of the newest PostgreSQL installed here: the client must not be older than the server.
fn path_of(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok()).max();
    let path = newest.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin/{program}")));
    path.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(program))
}

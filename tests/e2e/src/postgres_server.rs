//! A PostgreSQL that is nobody's child, as an operator runs it.

use std::process::Stdio;

use crate::database::Database;
use crate::folder::Folder;
use crate::process::free_port;
use crate::programs::{repository, script};

/// A server at a port of its own, by the repository's own script. Ended and deleted with this value.
#[derive(Debug)]
pub struct PostgresServer {
    environment: Vec<(String, String)>,
    port: u16,
    _folder: Folder,
}

impl PostgresServer {
    /// Starts one.
    ///
    /// # Errors
    /// It did not get ready.
    pub async fn start() -> anyhow::Result<Self> {
        let (folder, port) = (Folder::new()?, free_port());
        let local = folder.path().join("local").display().to_string();
        let environment =
            vec![("TENDER_LOCAL_DIR".to_owned(), local), ("PG_PORT".to_owned(), port.to_string())];
        let server = Self { environment, port, _folder: folder };
        let _ = script("pg.sh", &["start"], &server.environment).await?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its database, as its administrator.
    ///
    /// # Errors
    /// It does not run.
    pub async fn database(&self) -> anyhow::Result<Database> {
        let output = script("pg.sh", &["url"], &self.environment).await?;
        Ok(Database::new(String::from_utf8_lossy(&output.stdout).trim()))
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let mut wipe = std::process::Command::new(repository().join("deploy/local/pg.sh"));
        wipe.arg("wipe").envs(self.environment.iter().map(|(name, value)| (name, value)));
        match wipe.stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {}
            other => eprintln!("a PostgreSQL that was started for a test could not be ended: {other:?}"),
        }
    }
}

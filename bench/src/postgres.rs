//! Tender's private PostgreSQL, asked with PostgreSQL's own programs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tokio::process::Command;

/// The cluster in a data folder, while it runs.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    bin: PathBuf,
    socket: String,
    postmaster: u32,
}

const DATABASE: &str = "tender";
const SUPERUSER: &str = "postgres";

impl Cluster {
    /// Finds the socket and the programs of the cluster below Tender's data folder.
    pub(crate) fn of(folder: &Path) -> anyhow::Result<Self> {
        let data = folder.join("postgres").join("data");
        let pid_file = data.join("postmaster.pid");
        let text =
            fs::read_to_string(&pid_file).with_context(|| format!("no server: {}", pid_file.display()))?;
        let postmaster = text.lines().next().unwrap_or_default().trim().parse().context("no process id")?;
        let socket = text.lines().nth(4).context("the server's file has no socket")?.to_owned();
        let major = fs::read_to_string(data.join("PG_VERSION"))?.trim().to_owned();
        let bin = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
        Ok(Self { bin: if bin.is_dir() { bin } else { PathBuf::new() }, socket, postmaster })
    }

    /// The process id of the server, whose children are its processes.
    pub(crate) fn postmaster(&self) -> u32 {
        self.postmaster
    }

    /// One of PostgreSQL's programs, told how to connect as the superuser.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.env("PGHOST", &self.socket).env("PGPORT", "5432").env("PGUSER", SUPERUSER);
        command.env("PGDATABASE", DATABASE).kill_on_drop(true);
        command
    }

    /// The one value that a query gives.
    pub(crate) async fn ask(&self, query: &str) -> anyhow::Result<String> {
        let output =
            self.program("psql").args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", query]).output().await?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs a file of statements.
    pub(crate) async fn load(&self, file: &Path) -> anyhow::Result<()> {
        let output =
            self.program("psql").args(["-Xq", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file).output().await?;
        if !output.status.success() {
            bail!("{}: {}", file.display(), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Settings of the server that the result rests on.
    pub(crate) async fn settings(&self) -> anyhow::Result<Vec<(String, String)>> {
        let names = [
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "shared_buffers",
            "max_connections",
            "max_wal_size",
            "jit",
        ];
        let mut settings = Vec::with_capacity(names.len());
        for name in names {
            settings.push((name.to_owned(), self.ask(&format!("SHOW {name}")).await?));
        }
        Ok(settings)
    }
}

/// Sets settings from the next start on, each `NAME=VALUE`, in the file that Tender leaves to operators.
pub(crate) fn set(folder: &Path, settings: &[String]) -> anyhow::Result<()> {
    let path = folder.join("postgres").join("postgresql.local.conf");
    let mut text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    for setting in settings {
        text.push_str(setting);
        text.push('\n');
    }
    fs::write(&path, text)?;
    Ok(())
}

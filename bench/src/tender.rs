//! The Tender that is measured: a process of its own with a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::arguments::Arguments;

/// A running Tender. When it is dropped it is killed; [`Tender::stop`] ends it in order.
pub(crate) struct Tender {
    child: Child,
    pid: u32,
    /// `host:port`.
    pub(crate) address: String,
    /// From its start until it said that it is ready.
    pub(crate) start: Duration,
}

const READY_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(40);

impl Tender {
    /// Starts it on a folder, with the simulated gateway's books in memory unless it is asked otherwise: they stand for
    /// a gateway, whose writes are not Tender's. Everything else is as by default.
    pub(crate) async fn start(arguments: &Arguments, folder: &Path) -> anyhow::Result<Self> {
        let program = &*arguments.tender;
        let books = if arguments.books_in_postgres { "postgres" } else { "memory" };
        let log = folder.with_extension("log");
        let log_file = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["run", "--port", "0", "--data-dir"])
            .arg(folder)
            .env("TENDER__SIMULATOR__BOOKS", books)
            .env("TENDER__HTTP__METRICS_PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}; build it with: make build", program.display()))?;
        let pid = child.id().context("it ended at once")?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(rest) = line.strip_prefix("ready ") {
                    return anyhow::Ok(rest.to_owned());
                }
            }
            bail!("{} ended before it was ready; see {}", program.display(), log.display())
        };
        let ready = tokio::time::timeout(READY_LIMIT, ready).await;
        let ready =
            ready.with_context(|| format!("not ready after {READY_LIMIT:?}; see {}", log.display()))??;
        let start = begun.elapsed();
        // What it prints later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let url = ready.split(' ').next().unwrap_or_default();
        let address = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/').to_owned();
        Ok(Self { child, pid, address, start })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The most memory it had resident at once so far, in MiB; PostgreSQL's processes are others.
    pub(crate) fn peak_memory_mebibytes(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kibibytes / 1024)
    }

    /// Ends it as an operator would, and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let told = Command::new("kill").args(["-TERM", &self.pid.to_string()]).status().await?;
        if !told.success() {
            bail!("process {} could not be told to end", self.pid);
        }
        let ended = tokio::time::timeout(STOP_LIMIT, self.child.wait()).await;
        ended.context("Tender did not end in time")??;
        Ok(())
    }
}

/// The API key that Tender wrote into its folder.
pub(crate) fn admin_key(folder: &Path) -> anyhow::Result<String> {
    let path: PathBuf = folder.join("admin.key");
    let key = std::fs::read_to_string(&path).with_context(|| format!("no key in {}", path.display()))?;
    Ok(key.trim().to_owned())
}

//! `tender run`: all services in one process, on a PostgreSQL of its own.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Command;

use crate::database::Database;
use crate::folder::Folder;
use crate::process::{Process, free_port, signal};
use crate::programs::programs;

/// Generous: an unoptimised build on a busy machine, with `initdb` before it.
const READY_LIMIT: Duration = Duration::from_secs(120);
/// Longer than `tender check --wait` waits.
const CHECK_LIMIT: Duration = Duration::from_secs(180);

/// An all-in-one with its data folder. Ended, and the folder deleted, with this value.
#[derive(Debug)]
pub struct AllInOne {
    port: u16,
    settings: Vec<(String, String)>,
    process: Option<Process>,
    folder: Folder,
}

impl AllInOne {
    /// Starts one in a new folder.
    ///
    /// # Errors
    /// It did not get ready; the error has the end of its log.
    pub async fn start(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings = settings.iter().map(own).collect();
        let mut started = Self { port: free_port(), settings, process: None, folder: Folder::new()? };
        started.start_again().await?;
        Ok(started)
    }

    /// Starts it again on the same folder and port.
    ///
    /// # Errors
    /// It did not get ready.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let mut process = Process::start("tender run", self.command(), &self.log())?;
        let ready = process.wait_for_line("ready", READY_LIMIT).await?;
        if !ready.contains(&format!("127.0.0.1:{}", self.port)) {
            bail!("it says `{ready}`, and was to listen at port {}", self.port);
        }
        self.process = Some(process);
        Ok(())
    }

    /// Starts it again with more in its environment, and waits until it has died of it; says how it ended.
    ///
    /// # Errors
    /// It lives on after `limit`; the error has the end of its log.
    pub async fn start_to_die(
        &mut self,
        environment: &[(&str, &str)],
        limit: Duration,
    ) -> anyhow::Result<ExitStatus> {
        let mut command = self.command();
        command.envs(environment.iter().copied());
        Process::start("tender run", command, &self.log())?.ended(limit).await
    }

    fn command(&self) -> Command {
        let mut command = Command::new(programs().join("tender"));
        command.arg("run").arg("--data-dir").arg(self.data()).arg("--port").arg(self.port.to_string());
        command.env("TENDER__HTTP__METRICS_PORT", "0").env_remove("TENDER__DATABASE__URL");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder with its data folder and its log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file with all that it has said.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("tender.log")
    }

    /// A file of its data folder, as text.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn file(&self, name: &str) -> anyhow::Result<String> {
        let path = self.data().join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Its database, at the private server's socket.
    ///
    /// # Errors
    /// The private server does not run.
    pub fn database(&self) -> anyhow::Result<Database> {
        let (_, socket) = self.postmaster()?;
        Ok(Database::new(format!("host={socket} port=5432 user=postgres dbname=tender")))
    }

    /// The process and socket folder of the private server.
    ///
    /// # Errors
    /// It does not run.
    pub fn postmaster(&self) -> anyhow::Result<(u32, String)> {
        let file = self.file("postgres/data/postmaster.pid")?;
        let lines: Vec<&str> = file.lines().map(str::trim).collect();
        let (Some(process), Some(socket)) = (lines.first(), lines.get(4)) else {
            bail!("postmaster.pid is not whole: {file}");
        };
        Ok((process.parse()?, (*socket).to_owned()))
    }

    /// SIGKILL to Tender; its PostgreSQL is left behind.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("it does not run")?.kill().await
    }

    /// SIGKILL to the private PostgreSQL.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill_postgres(&self) -> anyhow::Result<()> {
        signal("KILL", self.postmaster()?.0).await
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Errors
    /// It did not end in time, or not well.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let status = self.process.take().context("it does not run")?.terminate().await?;
        if !status.success() {
            bail!("it ended with {status}:\n{}", self.tail());
        }
        Ok(())
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::runs)
    }

    /// What `tender check --wait` says.
    ///
    /// # Errors
    /// It found a fault, or could not look; the error has its report.
    pub async fn check(&self) -> anyhow::Result<String> {
        check(&["--data-dir", &self.data().display().to_string()], &self.settings).await
    }

    /// Keeps the folder for a person to look at.
    pub fn keep(&mut self) {
        self.folder.keep();
    }

    /// The end of its log.
    #[must_use]
    pub fn tail(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for AllInOne {
    fn drop(&mut self) {
        // Tender is killed with its process; the PostgreSQL that it would leave behind is ours too.
        self.process = None;
        if let Ok((process, _)) = self.postmaster() {
            let _ = std::process::Command::new("kill").arg("-QUIT").arg(process.to_string()).status();
            // The folder is deleted next: not under a server that still writes.
            for _ in 0..200 {
                if !Path::new(&format!("/proc/{process}")).exists() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(25));
            }
        }
    }
}

/// Runs the auditor.
pub(crate) async fn check(arguments: &[&str], settings: &[(String, String)]) -> anyhow::Result<String> {
    let mut command = Command::new(programs().join("tender"));
    command.arg("check").args(arguments).arg("--wait").kill_on_drop(true);
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let output = tokio::time::timeout(CHECK_LIMIT, command.output()).await;
    let output = output.context("tender check did not end")??;
    let report =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("tender check ended with {}:\n{report}", output.status);
    }
    Ok(report)
}

//! A process of the system under test.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{Child, Command};

use crate::wait::until;

const END_LIMIT: Duration = Duration::from_secs(60);

/// A process with its output in a file. Killed with this value: nothing outlives its test.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    /// Where in the log this process begins; what is before was said by those before it.
    begin: u64,
}

impl Process {
    /// Starts it; what it says is appended to `log`.
    ///
    /// # Errors
    /// The program cannot be started or the log not written.
    pub fn start(name: &str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(log);
        let file: File = file.with_context(|| format!("cannot write {}", log.display()))?;
        let begin = file.metadata()?.len();
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("cannot start {name}: {command:?}"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned(), begin })
    }

    /// Its process id; none when it has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it has said.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let begin = usize::try_from(self.begin).unwrap_or(0).min(bytes.len());
        String::from_utf8_lossy(&bytes[begin..]).into_owned()
    }

    /// Waits until it has said a line that begins with `beginning`, and gives the line.
    ///
    /// # Errors
    /// It ended, or said no such line within `limit`; the error has the end of its log.
    pub async fn wait_for_line(&mut self, beginning: &str, limit: Duration) -> anyhow::Result<String> {
        let mut ended = None;
        let child = &mut self.child;
        let log = (self.log.clone(), self.begin);
        let found = until(limit, || {
            ended = child.try_wait().ok().flatten();
            let line = line_of(&log, beginning);
            let over = ended.is_some();
            async move { line.map(Some).or(over.then_some(None)) }
        });
        match found.await {
            Some(Some(line)) => Ok(line),
            _ if ended.is_some() => {
                bail!("{} ended ({ended:?}) before it was ready:\n{}", self.name, self.tail())
            }
            _ => bail!("{} did not say `{beginning}` within {limit:?}:\n{}", self.name, self.tail()),
        }
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It has not within `limit`; the error has the end of its log.
    pub async fn ended(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let ended = tokio::time::timeout(limit, self.child.wait()).await;
        Ok(ended
            .with_context(|| format!("{} did not end within {limit:?}:\n{}", self.name, self.tail()))??)
    }

    /// SIGKILL, and waits for the end.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().await.with_context(|| format!("cannot kill {}", self.name))
    }

    /// SIGTERM, and waits for the end.
    ///
    /// # Errors
    /// It has not ended within a minute.
    pub async fn terminate(&mut self) -> anyhow::Result<ExitStatus> {
        if let Some(id) = self.child.id() {
            signal("TERM", id).await?;
        }
        let ended = tokio::time::timeout(END_LIMIT, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} did not end after SIGTERM:\n{}", self.name, self.tail()))??)
    }

    /// The last of what it said.
    #[must_use]
    pub fn tail(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

fn line_of((log, begin): &(PathBuf, u64), beginning: &str) -> Option<String> {
    let bytes = std::fs::read(log).ok()?;
    let said = String::from_utf8_lossy(bytes.get(usize::try_from(*begin).ok()?..)?).into_owned();
    // A line counts when it is whole.
    let whole = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(str::trim_end).find(|line| line.starts_with(beginning)).map(str::to_owned)
}

/// Sends a signal to one process.
pub(crate) async fn signal(name: &str, id: u32) -> anyhow::Result<()> {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(id.to_string()).status().await?;
    if !sent.success() {
        bail!("SIG{name} could not be sent to process {id}");
    }
    Ok(())
}

/// A port that nothing listens at now.
///
/// # Panics
/// When the system gives none.
#[must_use]
pub fn free_port() -> u16 {
    // Below the range that the system gives to outgoing connections, so that none of them takes it meanwhile.
    for _ in 0..200 {
        let port = rand::random_range(20_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("there is no free port from 20000 to 32000");
}

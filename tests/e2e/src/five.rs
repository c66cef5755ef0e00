//! `make up`: five processes behind the edge, the simulated gateway, PostgreSQL and Apache Kafka, by the repository's own
//! scripts.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::database::Database;
use crate::edge::{Edge, Service};
use crate::folder::Folder;
use crate::process::{Process, free_port, signal};
use crate::programs::{programs, repository, script};
use crate::wait::until;

/// How long a process may take to end in order.
const END_LIMIT: Duration = Duration::from_secs(60);

const NAMES: [&str; 6] = ["SIMULATOR", "OPERATIONS", "VAULT", "INTENTS", "REFUNDS", "SETTLEMENT"];

/// The five with all they stand on, in a folder and at ports of their own. Ended, and all deleted, with this value.
#[derive(Debug)]
pub struct Five {
    environment: Vec<(String, String)>,
    folder: Folder,
}

impl Five {
    /// Starts them; none where this run has no Kafka and need not have one.
    ///
    /// # Errors
    /// They did not get ready, or Kafka is required and not there.
    pub async fn start(settings: &[(&str, &str)]) -> anyhow::Result<Option<Self>> {
        if std::env::var("TENDER_TEST_KAFKA_BROKERS").is_err() {
            if std::env::var("REQUIRE_KAFKA").is_ok_and(|value| value == "1") {
                bail!("REQUIRE_KAFKA=1, but TENDER_TEST_KAFKA_BROKERS says that there is no Kafka");
            }
            eprintln!("SKIPPED, there is no Kafka: the five services as processes of their own");
            return Ok(None);
        }
        let folder = Folder::new()?;
        let mut environment: Vec<(String, String)> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut taken = Vec::new();
        let mut port = |name: String| {
            let mut port = free_port();
            while taken.contains(&port) {
                port = free_port();
            }
            taken.push(port);
            environment.push((name, port.to_string()));
        };
        for name in ["EDGE", "PG", "KAFKA", "KAFKA_CONTROLLER"] {
            port(format!("{name}_PORT"));
        }
        for name in NAMES {
            port(format!("{name}_PORT"));
            port(format!("{name}_METRICS_PORT"));
        }
        let local = folder.path().join("local").display().to_string();
        environment.push(("TENDER_LOCAL_DIR".to_owned(), local));
        environment.push(("TENDER_BIN_DIR".to_owned(), programs().display().to_string()));
        let five = Self { environment, folder };
        five.up().await?;
        Ok(Some(five))
    }

    /// Starts what does not run.
    ///
    /// # Errors
    /// It did not get ready.
    pub async fn up(&self) -> anyhow::Result<()> {
        self.script("up.sh", &[]).await.map(drop)
    }

    /// Ends one of the services, runs it again with more in its environment, and waits until it has died of it; says how
    /// it ended. [`Five::up`] starts it again.
    ///
    /// # Errors
    /// It did not end, or lives on after `limit`; the error has the end of its log.
    pub async fn start_to_die(
        &self,
        service: Service,
        environment: &[(&str, &str)],
        limit: Duration,
    ) -> anyhow::Result<ExitStatus> {
        let name = service.name();
        let process = self.noted(service)?;
        // In order, so that its consumers leave their groups and the next one need not wait for that.
        signal("TERM", process).await?;
        let port: u16 = self.variable(&port_of(service)).parse()?;
        let ended = until(END_LIMIT, || async {
            let is_gone = is_over(process) && std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
            is_gone.then_some(())
        });
        ended.await.with_context(|| format!("{name} did not end"))?;
        self.run_one(service, environment)?.ended(limit).await
    }

    /// SIGKILL of one of the services, as it was started by [`Five::up`], and waits for its end.
    ///
    /// # Errors
    /// It does not run, or did not end.
    pub async fn kill(&self, service: Service) -> anyhow::Result<()> {
        let process = self.noted(service)?;
        signal("KILL", process).await?;
        let ended = until(END_LIMIT, || async { is_over(process).then_some(()) });
        ended.await.with_context(|| format!("{} did not end", service.name()))
    }

    /// Runs one of the services again that was killed, for as long as what is given back lives, and waits until it is
    /// ready.
    ///
    /// # Errors
    /// It did not get ready; the error has the end of its log.
    pub async fn run_again(&self, service: Service) -> anyhow::Result<Process> {
        let process = self.run_one(service, &[])?;
        let ready = format!("http://127.0.0.1:{}/readyz", self.variable(&port_of(service)));
        let is_ready = || async {
            let answer = reqwest::get(&ready).await.ok()?;
            answer.status().is_success().then_some(())
        };
        until(END_LIMIT, is_ready).await.with_context(|| {
            format!("{} was not ready within {END_LIMIT:?}:\n{}", service.name(), process.tail())
        })?;
        Ok(process)
    }

    /// The id of the process that [`Five::up`] started.
    fn noted(&self, service: Service) -> anyhow::Result<u32> {
        let noted = std::fs::read_to_string(self.local().join(format!("run/{}.pid", service.name())))?;
        Ok(noted.split_whitespace().next().context("no process is noted")?.parse()?)
    }

    fn run_one(&self, service: Service, environment: &[(&str, &str)]) -> anyhow::Result<Process> {
        let name = service.name();
        let mut command = Command::new(repository().join("deploy/local/run-one.sh"));
        command.arg(name).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.envs(environment.iter().copied());
        Process::start(name, command, &self.local().join(format!("log/{name}.log")))
    }

    /// Ends Kafka; its data stays.
    ///
    /// # Errors
    /// It did not end.
    pub async fn stop_kafka(&self) -> anyhow::Result<()> {
        self.script("kafka.sh", &["stop"]).await.map(drop)
    }

    /// Starts Kafka again.
    ///
    /// # Errors
    /// It did not get ready.
    pub async fn start_kafka(&self) -> anyhow::Result<()> {
        self.script("kafka.sh", &["start"]).await.map(drop)
    }

    /// All records of all topics, of dead letters too, as Kafka's own reader shows them: uncompressed, with their headers and
    /// keys.
    ///
    /// # Errors
    /// It could not read.
    pub async fn on_kafka(&self) -> anyhow::Result<Vec<u8>> {
        let reader = ["tool", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--include", ".*"];
        let until_quiet = ["--from-beginning", "--timeout-ms", "10000"];
        let whole = ["--property", "print.headers=true", "--property", "print.key=true"];
        let arguments: Vec<&str> = reader.into_iter().chain(until_quiet).chain(whole).collect();
        Ok(self.script("kafka.sh", &arguments).await?.stdout)
    }

    /// Puts a record on a topic with this header alone, compressed as the platform's are.
    ///
    /// # Errors
    /// It could not be written.
    pub async fn put_on_kafka(&self, topic: &str, header: (&str, &str)) -> anyhow::Result<()> {
        let mut command = Command::new(repository().join("deploy/local/kafka.sh"));
        command.args(["tool", "kafka.tools.ConsoleProducer", "--topic", topic]);
        command.args(["--compression-codec", "lz4", "--property", "parse.headers=true"]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
        let mut writer = command.spawn()?;
        let mut input = writer.stdin.take().context("it takes no input")?;
        input.write_all(format!("{}:{}\t{{}}\n", header.0, header.1).as_bytes()).await?;
        drop(input);
        let ended = tokio::time::timeout(END_LIMIT, writer.wait()).await.context("it does not end")??;
        if ended.success() { Ok(()) } else { bail!("Kafka's writer ended with {ended}") }
    }

    /// What `tender check --wait` says of the database.
    ///
    /// # Errors
    /// It found a fault, or could not look.
    pub async fn check(&self) -> anyhow::Result<String> {
        let url = ("TENDER__DATABASE__URL".to_owned(), self.database().await?.connection().to_owned());
        crate::all_in_one::check(&[], &[url]).await
    }

    /// Where the services are.
    #[must_use]
    pub fn edge(&self) -> Edge {
        let at = |name: &str| format!("http://127.0.0.1:{}", self.variable(&format!("{name}_PORT")));
        let services = Service::ALL.map(|service| at(&service.name().to_uppercase()));
        Edge::Five { edge: at("EDGE"), services }
    }

    /// Where Kafka is.
    #[must_use]
    pub fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.variable("KAFKA_PORT"))
    }

    /// The database, as its administrator.
    ///
    /// # Errors
    /// PostgreSQL does not run.
    pub async fn database(&self) -> anyhow::Result<Database> {
        let output = self.script("pg.sh", &["url"]).await?;
        Ok(Database::new(String::from_utf8_lossy(&output.stdout).trim()))
    }

    /// The secret that tokens are signed with.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn jwt_secret(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.local().join("secrets/jwt.secret"))?)
    }

    /// The files with all that the processes have said.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.local().join("log")).into_iter().flatten().flatten();
        files.map(|entry| entry.path()).collect()
    }

    /// Says that a real broker kept a promise.
    ///
    /// # Errors
    /// The file of `TENDER_KAFKA_PROOF` cannot be written.
    pub fn prove(&self, promise: &str) -> anyhow::Result<()> {
        if let Ok(path) = std::env::var("TENDER_KAFKA_PROOF") {
            let mut proof = OpenOptions::new().create(true).append(true).open(path)?;
            writeln!(proof, "tender-e2e: {promise}")?;
        }
        Ok(())
    }

    /// The folder with all that they and their parts write.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps the folder for a person to look at.
    pub fn keep(&mut self) {
        self.folder.keep();
    }

    fn local(&self) -> PathBuf {
        self.folder.path().join("local")
    }

    fn variable(&self, name: &str) -> &str {
        let found = self.environment.iter().find(|(one, _)| one == name);
        found.map_or("", |(_, value)| value)
    }

    async fn script(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Output> {
        script(name, arguments, &self.environment).await
    }
}

impl Drop for Five {
    fn drop(&mut self) {
        let mut down = std::process::Command::new(repository().join("deploy/local/down.sh"));
        down.args((!self.folder.is_kept()).then_some("--wipe"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        match down.stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {}
            other => eprintln!("what was started for a test could not be ended: {other:?}"),
        }
    }
}

fn port_of(service: Service) -> String {
    format!("{}_PORT", service.name().to_uppercase())
}

/// Whether a process has ended; one that nobody has collected yet has.
fn is_over(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().find(|line| line.starts_with("State:")).is_none_or(|state| state.contains('Z'))
}

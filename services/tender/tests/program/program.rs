//! A `tender run` of a test, and the other commands.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tender");
/// A first start makes a PostgreSQL cluster, on a machine that runs other tests meanwhile.
const LIMIT: Duration = Duration::from_secs(120);

/// A place for a data folder, removed at the end.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        // As root, PostgreSQL runs as another user, who must be able to walk here.
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o711)).expect("its own folder");
        Self(place)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }
}

/// The program with these arguments, no settings of this process, and a free port for metrics.
pub(crate) fn tender(arguments: &[&str], data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TENDER__") {
            command.env_remove(name);
        }
    }
    command.args(arguments).arg("--data-dir").arg(data).env("TENDER__HTTP__METRICS_PORT", "0");
    command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the program said, and how it ended.
pub(crate) async fn output(mut command: Command) -> Output {
    let output = tokio::time::timeout(LIMIT, command.output()).await;
    output.expect("it ends in time").expect("it runs")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// A Tender that runs and was ready.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) url: String,
    pub(crate) key: String,
}

impl Running {
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    /// With these settings.
    pub(crate) async fn start_with(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = tender(&["run", "--port", "0"], data);
        command.envs(settings.iter().copied());
        let mut child = command.stderr(Stdio::null()).spawn().expect("it runs");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        let read = tokio::time::timeout(LIMIT, out.read_line(&mut line)).await;
        read.expect("it is ready in time").expect("it says so");
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some("ready"), "{line}");
        let url = words.next().expect("its URL").to_owned();
        let key = fs::read_to_string(data.join("admin.key")).expect("written before it says ready");
        Self { child, out, url, key }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.request(method, path, body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let method = method.parse().expect("a method");
        let request = reqwest::Client::new()
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.key)
            .header("idempotency-key", format!("{:032x}", rand::random::<u128>()));
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Ends it as a terminal or a supervisor does; gives its exit code and what else it had said.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("a shell's tools");
        assert!(told.success());
        let ended = tokio::time::timeout(LIMIT, self.child.wait()).await.expect("it ends in time");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).await.expect("text");
        (ended.expect("it was ours").code(), rest)
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it was ours");
    }
}

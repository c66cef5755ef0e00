//! Where the programs under test are.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, bail};

/// PostgreSQL, Kafka and six processes from nothing, in an unoptimised build on a busy machine.
const SCRIPT_LIMIT: Duration = Duration::from_secs(300);

const PACKAGES: [&str; 6] = [
    "tender",
    "tender-intents-service",
    "tender-vault-service",
    "tender-refunds-service",
    "tender-settlement-service",
    "tender-operations-service",
];

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The folder with `tender` and the five services' programs: `TENDER_BIN_DIR`, else they are built, once a process,
/// so that what is tested is never older than its source.
///
/// # Panics
/// When they cannot be built: there is nothing to test then.
pub fn programs() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| match std::env::var_os("TENDER_BIN_DIR") {
        Some(folder) => folder.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = PACKAGES.iter().flat_map(|package| ["-p", package]);
    let mut command = Command::new(cargo);
    command.current_dir(repository()).args(["build", "--bins"]).args(packages);
    // What cargo tells a test of its own package is not for this cargo: build scripts that depend on these variables
    // (ring's does) would find them changed at every turn, and most of what stands on them would be built again.
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_this_package) {
            command.env_remove(name);
        }
    }
    let built = command.status();
    let built = built.unwrap_or_else(|error| panic!("cargo cannot be run to build the programs: {error}"));
    assert!(built.success(), "the programs under test could not be built: {built}");
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from);
    target.join("debug")
}

/// Runs one of the scripts of `deploy/local`.
///
/// # Errors
/// It failed, or did not end; the error has what it said.
pub(crate) async fn script(
    name: &str,
    arguments: &[&str],
    environment: &[(String, String)],
) -> anyhow::Result<Output> {
    let mut command = tokio::process::Command::new(repository().join("deploy/local").join(name));
    command.args(arguments).envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(SCRIPT_LIMIT, command.output()).await;
    let output = output.with_context(|| format!("{name} {arguments:?} did not end"))??;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("{name} {arguments:?} ended with {}:\n{said}{why}", output.status);
    }
    Ok(output)
}

//! Starting PostgreSQL's own programs, as the right user and with nothing of our environment.

use std::{env, process::Stdio};

use tokio::process::Command;

use super::{PrivateClusterError, error::IoContext, installation::Installation, owner::Owner};

/// The programs used.
#[derive(Debug, Clone, Copy)]
pub(super) enum Program {
    /// The server.
    Postgres,
    /// Makes a cluster.
    Initdb,
    /// Sends signals; the standard library cannot.
    PgCtl,
}

impl Program {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Initdb => "initdb",
            Self::PgCtl => "pg_ctl",
        }
    }

    /// The program as `owner`, without input. Of the environment only the search paths go along: `PG…`
    /// variables would change what the server does, and our secrets are not its business.
    pub(super) fn command(self, installation: &Installation, owner: &Owner) -> Command {
        let mut command = Command::new(installation.bin_dir().join(self.name()));
        command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        if owner.is_another {
            command.uid(owner.uid).gid(owner.gid);
        }
        command
    }
}

/// Runs a program to its end; what it said is part of the error.
pub(super) async fn run(
    program: Program,
    mut command: Command,
    installation: &Installation,
) -> Result<(), PrivateClusterError> {
    let path = installation.bin_dir().join(program.name());
    let output = command.output().await.context("run", &path)?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(PrivateClusterError::Program {
        program: program.name(),
        status: output.status.to_string(),
        output: tail(&String::from_utf8_lossy(&said)),
    })
}

/// The last lines of what a program said, enough to find the cause.
pub(super) fn tail(text: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

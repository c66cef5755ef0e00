//! What can keep a private cluster from running.

use std::{io, path::PathBuf, time::Duration};

use thiserror::Error;

/// Why the cluster does not run, and what to do. The data is untouched by every one of these.
#[derive(Debug, Error)]
pub enum PrivateClusterError {
    /// No PostgreSQL of a usable version was found.
    #[error(
        "PostgreSQL {wanted} was not found (looked for `postgres` and `initdb` in {}). Install it, on Debian or \
         Ubuntu: apt-get install --no-install-recommends {package}. Or set database.url to a server that runs \
         already",
        looked.join(", ")
    )]
    NotInstalled {
        /// The version that is needed, in words.
        wanted: String,
        /// The package that has it.
        package: String,
        /// Folders that were looked into.
        looked: Vec<String>,
    },

    /// Another process owns this cluster right now.
    #[error(
        "the data folder {root} is in use by another Tender{}. Stop that one first, or start this one on another \
         folder",
        process.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    InUse {
        /// The cluster's folder.
        root: PathBuf,
        /// The process that owns it, if it said.
        process: Option<u32>,
    },

    /// The user PostgreSQL must run as cannot walk to the folder.
    #[error(
        "PostgreSQL does not run as root, and user {user} cannot enter {blocked_by}, which is on the way to {root}. \
         Allow it (chmod o+x {blocked_by}), choose a data folder elsewhere, or start as a user that is not root"
    )]
    Unreachable {
        /// The user the server would run as.
        user: String,
        /// The first folder that user may not enter.
        blocked_by: PathBuf,
        /// The cluster's folder.
        root: PathBuf,
    },

    /// The data belongs to another user than the one this process runs as.
    #[error(
        "the cluster in {root} belongs to user id {owner}, and this process runs as user id {process}. Start it \
         as that user or as root, or choose another data folder"
    )]
    ForeignOwner {
        /// The cluster's folder.
        root: PathBuf,
        /// Owner of the data.
        owner: u32,
        /// This process's user.
        process: u32,
    },

    /// The folder holds something that no cluster has.
    #[error(
        "{root} is not a folder for a PostgreSQL cluster: {found} is in it. Choose a data folder that is empty or \
         was made by Tender"
    )]
    NotACluster {
        /// The folder.
        root: PathBuf,
        /// What does not belong there.
        found: PathBuf,
    },

    /// This process is root and the machine has no user to run the server as.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as. Create one \
         (useradd --system postgres) or start as a user that is not root"
    )]
    NoServerUser,

    /// No folder short enough for the socket could be made.
    #[error(
        "no folder for PostgreSQL's socket: {candidates}. Its path may have {limit} bytes; set XDG_RUNTIME_DIR or \
         TMPDIR to a short folder of your own"
    )]
    NoSocketFolder {
        /// What was tried and why it did not do.
        candidates: String,
        /// Longest path of a socket on this system.
        limit: usize,
    },

    /// `initdb` or another of PostgreSQL's programs failed.
    #[error("{program} failed ({status}): {output}")]
    Program {
        /// The program.
        program: &'static str,
        /// How it ended.
        status: String,
        /// The end of what it said.
        output: String,
    },

    /// The server ended while it started.
    #[error("PostgreSQL ended while starting ({status}). The end of {log}:\n{tail}")]
    Ended {
        /// How it ended.
        status: String,
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },

    /// The server did not answer, or did not end, in the time it was given. It was asked to end.
    #[error(
        "PostgreSQL (process {process}) did not {what} within {} s; last: {last}. Look into {log}, then start again",
        limit.as_secs()
    )]
    TooSlow {
        /// The postmaster.
        process: u32,
        /// What it was to do.
        what: &'static str,
        /// The time it was given.
        limit: Duration,
        /// The last thing seen.
        last: String,
        /// The server's log.
        log: PathBuf,
    },

    /// The cluster runs but a statement that sets it up failed.
    #[error("the private PostgreSQL could not {what}: {source}")]
    Database {
        /// What was being done.
        what: &'static str,
        /// What PostgreSQL said.
        source: sqlx::Error,
    },

    /// The file system refused.
    #[error("cannot {what} {path}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Adds what was being done to which path to an I/O error.
pub(super) trait IoContext<T> {
    /// The error told as "cannot `what` `path`".
    fn context(self, what: &'static str, path: &std::path::Path) -> Result<T, PrivateClusterError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context(self, what: &'static str, path: &std::path::Path) -> Result<T, PrivateClusterError> {
        self.map_err(|source| PrivateClusterError::Io { what, path: path.to_owned(), source })
    }
}

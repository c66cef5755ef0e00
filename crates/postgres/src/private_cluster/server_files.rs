//! What the server is told: its configuration files and its command line.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{
    PrivateClusterError, PrivateClusterOptions, error::IoContext, folder::Folder, owner::Owner, socket::PORT,
};

/// Both configuration files as they should be.
pub(super) struct ServerFiles {
    files: [(&'static str, String); 2],
}

impl ServerFiles {
    pub(super) fn new(options: &PrivateClusterOptions) -> Self {
        Self { files: [("postgresql.conf", configuration(options)), ("pg_hba.conf", ACCESS.to_owned())] }
    }

    /// Whether a server that runs was started with these very files.
    pub(super) fn are_in(&self, folder: &Folder) -> bool {
        self.files.iter().all(|(name, text)| {
            fs::read_to_string(folder.root().join(name)).is_ok_and(|there| there == *text)
        })
    }

    /// Writes them, each whole or not at all.
    pub(super) fn write(&self, folder: &Folder, owner: &Owner) -> Result<(), PrivateClusterError> {
        for (name, text) in &self.files {
            let path = folder.root().join(name);
            let unfinished = folder.root().join(format!("{name}.tmp"));
            if unfinished.exists() {
                fs::remove_file(&unfinished).context("remove", &unfinished)?;
            }
            write_new(&unfinished, text)?;
            owner.give(&unfinished)?;
            fs::rename(&unfinished, &path).context("write", &path)?;
        }
        let own = folder.root().join(OWN_FILE);
        if !own.exists() {
            write_new(&own, OWN_FILE_HEAD)?;
        }
        // Also one that root wrote: the server must be able to read it.
        owner.give_tree(&own)?;
        Ok(())
    }
}

/// Writes a file that is not there yet; as root in somebody's folder, a link put there must not be followed.
fn write_new(path: &Path, text: &str) -> Result<(), PrivateClusterError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .context("write", path)
}

/// The command line. What durability and access rest on is said here and not in a file, because neither a
/// local file nor `ALTER SYSTEM` can override it.
pub(super) fn arguments(folder: &Folder, socket: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-D".into(), folder.data().into()];
    let mut set = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value);
        arguments.push("-c".into());
        arguments.push(setting);
    };
    set("config_file", &folder.root().join("postgresql.conf"));
    set("hba_file", &folder.root().join("pg_hba.conf"));
    set("listen_addresses", &"");
    set("port", &PORT.to_string());
    // The setting is a list; quotes keep a comma in the path from ending it.
    set("unix_socket_directories", &format!("\"{}\"", socket.display().to_string().replace('"', "\"\"")));
    set("unix_socket_permissions", &"0700");
    set("fsync", &"on");
    set("full_page_writes", &"on");
    set("synchronous_commit", &"on");
    arguments
}

/// Where an operator changes what we do not insist on.
const OWN_FILE: &str = "postgresql.local.conf";

const OWN_FILE_HEAD: &str = "# Your own settings for this PostgreSQL; Tender never changes this file.\n";

/// Only the socket, and whoever its folder lets in; any TCP connection is rejected for want of a line.
const ACCESS: &str = "# Written at every start: see the head of postgresql.conf.\nlocal all all trust\n";

fn configuration(options: &PrivateClusterOptions) -> String {
    format!(
        "# Written by Tender {version} at every start: changes here are lost, those in {OWN_FILE} stay.
max_connections = {connections}
shared_buffers = {buffers}MB

# Payments are short statements; compiling them costs more than it saves.
jit = off

# Ready for continuous archiving and base backups; fewer checkpoints, fewer whole pages in the log.
wal_level = replica
wal_buffers = 16MB
max_wal_size = 2GB
checkpoint_timeout = 15min

# A new installation grows from nothing: statistics, and with them plans of reads, follow within seconds. Every query
# looks rows up by an index, for which few samples do: a full sample of the tables that grow cost as much as a tenth
# of all payments' work.
autovacuum_naptime = 10s
default_statistics_target = 10

# Texts of failing statements and the values of refused rows can hold payment data: they are for the caller,
# who gets them, and not for a log.
log_destination = stderr
logging_collector = off
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
log_line_prefix = '%m [%p] '
log_timezone = UTC
timezone = UTC

include = '{OWN_FILE}'
",
        version = env!("CARGO_PKG_VERSION"),
        connections = options.max_connections,
        buffers = options.shared_buffers_mebibytes,
    )
}

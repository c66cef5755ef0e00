//! A server process: reading about it from `postmaster.pid`, telling whether it lives, ending it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    PrivateClusterError,
    command::{Program, run},
    error::IoContext,
    folder::Folder,
    installation::Installation,
    owner::Owner,
};

/// How often a condition that nobody announces is looked at.
pub(super) const POLL: Duration = Duration::from_millis(10);

/// What `postmaster.pid` says of a server, which may be long dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    /// The postmaster.
    pub(super) process: u32,
    /// Where its socket is; empty until it listens.
    pub(super) socket: PathBuf,
}

impl PidFile {
    /// Reads it; `None` when there is none or nothing useful in it.
    pub(super) fn read(folder: &Folder) -> Result<Option<Self>, PrivateClusterError> {
        let path = folder.data().join("postmaster.pid");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("read", &path),
        }
    }

    /// Process, data folder, start time, port, socket folder, address, shared memory, state: one a line.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A negative number is a single-user server; nothing of ours.
        let process = lines.next()?.trim().parse().ok()?;
        let socket = PathBuf::from(lines.nth(3).unwrap_or_default().trim());
        Some(Self { process, socket })
    }

    /// Removes the file of a dead server if its number is taken, by a stranger or by the dead one itself that
    /// nobody has buried: a new server would take either for a running one. Otherwise the new server deals with
    /// the file, and checks more than we could. Children that outlive the dead one are found without it.
    pub(super) fn remove_if_misleading(&self, folder: &Folder) -> Result<(), PrivateClusterError> {
        if is_alive(self.process, folder) || !Path::new(&format!("/proc/{}", self.process)).exists() {
            return Ok(());
        }
        let path = folder.data().join("postmaster.pid");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("remove", &path),
            _ => Ok(()),
        }
    }
}

/// Whether `process` is alive and serves this folder: a server works inside its data folder, a stranger that
/// got the number of a dead one does not.
pub(super) fn is_alive(process: u32, folder: &Folder) -> bool {
    fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|cwd| cwd == folder.data()) && !is_zombie(process)
}

/// On its way out: it has let go of its folder, but is still a process. Its end takes a moment from there.
fn is_leaving(process: u32) -> bool {
    let folder = fs::read_link(format!("/proc/{process}/cwd"));
    folder.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        && state(process).is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Dead, but its parent has not taken note yet.
fn is_zombie(process: u32) -> bool {
    state(process) == Some('Z')
}

/// The letter the system has for what a process does; `None` when there is no such process.
fn state(process: u32) -> Option<char> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in parentheses, which may hold anything.
    status.rsplit(") ").next()?.chars().next()
}

/// Server processes of this folder: after a postmaster was killed, those that have not noticed yet.
pub(super) fn processes_in(folder: &Folder) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .filter(|process| is_alive(*process, folder) && is_postgres(*process))
        .collect()
}

/// A person's shell may stand in the data folder too.
fn is_postgres(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// A signal, named for what PostgreSQL does when it gets it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shutdown {
    /// Rolls back what is open, disconnects everybody, writes a checkpoint.
    Fast,
    /// Ends at once; the next start recovers from the log.
    Immediate,
}

impl Shutdown {
    /// The signal's name.
    pub(super) fn signal(self) -> &'static str {
        match self {
            Self::Fast => "INT",
            Self::Immediate => "QUIT",
        }
    }
}

/// Sends a signal, with PostgreSQL's own program: the standard library has no call for it.
pub(super) async fn signal(
    process: u32,
    shutdown: Shutdown,
    installation: &Installation,
    owner: &Owner,
) -> Result<(), PrivateClusterError> {
    let mut command = Program::PgCtl.command(installation, owner);
    command.args(["kill", shutdown.signal(), &process.to_string()]);
    run(Program::PgCtl, command, installation).await
}

/// Waits until `process`, which served this folder, has ended; `false` when the limit came first.
pub(super) async fn wait_until_gone(process: u32, folder: &Folder, limit: Duration) -> bool {
    let started = Instant::now();
    while is_alive(process, folder) || is_leaving(process) {
        if started.elapsed() >= limit {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::PidFile;

    #[test]
    fn the_process_and_its_socket_are_read_from_the_servers_file() {
        let text = "4711\n/srv/tender/data\n1752000000\n5432\n/srv/tender/socket\n\n  543210  0\nready   \n";
        let file = PidFile::parse(text).expect("readable");
        assert_eq!((file.process, file.socket.to_str()), (4711, Some("/srv/tender/socket")));
    }

    #[test]
    fn a_half_written_or_foreign_file_is_no_server() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-12\n"), None);
        let just_begun = PidFile::parse("12\n/srv\n").expect("has a process");
        assert_eq!(just_begun.socket.to_str(), Some(""));
    }
}

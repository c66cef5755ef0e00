//! The cluster as its owner sees it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use sqlx::postgres::PgConnectOptions;
use tokio::process::Child;

use super::{
    PrivateClusterError,
    command::Program,
    folder::Folder,
    initdb,
    installation::Installation,
    owner::Owner,
    postmaster::{POLL, PidFile, Shutdown, is_alive},
    readiness::connect_options,
    server_files::ServerFiles,
    socket::SocketFolder,
    supervisor::Supervisor,
};

/// How long dropping a cluster may hold up its thread; the server goes on ending by itself after that.
const DROP_LIMIT: Duration = Duration::from_secs(5);

/// What may be chosen about a private cluster.
#[derive(Debug, Clone)]
pub struct PrivateClusterOptions {
    /// Folder of PostgreSQL's programs; `None` takes the newest installed of version 15 or later.
    pub bin_dir: Option<PathBuf>,
    /// Database that [`PrivateCluster::connect_options`] leads to; made if it is missing.
    pub database: String,
    /// Connections the server takes at most.
    pub max_connections: u16,
    /// Memory for the server's page cache, in MiB.
    pub shared_buffers_mebibytes: u32,
    /// How long a start may take, recovery after a crash included.
    pub start_limit: Duration,
    /// How long an orderly end may take before the server is told to end at once.
    pub stop_limit: Duration,
}

impl Default for PrivateClusterOptions {
    fn default() -> Self {
        Self {
            bin_dir: None,
            database: "tender".to_owned(),
            max_connections: 200,
            shared_buffers_mebibytes: 128,
            start_limit: Duration::from_secs(300),
            stop_limit: Duration::from_secs(60),
        }
    }
}

/// That the server ended though nobody asked it to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PostmasterExit {
    /// The process that ended.
    pub process: u32,
    /// How it ended, in words, as far as it can be known.
    pub status: String,
}

/// A PostgreSQL cluster in a folder that this process owns and keeps running.
///
/// The owner watches it and decides what to do when it ends:
///
/// ```no_run
/// # async fn example() -> Result<(), tender_postgres::PrivateClusterError> {
/// use tender_postgres::{PrivateCluster, PrivateClusterOptions};
///
/// let mut cluster = PrivateCluster::start("data/postgres".as_ref(), PrivateClusterOptions::default()).await?;
/// let pool = sqlx::PgPool::connect_lazy_with(cluster.connect_options());
/// let exit = cluster.wait().await; // beside the application's own work
/// tracing::error!(?exit, "PostgreSQL ended");
/// cluster.restart().await?; // the pool's options are still right
/// # drop(pool);
/// cluster.stop().await
/// # }
/// ```
pub struct PrivateCluster {
    supervisor: Supervisor,
    socket: SocketFolder,
    server: Server,
    /// Held for as long as the cluster is ours; the system lets go of it however we end.
    _lock: File,
}

enum Server {
    Child(Child),
    Adopted(u32),
    Ended,
}

impl PrivateCluster {
    /// Starts the cluster in `root`, making it first if the folder is empty or missing, or takes over the server
    /// that a killed process left running there. On return the server serves and the database exists. On an
    /// existing folder this takes well under a second, after a crash as long as recovery needs.
    ///
    /// `root` is for the cluster alone: a folder that holds anything else is refused.
    ///
    /// # Errors
    /// [`PrivateClusterError`]: each says what to do. No server of ours is left running.
    pub async fn start(root: &Path, options: PrivateClusterOptions) -> Result<Self, PrivateClusterError> {
        let started = Instant::now();
        let folder = Folder::open(root)?;
        let owner = Owner::decide(&folder)?;
        let lock = folder.lock(&owner)?;
        let made_by = folder.made_by()?;
        let installation = Installation::find(options.bin_dir.as_deref(), made_by)?;
        owner.check_reach(&folder, &installation).await?;
        if made_by.is_some() {
            owner.give_tree(&folder.data())?;
        } else {
            initdb::make_data(&folder, &installation, &owner).await?;
        }
        let files = ServerFiles::new(&options);
        let supervisor = Supervisor { folder, installation, owner, options, files };
        let (server, socket) = match supervisor.adopt().await? {
            Some((process, socket)) => (Server::Adopted(process), socket),
            None => {
                let socket = SocketFolder::make(&supervisor.folder, &supervisor.owner)?;
                let child =
                    supervisor.launch(&socket).await.inspect_err(|_| socket.remove(&supervisor.owner))?;
                (Server::Child(child), socket)
            }
        };
        let cluster = Self { supervisor, socket, server, _lock: lock };
        tracing::info!(
            folder = %cluster.supervisor.folder.root().display(),
            process = cluster.process(),
            adopted = cluster.is_adopted(),
            elapsed_millis = started.elapsed().as_millis(),
            "private PostgreSQL serves"
        );
        Ok(cluster)
    }

    /// How to connect to the server that another process keeps running in `root`, without owning it; `None` when
    /// none runs. It may end at any time.
    ///
    /// # Errors
    /// The folder's files may not be read by this user.
    pub fn find_running(
        root: &Path,
        database: &str,
    ) -> Result<Option<PgConnectOptions>, PrivateClusterError> {
        let Some(folder) = Folder::look(root) else { return Ok(None) };
        let running = PidFile::read(&folder)?
            .filter(|file| is_alive(file.process, &folder) && file.socket.is_absolute());
        Ok(running.map(|file| connect_options(&file.socket, database)))
    }

    /// How to connect to the database as its superuser. They stay right over [`PrivateCluster::restart`].
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        connect_options(self.socket.path(), &self.supervisor.options.database)
    }

    /// How to connect to the database as `role`; no password is needed, the socket's folder decides who comes in.
    #[must_use]
    pub fn connect_options_as(&self, role: &str) -> PgConnectOptions {
        self.connect_options().username(role)
    }

    /// The postmaster's process id, or `None` when it is known to have ended.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        match &self.server {
            Server::Child(child) => child.id(),
            Server::Adopted(process) => Some(*process),
            Server::Ended => None,
        }
    }

    /// Whether the server was already running when this process took it over.
    #[must_use]
    pub fn is_adopted(&self) -> bool {
        matches!(self.server, Server::Adopted(_))
    }

    /// Waits until the server ends, which it does not unless something is wrong. At once if it has ended. May be
    /// dropped and called again.
    pub async fn wait(&mut self) -> PostmasterExit {
        let process = self.process().unwrap_or_default();
        let status = match &mut self.server {
            Server::Child(child) => match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => format!("its end could not be observed: {error}"),
            },
            Server::Adopted(_) => {
                while is_alive(process, &self.supervisor.folder) {
                    tokio::time::sleep(POLL * 10).await;
                }
                "not our child, so its status is not known".to_owned()
            }
            Server::Ended => "it had ended before".to_owned(),
        };
        self.server = Server::Ended;
        PostmasterExit { process, status }
    }

    /// Starts the server again at the same socket, ending it first if it still runs. Returns when it serves.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`]; the cluster stays this process's, and `restart` may be tried again.
    pub async fn restart(&mut self) -> Result<(), PrivateClusterError> {
        let started = Instant::now();
        self.end().await?;
        self.server = Server::Child(self.supervisor.launch(&self.socket).await?);
        tracing::info!(elapsed_millis = started.elapsed().as_millis(), "private PostgreSQL serves again");
        Ok(())
    }

    /// Ends the server in order: what is open is rolled back, a checkpoint is written. Waits until it is gone.
    ///
    /// # Errors
    /// It could not be told to end, or did not end in time, not even when told to end at once.
    pub async fn stop(mut self) -> Result<(), PrivateClusterError> {
        self.end().await?;
        self.socket.remove(&self.supervisor.owner);
        Ok(())
    }

    async fn end(&mut self) -> Result<(), PrivateClusterError> {
        match &mut self.server {
            Server::Child(child) => self.supervisor.end_child(child).await?,
            Server::Adopted(process) => self.supervisor.end(*process).await?,
            Server::Ended => {}
        }
        self.server = Server::Ended;
        Ok(())
    }
}

/// Best effort for a cluster that was not stopped, as when a test fails: the server is told to end and given a
/// moment, so that its folder can be removed.
impl Drop for PrivateCluster {
    fn drop(&mut self) {
        let Some(process) = self.process() else { return };
        let folder = &self.supervisor.folder;
        if !is_alive(process, folder) {
            return;
        }
        let mut command = Program::PgCtl.command(&self.supervisor.installation, &self.supervisor.owner);
        command.args(["kill", Shutdown::Fast.signal(), &process.to_string()]);
        let told = command.as_std_mut().status();
        let started = Instant::now();
        while told.is_ok() && is_alive(process, folder) {
            if started.elapsed() > DROP_LIMIT {
                return;
            }
            std::thread::sleep(POLL);
        }
        self.socket.remove(&self.supervisor.owner);
    }
}

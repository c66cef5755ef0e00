//! Bringing a server up and down: adopt what lives, launch what does not, end what must go.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tokio::process::Child;

use super::{
    PrivateClusterError, PrivateClusterOptions,
    command::Program,
    error::IoContext,
    folder::Folder,
    installation::Installation,
    owner::Owner,
    postmaster::{POLL, PidFile, Shutdown, is_alive, processes_in, signal, wait_until_gone},
    readiness::{Answer, ask, make_database},
    server_files::{ServerFiles, arguments},
    socket::SocketFolder,
};

/// How long a server found running may be silent before it is ended.
const SILENCE_LIMIT: Duration = Duration::from_secs(3);

/// How long an immediate shutdown may take; it only has to end processes.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(10);

/// How often a long start is told.
const PROGRESS: Duration = Duration::from_secs(5);

/// What a dead postmaster's children make a new one say until they are gone.
const CHILDREN_REMAIN: &str = "still in use";

/// Everything needed to start and end the one server of a folder.
pub(super) struct Supervisor {
    pub(super) folder: Folder,
    pub(super) installation: Installation,
    pub(super) owner: Owner,
    pub(super) options: PrivateClusterOptions,
    pub(super) files: ServerFiles,
}

impl Supervisor {
    /// A server left running by a process that was killed, if it is fit to go on: alive in this folder, started
    /// with these settings, and answering. One that is not is ended here.
    pub(super) async fn adopt(&self) -> Result<Option<(u32, SocketFolder)>, PrivateClusterError> {
        let Some(found) = PidFile::read(&self.folder)? else { return Ok(None) };
        if is_alive(found.process, &self.folder) {
            if self.files.are_in(&self.folder)
                && let Some(socket) = self.answers(found.process).await?
            {
                return Ok(Some((found.process, socket)));
            }
            tracing::warn!(
                process = found.process,
                "ending a PostgreSQL that was left running and is not fit to go on"
            );
            self.end(found.process).await?;
        }
        SocketFolder::existing(found.socket).remove(&self.owner);
        Ok(None)
    }

    /// Waits while a server found running starts or recovers; `None` when it ended or stays silent.
    async fn answers(&self, process: u32) -> Result<Option<SocketFolder>, PrivateClusterError> {
        let started = Instant::now();
        let mut last_sign = started;
        while is_alive(process, &self.folder) {
            // Read again each time: a server that has just begun has not written where it listens.
            let socket = PidFile::read(&self.folder)?.map(|file| file.socket).unwrap_or_default();
            match ask(&socket, &self.options.database).await {
                Answer::Ready => return Ok(Some(SocketFolder::existing(socket))),
                Answer::NoDatabase => {
                    make_database(&socket, &self.options.database).await?;
                    return Ok(Some(SocketFolder::existing(socket)));
                }
                Answer::Busy(_) => last_sign = Instant::now(),
                Answer::Nothing(_) => {}
            }
            if last_sign.elapsed() > SILENCE_LIMIT || started.elapsed() > self.options.start_limit {
                return Ok(None);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(None)
    }

    /// Starts the server and waits until it serves and has the database.
    pub(super) async fn launch(&self, socket: &SocketFolder) -> Result<Child, PrivateClusterError> {
        let started = Instant::now();
        socket.ensure(&self.owner)?;
        self.files.write(&self.folder, &self.owner)?;
        loop {
            if let Some(dead) = PidFile::read(&self.folder)? {
                dead.remove_if_misleading(&self.folder)?;
            }
            socket.clear()?;
            let mut child = self.spawn(socket)?;
            let served = self.serves(&mut child, socket.path(), started).await;
            match served {
                Ok(()) => return Ok(child),
                Err(PrivateClusterError::Ended { tail, .. })
                    if tail.contains(CHILDREN_REMAIN) && started.elapsed() < self.options.start_limit =>
                {
                    self.end_orphans().await?;
                }
                Err(error) => {
                    self.give_up(&mut child).await;
                    return Err(error);
                }
            }
        }
    }

    fn spawn(&self, socket: &SocketFolder) -> Result<Child, PrivateClusterError> {
        let log = self.folder.new_log(&self.owner)?;
        let also_log = log.try_clone().context("share", &self.folder.log())?;
        let mut command = Program::Postgres.command(&self.installation, &self.owner);
        command
            .args(arguments(&self.folder, socket.path()))
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(also_log))
            // Ctrl-C at a terminal reaches a whole group: the server must outlive our draining.
            .process_group(0);
        command.spawn().context("run", &self.installation.bin_dir().join(Program::Postgres.name()))
    }

    async fn serves(
        &self,
        child: &mut Child,
        socket: &Path,
        started: Instant,
    ) -> Result<(), PrivateClusterError> {
        let process = child.id().unwrap_or_default();
        let mut told = Instant::now();
        loop {
            if let Some(status) = child.try_wait().context("wait for", &self.folder.data())? {
                return Err(self.ended(status));
            }
            let last = match ask(socket, &self.options.database).await {
                Answer::Ready => return Ok(()),
                Answer::NoDatabase => return make_database(socket, &self.options.database).await,
                Answer::Busy(last) | Answer::Nothing(last) => last,
            };
            if started.elapsed() >= self.options.start_limit {
                return Err(self.too_slow(process, "serve", self.options.start_limit, last));
            }
            if told.elapsed() >= PROGRESS {
                told = Instant::now();
                tracing::info!(waited_seconds = started.elapsed().as_secs(), last, "waiting for PostgreSQL");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A server whose start failed is not left behind.
    async fn give_up(&self, child: &mut Child) {
        if let (Some(process), Ok(None)) = (child.id(), child.try_wait())
            && let Err(error) = signal(process, Shutdown::Immediate, &self.installation, &self.owner).await
        {
            tracing::warn!(process, %error, "a PostgreSQL that did not start could not be ended");
        }
    }

    /// Children of a postmaster that was killed end when they notice; this makes them notice.
    async fn end_orphans(&self) -> Result<(), PrivateClusterError> {
        for process in processes_in(&self.folder) {
            // It may have ended by itself since it was listed; then there is nobody to tell.
            if let Err(error) = signal(process, Shutdown::Immediate, &self.installation, &self.owner).await
                && is_alive(process, &self.folder)
            {
                return Err(error);
            }
            wait_until_gone(process, &self.folder, IMMEDIATE_LIMIT).await;
        }
        tokio::time::sleep(POLL).await;
        Ok(())
    }

    /// Ends a server that is not our child, by its id, and waits until it is gone.
    pub(super) async fn end(&self, process: u32) -> Result<(), PrivateClusterError> {
        for (shutdown, limit) in
            [(Shutdown::Fast, self.options.stop_limit), (Shutdown::Immediate, IMMEDIATE_LIMIT)]
        {
            if let Err(error) = signal(process, shutdown, &self.installation, &self.owner).await
                && is_alive(process, &self.folder)
            {
                return Err(error);
            }
            if wait_until_gone(process, &self.folder, limit).await {
                return Ok(());
            }
        }
        Err(self.too_slow(process, "end", self.options.stop_limit, "it is still there".to_owned()))
    }

    /// Ends our child and takes note of its end.
    pub(super) async fn end_child(&self, child: &mut Child) -> Result<(), PrivateClusterError> {
        let Some(process) = child.id() else { return Ok(()) };
        for (shutdown, limit) in
            [(Shutdown::Fast, self.options.stop_limit), (Shutdown::Immediate, IMMEDIATE_LIMIT)]
        {
            if child.try_wait().context("wait for", &self.folder.data())?.is_some() {
                return Ok(());
            }
            signal(process, shutdown, &self.installation, &self.owner).await?;
            if let Ok(status) = tokio::time::timeout(limit, child.wait()).await {
                status.context("wait for", &self.folder.data())?;
                return Ok(());
            }
        }
        Err(self.too_slow(process, "end", self.options.stop_limit, "it is still there".to_owned()))
    }

    fn ended(&self, status: ExitStatus) -> PrivateClusterError {
        PrivateClusterError::Ended {
            status: status.to_string(),
            log: self.folder.log(),
            tail: self.folder.log_tail(),
        }
    }

    fn too_slow(
        &self,
        process: u32,
        what: &'static str,
        limit: Duration,
        last: String,
    ) -> PrivateClusterError {
        PrivateClusterError::TooSlow { process, what, limit, last, log: self.folder.log() }
    }
}

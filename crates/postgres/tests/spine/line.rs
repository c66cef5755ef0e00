//! A line to PostgreSQL that can go dead without a word.

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const PORT: u16 = 5432;

/// Hands on what is sent, both ways.
pub(crate) struct Line {
    folder: TempDir,
    dead: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Line {
    /// A line to where these options connect to.
    pub(crate) fn to(server: &PgConnectOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).expect("a socket");
        let dead = watch::Sender::new(());
        let socket = server.get_socket().map(|socket| socket.join(format!(".s.PGSQL.{}", server.get_port())));
        let address = (server.get_host().to_owned(), server.get_port());
        let accepting = tokio::spawn(accept(listener, (socket, address), dead.clone()));
        Self { folder, dead, accepting }
    }

    /// The same options by way of the line.
    pub(crate) fn through(&self, server: PgConnectOptions) -> PgConnectOptions {
        server.socket(self.folder.path()).port(PORT)
    }

    /// Nothing comes or goes any more on the connections there are, and none of them ends. New ones work.
    pub(crate) fn go_dead(&self) {
        self.dead.send_replace(());
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: UnixListener,
    (socket, address): (Option<PathBuf>, (String, u16)),
    dead: watch::Sender<()>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let (socket, address, dead) = (socket.clone(), address.clone(), dead.subscribe());
        tokio::spawn(async move {
            match socket {
                Some(socket) => carry(client, UnixStream::connect(socket).await, dead).await,
                None => carry(client, TcpStream::connect(address).await, dead).await,
            }
        });
    }
}

async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: UnixStream,
    server: std::io::Result<S>,
    mut dead: watch::Receiver<()>,
) {
    let mut server = server.expect("the server is there");
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        Ok(()) = dead.changed() => std::future::pending().await,
    }
}

//! A line to PostgreSQL that loses answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is sent in one piece and is at least this long is a write of a batch of changes.
const WRITE_BYTES: usize = 900;
/// How long the server may go on with a statement whose answer nobody will get.
const GO_ON: Duration = Duration::from_secs(1);

/// Hands on what is sent, both ways; when armed it lets the next write through and closes the line before its answer.
pub struct Proxy {
    port: u16,
    lines: Arc<Lines>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Lines {
    armed: AtomicBool,
    cut: AtomicUsize,
}

impl Proxy {
    /// A line to this port of this machine.
    ///
    /// # Panics
    /// When the system gives no port.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let lines = Arc::new(Lines::default());
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&lines)));
        Self { port, lines, accepting }
    }

    /// Where to connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Loses the answer of the next write.
    pub fn arm(&self) {
        self.lines.armed.store(true, Ordering::Relaxed);
    }

    /// How many answers were lost.
    #[must_use]
    pub fn cut(&self) -> usize {
        self.lines.cut.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, lines: Arc<Lines>) {
    while let Ok((client, _)) = listener.accept().await {
        let lines = Arc::clone(&lines);
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                carry(client, server, &lines).await;
            }
        });
    }
}

async fn carry(client: TcpStream, server: TcpStream, lines: &Lines) {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    let was_cut = tokio::select! {
        was_cut = ask(from_client, to_server, lines) => was_cut,
        _ = tokio::io::copy(&mut from_server, &mut to_client) => None,
    };
    let Some(to_server) = was_cut else { return };
    // The client learns nothing more; the server does what it was asked.
    drop(to_client);
    let _ = tokio::time::timeout(GO_ON, tokio::io::copy(&mut from_server, &mut tokio::io::sink())).await;
    drop(to_server);
}

/// Hands on what the client sends, until it ends or the line is to be cut; then the way to the server is given back,
/// because the server must not see that the client has gone.
async fn ask(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, lines: &Lines) -> Option<OwnedWriteHalf> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = client.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        let cut = length >= WRITE_BYTES && lines.armed.swap(false, Ordering::Relaxed);
        server.write_all(&piece[..length]).await.ok()?;
        if cut {
            lines.cut.fetch_add(1, Ordering::Relaxed);
            return Some(server);
        }
    }
}

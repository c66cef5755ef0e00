//! Two listeners: one for the world, one for those who watch.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::application::Application;
use super::tls::TlsFiles;

const METRICS_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
const HEAD_SECONDS: u64 = 10;

/// How a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The address to listen on (`0.0.0.0`).
    pub host: String,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The address of the private port (`127.0.0.1`).
    pub metrics_host: String,
    /// The private port, which serves `/metrics`; 0 takes a free one, none serves no metrics.
    pub metrics_port: Option<u16>,
    /// Worker threads.
    pub workers: usize,
    /// How long what is in flight may take to end when the server stops.
    pub drain_timeout: Duration,
    /// TLS, if it is wanted.
    pub tls: Option<TlsFiles>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        const DRAIN_SECONDS: u64 = 30;
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            metrics_host: "127.0.0.1".to_owned(),
            metrics_port: None,
            workers: 2,
            drain_timeout: Duration::from_secs(DRAIN_SECONDS),
            tls: None,
        }
    }
}

/// A server that has its ports and serves nothing yet.
pub struct Server {
    settings: ServerSettings,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
}

impl Server {
    /// Takes the ports.
    ///
    /// # Errors
    /// When one cannot be had; the message names it.
    pub fn bind(settings: ServerSettings) -> io::Result<Self> {
        let listener = listen(&settings.host, settings.port)?;
        let metrics_listener =
            settings.metrics_port.map(|port| listen(&settings.metrics_host, port)).transpose()?;
        Ok(Self { settings, listener, metrics_listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where it serves `/metrics`.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn metrics_address(&self) -> io::Result<Option<SocketAddr>> {
        self.metrics_listener.as_ref().map(TcpListener::local_addr).transpose()
    }

    /// Begins to serve. Ends when [`RunningServer::stop`] is called: signals are the caller's ([`terminated`]).
    ///
    /// # Errors
    /// When a listener or TLS cannot be set up.
    pub fn start(self, mut application: Application) -> io::Result<RunningServer> {
        application.unfinished.run_in(Handle::current());
        let metrics =
            self.metrics_listener.map(|listener| start_metrics(listener, &application)).transpose()?;
        let worker = application.clone();
        let server = HttpServer::new(move || worker.app())
            .workers(self.settings.workers.max(1))
            .client_request_timeout(Duration::from_secs(HEAD_SECONDS))
            .tcp_nodelay(true)
            .shutdown_timeout(self.settings.drain_timeout.as_secs())
            .disable_signals();
        let server = match &self.settings.tls {
            None => server.listen(self.listener)?,
            Some(files) => {
                let config = files.server_config().map_err(io::Error::other)?;
                server.listen_rustls_0_23(self.listener, config)?
            }
        };
        let server = server.run();
        let handle = server.handle();
        let drain_timeout = self.settings.drain_timeout;
        Ok(RunningServer { application, handle, task: tokio::spawn(server), metrics, drain_timeout })
    }
}

fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {host}:{port}: {error}"));
    let listener = TcpListener::bind((host, port)).map_err(named)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn start_metrics(listener: TcpListener, application: &Application) -> io::Result<ServerHandle> {
    let render = application.metrics.clone();
    let server = HttpServer::new(move || {
        let render = render.clone();
        let metrics = move || {
            let text = render();
            async move { HttpResponse::Ok().content_type(METRICS_FORMAT).body(text) }
        };
        App::new().route("/metrics", web::get().to(metrics))
    });
    let server = server.workers(1).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

/// A server that serves.
pub struct RunningServer {
    application: Application,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
    metrics: Option<ServerHandle>,
    drain_timeout: Duration,
}

impl RunningServer {
    /// Ends: `/readyz` says 503, no new connections are taken, what is in flight ends within the drain time, and so
    /// does work that runs to its end though its client is gone.
    ///
    /// # Errors
    /// When the server had already failed.
    pub async fn stop(self) -> io::Result<()> {
        self.application.drain();
        self.handle.stop(true).await;
        if !self.application.unfinished.ended_within(self.drain_timeout).await {
            tracing::warn!("work that was begun did not end in time; recovery takes it up");
        }
        if let Some(metrics) = self.metrics {
            metrics.stop(false).await;
        }
        self.task.await.map_err(io::Error::other)?
    }

    /// Serves until the process is told to end, then ends like [`RunningServer::stop`].
    ///
    /// # Errors
    /// When signals cannot be heard, or the server failed.
    pub async fn until_terminated(mut self) -> io::Result<()> {
        tokio::select! {
            ended = &mut self.task => ended.map_err(io::Error::other)?,
            heard = terminated() => {
                heard?;
                self.stop().await
            }
        }
    }
}

/// Waits until the process is told to end (SIGTERM, or SIGINT from a terminal).
///
/// # Errors
/// When signals cannot be heard.
pub async fn terminated() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

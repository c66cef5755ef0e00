//! The life of the process.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use anyhow::{Context, bail};
use clap::Args;
use tender_composition::{
    AuthParts, Background, DatabaseReady, Following, KafkaEvents, Part, RandomIds, SystemClock,
    call_log_of_parts, credentials, kafka_options, server_settings, trusted_proxies,
};
use tender_http::{Application, AuthState, RunningServer, Server, ServerSettings, terminated};
use tender_postgres::PrivateCluster;
use tender_settings::Settings;
use tender_simulator::{SimulatorGateway, browser_routes};
use tender_telemetry::Metrics;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::build::{Built, World, build, public_url};
use super::database::{Database, keep_running};
use super::events::Carriers;
use super::folder::DataFolder;
use super::sandbox::make_sandbox;
use crate::commands::output::say;

/// Where it runs.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The data folder: PostgreSQL, secrets, the admin key; made when it is missing
    #[arg(long, value_name = "DIR", default_value = "data")]
    data_dir: PathBuf,
    /// The port, instead of the setting http.port; 0 takes a free one
    #[arg(long)]
    port: Option<u16>,
}

/// A process that serves.
struct Running {
    server: RunningServer,
    background: Background,
    cluster: Option<JoinHandle<PrivateCluster>>,
    /// Ends the watch over PostgreSQL, after everything else.
    release: CancellationToken,
}

/// `tender run`.
pub(crate) async fn run(arguments: RunArguments, settings: Settings, metrics: Metrics) -> anyhow::Result<()> {
    if settings.is_production() {
        bail!(
            "`tender run` is the sandbox: its gateway is simulated and its secrets are made in the data folder. Run the \
             services' own programs in production"
        );
    }
    let drain = Duration::from_secs(settings.http.drain_timeout_seconds);
    let running = tokio::select! {
        running = begin(arguments, settings, metrics) => running?,
        // Nothing is served yet; what was started is dropped, and PostgreSQL ends with it.
        heard = terminated() => return heard.context("signals cannot be heard"),
    };
    terminated().await.context("signals cannot be heard")?;
    running.end(drain).await
}

async fn begin(arguments: RunArguments, mut settings: Settings, metrics: Metrics) -> anyhow::Result<Running> {
    let started = Instant::now();
    settings.http.port = arguments.port.unwrap_or(settings.http.port);
    let server = Server::bind(with_free_metrics_port(server_settings(&settings.http)))?;
    let (address, metrics_address) = (server.address()?, server.metrics_address()?);

    let ids = Arc::new(RandomIds);
    let folder = DataFolder::prepare(&arguments.data_dir, &*ids)?;
    folder.secrets_into(&mut settings);
    let world = World { settings: Arc::new(settings), clock: Arc::new(SystemClock), ids };
    let settings = &world.settings;
    let database = Database::prepare(&folder, settings, &*world.ids).await?;

    let background = Background::default();
    let kafka = kafka_options(&settings.kafka).map(|options| KafkaEvents::begin(options, &background));
    // The folder is ours alone as long as its PostgreSQL is: then nobody else follows.
    let takeover = settings.database.url.is_none();
    let following = Following { owner: world.ids.uuid(), relay: settings.relay.clone(), takeover };
    let carriers = Carriers { following, kafka: kafka.transpose()? };
    let built = Box::pin(build(&world, &database, &carriers, address)).await?;
    let pepper = credentials::pepper(&settings.auth)?;
    make_sandbox(&built, &folder, &pepper).await?;

    let auth = AuthParts {
        tokens: credentials::token_verifier(&settings.auth, &background)?,
        pepper,
        environment: credentials::environment(settings),
        clock: Arc::clone(&world.clock),
    };
    let operations = &built.operations.service;
    let auth = auth.over(Arc::clone(operations) as _);
    let auth = Arc::new(auth.with_client_secrets(Arc::clone(&built.intents.service) as _));
    operations.have_forget(Arc::clone(&auth) as _);
    carriers.begin(&background, &built.parts, &built.follows);
    built.parts.iter().for_each(|part| part.begin_workers(&background));

    let kind = database.describe();
    let release = CancellationToken::new();
    let watched = database.into_cluster();
    let cluster = watched.map(|cluster| tokio::spawn(keep_running(cluster, release.clone())));
    let ready = ready_line(settings, &folder, kind, (address, metrics_address));
    let server = server.start(application(built, auth, settings, metrics)?)?;
    tracing::info!(elapsed_millis = started.elapsed().as_millis(), "ready");
    say(&ready)?;
    Ok(Running { server, background, cluster, release })
}

/// The default port of the metrics may be another Tender's: it is for people who look, and not worth failing for.
fn with_free_metrics_port(mut settings: ServerSettings) -> ServerSettings {
    let taken = |port: &u16| TcpListener::bind((settings.metrics_host.as_str(), *port)).is_err();
    if let Some(port) = settings.metrics_port.filter(taken) {
        tracing::warn!(port, "the port of the metrics cannot be had; taking a free one");
        settings.metrics_port = Some(0);
    }
    settings
}

fn ready_line(
    settings: &Settings,
    folder: &DataFolder,
    kind: &str,
    (address, metrics): (std::net::SocketAddr, Option<std::net::SocketAddr>),
) -> String {
    let url = public_url(settings, address);
    let url = if url.is_empty() { format!("http://127.0.0.1:{}", address.port()) } else { url };
    let metrics = metrics.map(|address| format!(", metrics http://{address}/metrics")).unwrap_or_default();
    let events = if settings.kafka.brokers.is_some() { "events over Kafka" } else { "events in the process" };
    format!("ready {url} (admin key {}, {kind}, {events}{metrics})", folder.admin_key().display())
}

fn application(
    built: Built,
    auth: Arc<AuthState>,
    settings: &Settings,
    metrics: Metrics,
) -> anyhow::Result<Application> {
    let Built { parts, simulator, origins, .. } = built;
    let ready = parts.first().map(|part| DatabaseReady::new("database", part.pool.clone()));
    let reads = call_log_of_parts(&parts);
    let application = Application::new("Tender", move |config| mount(config, &parts, &simulator, &auth))
        .request_timeout(Duration::from_secs(settings.http.request_timeout_seconds))
        .concurrent_requests(settings.limits.concurrent_requests_max)
        .allowed_origins(origins)
        .call_log(reads)
        .trusted_proxies(trusted_proxies(&settings.http)?)
        .metrics(move || metrics.render());
    Ok(ready.into_iter().fold(application, |application, ready| application.readiness(Arc::new(ready))))
}

fn mount(
    config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>,
    parts: &[Part],
    simulator: &SimulatorGateway,
    auth: &Arc<AuthState>,
) {
    config.app_data(Data::from(Arc::clone(auth)));
    for part in parts {
        (part.mount)(config);
    }
    config.map(|config| config.configure(browser_routes(simulator.clone())));
}

impl Running {
    /// Ends in order: no new requests, what is in flight ends, followers and workers end, PostgreSQL last.
    async fn end(self, drain: Duration) -> anyhow::Result<()> {
        tracing::info!("ending: what is in flight ends first");
        let served = self.server.stop().await;
        if !self.background.stop(drain).await {
            tracing::warn!(
                "some tasks behind the requests did not end in time; the next start takes them up again"
            );
        }
        self.release.cancel();
        if let Some(cluster) = self.cluster {
            let cluster = cluster.await.context("the watch over PostgreSQL failed")?;
            cluster.stop().await?;
        }
        tracing::info!("ended");
        served.context("the server failed")
    }
}

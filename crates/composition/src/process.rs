//! The life of a service's own process: settings, telemetry, adapters, server, and the orderly end.

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::{Arg, ArgMatches, Command, value_parser};
use tender_domain::ports::{Clock, Ids, ServiceTokens};
use tender_events::OriginsFollower;
use tender_http::{AllowedOrigins, Application, AuthState, ClientSecretVerifier, Server, terminated};
use tender_settings::{LogFormat as Format, Settings};
use tender_telemetry::{LogFormat, Telemetry, TelemetryOptions};

use crate::internal_http::internal_client;
use crate::keys::FollowedKeys;
use crate::{
    AuthParts, Background, CaughtUpReady, DatabaseReady, Following, Ground, KafkaEvents, KeySource, Part,
    RandomIds, SystemClock, credentials, database, kafka_options, required, server_settings, share_of_cores,
    trusted_proxies,
};

/// What a service's root makes its adapters of, in a process of its own.
pub struct Process {
    /// What the service stands on.
    pub ground: Ground,
    /// Calls other services.
    pub http: reqwest::Client,
    /// Signs those calls.
    pub tokens: Arc<dyn ServiceTokens>,
    /// Its events.
    pub kafka: Arc<KafkaEvents>,
}

/// What a service's root hands back.
pub struct Assembled {
    /// The service.
    pub part: Part,
    /// Where it finds API keys.
    pub keys: KeySource,
    /// Who tells what a client secret stands for; none where none counts.
    pub client_secrets: Option<Arc<dyn ClientSecretVerifier>>,
}

/// The main function of a service's own program: reads its command line, and runs what `assemble` makes until the
/// process is told to end.
pub fn service_main<F, A>(service: &'static str, title: &'static str, assemble: F) -> ExitCode
where
    F: FnOnce(Process) -> A,
    A: Future<Output = anyhow::Result<Assembled>>,
{
    let arguments = command(service, title).get_matches();
    match run(service, title, &arguments, assemble) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Telemetry may not have begun: whoever started the process reads this.
            tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard error.
pub fn tell(line: &str) {
    use std::io::Write;
    // Nobody is left to be told that nobody can be told.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn command(service: &'static str, title: &'static str) -> Command {
    let config =
        Arg::new("config").long("config").value_name("FILE").value_parser(value_parser!(PathBuf)).help(
            "A file of settings (TOML), over the defaults and under the variables TENDER__SECTION__KEY",
        );
    Command::new("tender")
        .bin_name(format!("tender-{service}"))
        .version(env!("CARGO_PKG_VERSION"))
        .about(format!("{title}. Settings come from --config and from variables TENDER__SECTION__KEY."))
        .arg(config)
}

/// Logs, traces and metrics as the settings say.
///
/// # Errors
/// When the settings of telemetry cannot be used.
pub fn start_telemetry(service: &'static str, settings: &Settings) -> anyhow::Result<Telemetry> {
    let telemetry = &settings.telemetry;
    let log_format = match telemetry.log_format {
        Format::Text => LogFormat::Text,
        Format::Json => LogFormat::Json,
    };
    let otlp_endpoint = telemetry.otlp_endpoint.as_deref();
    let options = TelemetryOptions { service, log_format, log_filter: &telemetry.log_filter, otlp_endpoint };
    Telemetry::start(options).context("telemetry cannot be started")
}

/// The runtime of a process beside the threads that serve requests: half as many threads as there are cores.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let built =
        tokio::runtime::Builder::new_multi_thread().worker_threads(share_of_cores()).enable_all().build();
    built.context("the system gives no threads")
}

fn run<F, A>(
    service: &'static str,
    title: &'static str,
    arguments: &ArgMatches,
    assemble: F,
) -> anyhow::Result<()>
where
    F: FnOnce(Process) -> A,
    A: Future<Output = anyhow::Result<Assembled>>,
{
    let settings = Settings::load(arguments.get_one::<PathBuf>("config").map(PathBuf::as_path))?;
    let telemetry = start_telemetry(service, &settings)?;
    let metrics = telemetry.metrics();
    runtime()?.block_on(async {
        let serving = async {
            let (server, background) =
                (Server::bind(server_settings(&settings.http))?, Background::default());
            let application = compose(service, title, settings.clone(), &background, assemble).await?;
            let application = application.metrics(move || metrics.render());
            Ok::<_, anyhow::Error>((server, application, background))
        };
        // A signal during the start ends it: nothing is served yet.
        let (server, application, background) = tokio::select! {
            serving = serving => serving?,
            heard = terminated() => return heard.context("signals cannot be heard"),
        };
        serve(service, server, application, background, &settings).await
    })
}

async fn compose<F, A>(
    service: &'static str,
    title: &'static str,
    settings: Settings,
    background: &Background,
    assemble: F,
) -> anyhow::Result<Application>
where
    F: FnOnce(Process) -> A,
    A: Future<Output = anyhow::Result<Assembled>>,
{
    let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let settings = Arc::new(settings);
    let url = required(Ok(settings.database.url.as_ref()), "database.url", "to keep anything")?;
    let brokers = kafka_options(&settings.kafka);
    let brokers = required(Ok(brokers), "kafka.brokers", "by a service in a process of its own")?;
    let kafka = Arc::new(KafkaEvents::begin(brokers, background)?);
    let process = Process {
        ground: Ground {
            settings: Arc::clone(&settings),
            connect: database::connect_options(&settings.database, url)?,
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        },
        http: internal_client(&settings.services)?,
        tokens: credentials::service_signer(service, &settings.service_auth, Arc::clone(&clock))?,
        kafka: Arc::clone(&kafka),
    };
    let Assembled { part, keys, client_secrets } = assemble(process).await?;

    let auth = AuthParts {
        tokens: credentials::token_verifier(&settings.auth, background)?,
        pepper: credentials::pepper(&settings.auth)?,
        environment: credentials::environment(&settings),
        clock: Arc::clone(&clock),
    };
    let verifier = credentials::service_verifier(service, &settings.service_auth)?;
    let mut checks: Vec<Arc<dyn tender_http::ReadinessCheck>> =
        vec![Arc::new(DatabaseReady::new("database", part.pool.clone()))];
    let auth = match keys {
        KeySource::Own { directory, have_forget } => {
            let auth = Arc::new(auth.over(directory).with_services(verifier));
            have_forget(Arc::clone(&auth) as _);
            auth
        }
        KeySource::Followed(owner) => {
            let copy = FollowedKeys::new(part.pool.clone(), part.name);
            let directory = copy.directory(owner, clock, &settings.auth);
            let auth = auth.over(directory).with_services(verifier);
            let auth = Arc::new(match client_secrets {
                Some(secrets) => auth.with_client_secrets(secrets),
                None => auth,
            });
            let caught_up = kafka.read_state(background, copy.follower(Arc::clone(&auth) as _))?;
            checks.push(Arc::new(CaughtUpReady { name: "api-keys", caught_up }));
            auth
        }
    };
    let origins = Arc::new(AllowedOrigins::default());
    let caught_up = kafka.read_state(background, Arc::new(OriginsFollower(Arc::clone(&origins) as _)))?;
    checks.push(Arc::new(CaughtUpReady { name: "allowed-origins", caught_up }));
    begin_work(&part, &kafka, background, &settings, ids.uuid());
    let application = application(title, &part, auth, &settings)
        .allowed_origins(origins)
        .trusted_proxies(trusted_proxies(&settings.http)?);
    Ok(checks.into_iter().fold(application, Application::readiness))
}

/// Relays what the part tells, and runs what it follows and does by itself.
fn begin_work(
    part: &Part,
    kafka: &KafkaEvents,
    background: &Background,
    settings: &Settings,
    owner: uuid::Uuid,
) {
    let following = Following { owner, relay: settings.relay.clone(), takeover: false };
    following.begin(background, &part.outbox(), kafka.relay());
    for consumer in &part.consumers {
        kafka.consume(background, Arc::clone(consumer));
    }
    part.begin_workers(background);
}

fn application(title: &'static str, part: &Part, auth: Arc<AuthState>, settings: &Settings) -> Application {
    let (mount, auth) = (Arc::clone(&part.mount), actix_web::web::Data::from(auth));
    let limit = Duration::from_secs(settings.http.request_timeout_seconds);
    Application::new(title, move |config| {
        config.app_data(auth.clone());
        mount(config);
    })
    .request_timeout(limit)
    .concurrent_requests(settings.limits.concurrent_requests_max)
    .call_log(Arc::clone(&part.call_log))
}

async fn serve(
    service: &'static str,
    server: Server,
    application: Application,
    background: Background,
    settings: &Settings,
) -> anyhow::Result<()> {
    let (address, metrics) = (server.address()?, server.metrics_address()?);
    let running = server.start(application)?;
    tracing::info!(service, %address, ?metrics, "serving");
    running.until_terminated().await.context("the server failed")?;
    let limit = Duration::from_secs(settings.http.drain_timeout_seconds);
    if !background.stop(limit).await {
        tracing::warn!(
            "some tasks behind the requests did not end in time; what they had begun is taken up again"
        );
    }
    tracing::info!(service, "ended");
    Ok(())
}

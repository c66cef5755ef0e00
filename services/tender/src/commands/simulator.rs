use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tender_composition::{Background, DatabaseReady, SystemClock, database, required, server_settings};
use tender_domain::simulator::SimulatorBooks;
use tender_gateways::HttpCallbackTarget;
use tender_http::{Application, ReadinessCheck, Server};
use tender_memory::MemorySimulatorBooks;
use tender_postgres::open_pool;
use tender_settings::{Settings, SimulatorBooks as Books, SimulatorCallbacks};
use tender_simulator::{CallbackSender, SimulatorGateway, SimulatorOptions, SimulatorServer, routes};
use tender_simulator_store::PgSimulatorBooks;
use tender_telemetry::Metrics;

/// How often the sender of callbacks looks by itself; what was just booked wakes it.
const CALLBACK_INTERVAL: Duration = Duration::from_millis(200);

/// `tender simulator`: the simulated gateway as a process of its own.
pub(crate) async fn serve(settings: Settings, metrics: Metrics) -> anyhow::Result<()> {
    if settings.is_production() {
        bail!("the simulated gateway is refused in production (setting environment)");
    }
    let server = Server::bind(server_settings(&settings.http))?;
    let secret = required(settings.simulator.secret(), "simulator.secret_file", "to know its callers")?;
    let mut readiness: Option<Arc<dyn ReadinessCheck>> = None;
    let books: Arc<dyn SimulatorBooks> = match settings.simulator.books {
        Books::Memory => Arc::new(MemorySimulatorBooks::new()),
        Books::Postgres => {
            let url = required(
                Ok(settings.database.url.as_ref()),
                "database.url",
                "to keep the simulator's books",
            )?;
            let connect = database::connect_options(&settings.database, url)?;
            let pool = open_pool(&connect, database::pool_options(&settings.database)).await;
            let pool = pool.context("the simulator's database cannot be used")?;
            readiness = Some(Arc::new(DatabaseReady::new("database", pool.clone())));
            Arc::new(PgSimulatorBooks::new(pool))
        }
    };
    let options = SimulatorOptions::new(secret.clone())
        .with_delay(Duration::from_millis(settings.simulator.delay_millis))
        .telling_everything(settings.simulator.callbacks == SimulatorCallbacks::All)
        .with_public_url(settings.services.simulator_url.as_deref().unwrap_or_default());
    let gateway = SimulatorGateway::new(books, Arc::new(SystemClock), options);
    let background = Background::default();
    if let Some(url) = &settings.simulator.callback_url {
        let target = HttpCallbackTarget::new(url).context("setting simulator.callback_url")?;
        tell(&background, &gateway, Arc::new(target));
    }
    let application = application(SimulatorServer { gateway, bearer: secret });
    let application = application.metrics(move || metrics.render());
    let application = readiness.into_iter().fold(application, Application::readiness);
    tracing::info!(address = %server.address()?, "the simulated gateway serves");
    let drain = Duration::from_secs(settings.http.drain_timeout_seconds);
    let served = server.start(application)?.until_terminated().await.context("the server failed");
    // What was not delivered is in the books, and is sent after the next start.
    background.stop(drain).await;
    served
}

/// Sends the callbacks until the process ends.
fn tell(background: &Background, gateway: &SimulatorGateway, target: Arc<HttpCallbackTarget>) {
    let (gateway, stopped) = (gateway.clone(), background.stopped());
    background.keep("callbacks of the simulated gateway", move |_| {
        CallbackSender::new(gateway.clone(), target.clone(), CALLBACK_INTERVAL).run(stopped.clone())
    });
}

fn application(server: SimulatorServer) -> Application {
    Application::new("Tender's simulated gateway", move |config| {
        config.map(|config| config.configure(routes(server.clone())));
    })
}

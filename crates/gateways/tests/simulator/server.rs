use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use tender_contract::gateway::GatewayRig;
use tender_domain::kernel::TenantId;
use tender_gateways::{HttpSimulatorGateway, HttpSimulatorOptions};
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions, SimulatorServer, routes};
use tender_testkit::SystemClock;

pub(crate) const BEARER: &str = "the bearer of tests";

/// A simulator server on a thread of its own; stopped when dropped.
pub(crate) struct RunningSimulator {
    pub(crate) port: u16,
    handle: ServerHandle,
}

impl RunningSimulator {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let options = SimulatorOptions::new("a secret of tests").with_delay(Duration::from_millis(50));
            let books = Arc::new(MemorySimulatorBooks::new());
            let gateway = SimulatorGateway::new(books, Arc::new(SystemClock), options);
            let configure = routes(SimulatorServer { gateway, bearer: BEARER.into() });
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || App::new().configure(configure.clone()))
                    .workers(1)
                    .disable_signals()
                    .listen(listener)
                    .expect("the listener is good")
                    .run();
                tell.send(server.handle()).expect("the test waits for it");
                server.await.expect("the server runs");
            });
        });
        Self { port, handle: told.recv().expect("the server starts") }
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        // Sends the command at once; the future only waits for its end.
        drop(self.handle.stop(false));
    }
}

pub(crate) fn client(port: u16) -> HttpSimulatorGateway {
    let options = HttpSimulatorOptions {
        deadline: Duration::from_secs(5),
        ..HttpSimulatorOptions::new(format!("http://127.0.0.1:{port}"), BEARER)
    };
    HttpSimulatorGateway::new(options).expect("good options")
}

pub(crate) async fn rig() -> (GatewayRig, RunningSimulator) {
    let server = RunningSimulator::start();
    (GatewayRig::simulator(Arc::new(client(server.port)), TenantId::sandbox()), server)
}

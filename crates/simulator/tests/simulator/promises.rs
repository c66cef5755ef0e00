//! The engine keeps the promises of a gateway, with its books in memory; and these keep those of books.

use std::sync::Arc;
use std::time::Duration;

use tender_contract::gateway::GatewayRig;
use tender_domain::kernel::TenantId;
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_testkit::SystemClock;

async fn gateway() -> (GatewayRig, ()) {
    let options = SimulatorOptions::new("a secret of tests").with_delay(Duration::from_millis(20));
    let simulator =
        SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), Arc::new(SystemClock), options);
    (GatewayRig::simulator(Arc::new(simulator), TenantId::sandbox()), ())
}

mod as_gateway {
    tender_contract::gateway_promises!(super::gateway);
}

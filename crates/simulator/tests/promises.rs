//! The engine keeps the promises of a gateway, with its books in memory.

use std::sync::Arc;
use std::time::Duration;

use tender_contract::gateway::GatewayRig;
use tender_domain::kernel::{TenantId, Timestamp, to_micros};
use tender_domain::ports::Clock;
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions};

struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        to_micros(chrono::Utc::now())
    }
}

async fn rig() -> (GatewayRig, ()) {
    let options = SimulatorOptions::new("a secret of tests").with_delay(Duration::from_millis(20));
    let simulator =
        SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), Arc::new(RealClock), options);
    (GatewayRig::simulator(Arc::new(simulator), TenantId::sandbox()), ())
}

tender_contract::gateway_promises!(rig);

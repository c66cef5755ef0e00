//! The simulated gateway's callbacks, handed to the intake of the same process without a wire between.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tender_composition::Worker;
use tender_domain::ports::{CallbackHeaders, CallbackIntake, PaymentGateway};
use tender_domain::simulator::{CallbackTarget, SignedCallback};
use tender_simulator::{CallbackSender, SimulatorGateway};

/// How often the sender looks by itself; what was just booked wakes it.
const INTERVAL: Duration = Duration::from_millis(200);

/// The intake as the simulator sees it: byte for byte what HTTP would carry.
struct DirectCallbacks {
    connector: String,
    intake: Arc<dyn CallbackIntake>,
}

#[async_trait]
impl CallbackTarget for DirectCallbacks {
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String> {
        let headers: CallbackHeaders = callback.headers.iter().cloned().collect();
        let taken = self.intake.take(&self.connector, &headers, callback.body.as_bytes()).await;
        taken.map_err(|fault| fault.to_string())
    }
}

/// What sends the simulator's callbacks to the intake.
pub(super) fn sender(simulator: &SimulatorGateway, intake: Arc<dyn CallbackIntake>) -> Worker {
    let target = DirectCallbacks { connector: simulator.name().to_owned(), intake };
    let (simulator, target) = (simulator.clone(), Arc::new(target));
    Worker::new("callbacks of the simulated gateway", move |stopped| {
        CallbackSender::new(simulator.clone(), target.clone(), INTERVAL).run(stopped)
    })
}

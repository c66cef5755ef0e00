//! The simulated gateway in a process of its own.

use std::sync::Arc;
use std::time::Duration;

use tender_gateways::{HttpSimulatorGateway, HttpSimulatorOptions};
use tender_settings::Settings;

use crate::required;

/// The simulated gateway behind the address that the settings name.
///
/// # Errors
/// When its address or the secret it shares with its callers is not set or cannot be used.
pub fn simulator_over_http(settings: &Settings) -> anyhow::Result<Arc<HttpSimulatorGateway>> {
    let url = settings.services.simulator_url.clone();
    let url = required(Ok(url), "services.simulator_url", "to make payments at the simulated gateway")?;
    let bearer =
        required(settings.simulator.secret(), "simulator.secret_file", "to call the simulated gateway")?;
    let options = HttpSimulatorOptions {
        deadline: Duration::from_millis(settings.gateways.call_timeout_millis),
        ..HttpSimulatorOptions::new(url, bearer)
    };
    Ok(Arc::new(HttpSimulatorGateway::new(options)?))
}

//! The gateways of tenants' own connectors: from a connector's configuration and secrets to its adapter.

mod factory;
mod late;
mod remote;
mod types;

pub use factory::ConnectorFactory;
pub use late::{LateCallsHeard, LateOwnGateways};
pub use remote::RemoteOwnGateways;

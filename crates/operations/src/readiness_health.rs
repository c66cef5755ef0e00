//! The health of a service in the same process.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::operations::{HealthSource, SubsystemHealth};
use tender_http::ReadinessCheck;

/// A part of this process that is up when it is ready: how the all-in-one, which has no `/readyz` of each service to
/// ask, shows them.
pub struct ReadinessHealth(Arc<dyn ReadinessCheck>);

impl ReadinessHealth {
    /// The health of what this checks, by its name.
    #[must_use]
    pub const fn new(check: Arc<dyn ReadinessCheck>) -> Self {
        Self(check)
    }
}

#[async_trait]
impl HealthSource for ReadinessHealth {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn check(&self) -> SubsystemHealth {
        match self.0.check().await {
            Ok(()) => SubsystemHealth::up(),
            Err(missing) => SubsystemHealth::down(missing),
        }
    }
}

//! The health of what is behind a wire: the other services, and a gateway.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tender_domain::operations::{HealthSource, SubsystemHealth};
use tender_domain::ports::PaymentGateway;

/// Whether another service is ready, as its `/readyz` says.
#[derive(Debug, Clone)]
pub struct ReadyzHealth {
    name: String,
    url: String,
    http: reqwest::Client,
    deadline: Duration,
}

impl ReadyzHealth {
    /// The health of service `name` (`vault`) at `base_url`.
    #[must_use]
    pub fn new(name: impl Into<String>, base_url: &str, http: reqwest::Client, deadline: Duration) -> Self {
        let url = format!("{}/readyz", base_url.trim_end_matches('/'));
        Self { name: name.into(), url, http, deadline }
    }
}

#[async_trait]
impl HealthSource for ReadyzHealth {
    fn name(&self) -> &str {
        &self.name
    }

    async fn check(&self) -> SubsystemHealth {
        match self.http.get(&self.url).timeout(self.deadline).send().await {
            Ok(response) if response.status().is_success() => SubsystemHealth::up(),
            Ok(response) if response.status() == reqwest::StatusCode::SERVICE_UNAVAILABLE => {
                SubsystemHealth::down("it says that it is not ready; its /readyz says why")
            }
            Ok(response) => SubsystemHealth::down(format!("its /readyz answered {}", response.status())),
            Err(error) => {
                tracing::warn!(service = %self.name, %error, "a service cannot be reached");
                SubsystemHealth::down("it cannot be reached")
            }
        }
    }
}

/// Whether a gateway answers and takes our credentials: no money moves, nothing is made.
pub struct GatewayHealth {
    gateway: Arc<dyn PaymentGateway>,
    name: String,
}

impl GatewayHealth {
    /// The health of this gateway.
    #[must_use]
    pub fn new(gateway: Arc<dyn PaymentGateway>) -> Self {
        let name = format!("gateway:{}", gateway.name());
        Self { gateway, name }
    }
}

#[async_trait]
impl HealthSource for GatewayHealth {
    fn name(&self) -> &str {
        &self.name
    }

    async fn check(&self) -> SubsystemHealth {
        match self.gateway.check_reachable().await {
            Ok(()) => SubsystemHealth::up(),
            Err(error) => {
                tracing::warn!(gateway = %self.name, %error, "a gateway does not answer");
                SubsystemHealth::down("it does not answer")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tender_domain::operations::HealthState;
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    async fn health_of(answer: ResponseTemplate) -> HealthState {
        let server = MockServer::start().await;
        Mock::given(path("/readyz")).respond_with(answer).mount(&server).await;
        let deadline = Duration::from_millis(500);
        let health = ReadyzHealth::new("vault", &server.uri(), reqwest::Client::new(), deadline);
        health.check().await.state
    }

    #[tokio::test]
    async fn a_service_is_up_only_when_it_says_that_it_is_ready() {
        assert_eq!(health_of(ResponseTemplate::new(200)).await, HealthState::Up);
        assert_eq!(health_of(ResponseTemplate::new(503)).await, HealthState::Down);
        assert_eq!(health_of(ResponseTemplate::new(404)).await, HealthState::Down);
        let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(5));
        assert_eq!(health_of(late).await, HealthState::Down);
    }

    #[tokio::test]
    async fn a_service_that_cannot_be_reached_is_down_and_its_address_is_not_told() {
        let health =
            ReadyzHealth::new("vault", "http://127.0.0.1:1", reqwest::Client::new(), Duration::from_secs(1));
        let found = health.check().await;
        assert_eq!(found, SubsystemHealth::down("it cannot be reached"));
    }
}

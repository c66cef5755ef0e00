//! Health of what carries events.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use tender_domain::kernel::Topic;
use tender_domain::operations::{HealthSource, SubsystemHealth};
use tender_kafka::BrokerProbe;
use tender_postgres::OutboxLog;

/// Who asks for the health of everything counts as down what takes two seconds.
const ANSWER_LIMIT: Duration = Duration::from_millis(1500);
/// From when on events are late.
const LATE: Duration = Duration::from_secs(10);
/// From when on they do not come at all.
const STUCK: Duration = Duration::from_secs(300);

/// Whether Kafka answers. Without it payments go on and their events wait, so its absence is no outage.
pub struct KafkaHealth(pub BrokerProbe);

#[async_trait]
impl HealthSource for KafkaHealth {
    fn name(&self) -> &str {
        "kafka"
    }

    async fn check(&self) -> SubsystemHealth {
        let problem = match tokio::time::timeout(ANSWER_LIMIT, self.0.ready()).await {
            Ok(Ok(())) => return SubsystemHealth::up(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", ANSWER_LIMIT.as_millis()),
        };
        tracing::warn!(problem, "Kafka does not answer");
        SubsystemHealth::degraded("it does not answer; events wait in the outboxes")
    }
}

/// How long the oldest event has waited for the slowest of these followers.
pub struct EventLagHealth {
    /// Each follower's view of its outbox, with the topics it follows.
    pub followers: Vec<(OutboxLog, &'static [Topic])>,
}

#[async_trait]
impl HealthSource for EventLagHealth {
    fn name(&self) -> &str {
        "events"
    }

    async fn check(&self) -> SubsystemHealth {
        let asked = join_all(self.followers.iter().map(|(log, topics)| log.lag(topics))).await;
        let lags: Result<Vec<Duration>, _> = asked.into_iter().collect();
        match lags.map(|lags| lags.into_iter().max().unwrap_or_default()) {
            Ok(lag) if lag < LATE => SubsystemHealth::up(),
            Ok(lag) => {
                let detail = format!("the oldest event has waited for {} s", lag.as_secs());
                if lag < STUCK { SubsystemHealth::degraded(detail) } else { SubsystemHealth::down(detail) }
            }
            Err(error) => {
                tracing::warn!(%error, "the event lag cannot be read");
                SubsystemHealth::down("the event lag cannot be read")
            }
        }
    }
}

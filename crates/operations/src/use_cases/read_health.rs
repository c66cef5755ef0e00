use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tender_domain::operations::{Health, HealthSource, SubsystemHealth};
use tokio::time::timeout;

use crate::OperationsService;

/// How long a part may take to say how it is.
const LIMIT: Duration = Duration::from_secs(2);
/// From when on a part that says that it is well is slow.
const SLOW: Duration = Duration::from_millis(500);

impl OperationsService {
    /// How the parts of the platform work, all asked at once; one that does not answer in time is down.
    pub async fn read_health(&self) -> Health {
        let subsystems = join_all(self.health_sources().iter().map(|source| ask(&**source))).await;
        Health { subsystems }
    }
}

async fn ask(source: &dyn HealthSource) -> (String, SubsystemHealth, Duration) {
    let begin = Instant::now();
    let answer = timeout(LIMIT, source.check()).await;
    let latency = begin.elapsed();
    let health = match answer {
        Err(_) => SubsystemHealth::down(format!("no answer within {} s", LIMIT.as_secs())),
        Ok(health) if health == SubsystemHealth::up() && latency >= SLOW => {
            SubsystemHealth::degraded(format!("slow: took {} ms to answer", latency.as_millis()))
        }
        Ok(health) => health,
    };
    (source.name().to_owned(), health, latency)
}

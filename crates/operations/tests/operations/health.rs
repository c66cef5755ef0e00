use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use serde_json::json;
use tender_domain::operations::{HealthSource, SubsystemHealth};

use crate::rig::{Answer, Rig};

struct Part(&'static str, SubsystemHealth, Duration);

#[async_trait]
impl HealthSource for Part {
    fn name(&self) -> &str {
        self.0
    }

    async fn check(&self) -> SubsystemHealth {
        tokio::time::sleep(self.2).await;
        self.1.clone()
    }
}

async fn health_of(parts: Vec<Part>) -> Answer {
    let parts = parts.into_iter().map(|part| Arc::new(part) as Arc<dyn HealthSource>).collect();
    Rig::with_health(parts).admin(TestRequest::get().uri("/v1/payments/health")).await
}

#[actix_web::test]
async fn every_part_is_shown_and_the_worst_decides() {
    let up = || Part("database", SubsystemHealth::up(), Duration::ZERO);
    let late =
        || Part("events", SubsystemHealth::degraded("the oldest event waits since 20 s"), Duration::ZERO);
    let down = || Part("vault", SubsystemHealth::down("it cannot be reached"), Duration::ZERO);

    let well = health_of(vec![up(), late()]).await;
    assert_eq!((well.status.as_u16(), &well.json()["status"]), (200, &"degraded".into()));
    let badly = health_of(vec![up(), late(), down()]).await;
    let body = badly.json();
    assert_eq!((badly.status.as_u16(), &body["status"]), (503, &"down".into()));
    let parts = body["subsystems"].as_array().unwrap();
    let shown: Vec<_> = parts.iter().map(|part| (part["name"].clone(), part["status"].clone())).collect();
    assert_eq!(json!(shown), json!([["database", "up"], ["events", "degraded"], ["vault", "down"]]));
    assert!(parts.iter().all(|part| part["latency_ms"].is_u64()), "{body}");
}

#[actix_web::test]
async fn a_part_that_does_not_answer_is_down_and_holds_nobody_up() {
    let hangs = || Part("vault", SubsystemHealth::up(), Duration::from_secs(3600));
    let answer = health_of(vec![hangs(), hangs()]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["subsystems"][0]["detail"], "no answer within 2 s");
}

//! `/livez` and `/readyz`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use futures_util::future::join_all;
use serde::Serialize;

use crate::answer::respond_json;

const CHECK_SECONDS: u64 = 2;

/// Something a process needs before it can serve: its database, its projections being caught up.
#[async_trait]
pub trait ReadinessCheck: Send + Sync {
    /// What is checked (`database`).
    fn name(&self) -> &str;

    /// Whether it is ready. Asked often; given two seconds.
    ///
    /// # Errors
    /// What is missing, for an operator; no secrets, for anybody may read it.
    async fn check(&self) -> Result<(), String>;
}

/// What the two routes look at.
#[derive(Clone, Default)]
pub(crate) struct Health {
    pub(crate) checks: Vec<Arc<dyn ReadinessCheck>>,
    pub(crate) draining: Arc<AtomicBool>,
}

#[derive(Serialize)]
struct CheckReport<'a> {
    name: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    status: &'static str,
    checks: Vec<CheckReport<'a>>,
}

/// The process runs; whoever asks need not start it again.
pub(super) async fn livez() -> HttpResponse {
    respond_json(200, &Report { status: "alive", checks: Vec::new() })
}

/// 200 when requests can be served, 503 with the reasons when not, or when the process is about to end.
pub(super) async fn readyz(health: web::Data<Health>) -> HttpResponse {
    let limit = Duration::from_secs(CHECK_SECONDS);
    let asked = health.checks.iter().map(|check| async move {
        let answer = tokio::time::timeout(limit, check.check()).await;
        let detail = answer.unwrap_or_else(|_| Err(format!("no answer within {CHECK_SECONDS} s"))).err();
        CheckReport {
            name: check.name(),
            status: if detail.is_none() { "ready" } else { "not_ready" },
            detail,
        }
    });
    let checks = join_all(asked).await;
    let draining = health.draining.load(Ordering::Relaxed);
    let ready = !draining && checks.iter().all(|check| check.detail.is_none());
    let status = match (draining, ready) {
        (true, _) => "draining",
        (false, true) => "ready",
        (false, false) => "not_ready",
    };
    respond_json(if ready { 200 } else { 503 }, &Report { status, checks })
}

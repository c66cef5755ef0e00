//! What Tender promises, asked of the built programs over HTTP, on both topologies.

mod access;
mod adventures_disputes;
mod annex;
mod bad_input;
mod bad_stage;
mod browsers;
mod callbacks;
mod canary;
mod captures;
mod concurrency;
mod connectors;
mod crowds;
mod declines;
mod disputes;
mod evidence_files;
mod examples;
mod first_payment;
mod hotels;
mod idempotency;
mod reads;
mod rentals_codes;
mod retried_refunds;
mod routes;
mod sessions;
mod storefronts;
mod suite;
mod tickets;
mod unknown;
mod verifications;

use tender_e2e::{Collector, System, Topology};
use tokio::sync::Mutex;

/// One system at a time: two would share the machine, and promises about time-outs would be asked of a busy one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Calls of a gateway are given up sooner than by default, and everything is logged and traced: what is told must hold no
/// card number, whatever the level (`canary.rs`). To log in to PostgreSQL takes an unoptimised build a second, and a burst of
/// requests logs in as often as the pool is large: so it may wait for long.
const SETTINGS: [(&str, &str); 4] = [
    ("TENDER__DATABASE__ACQUIRE_TIMEOUT_MILLIS", "25000"),
    ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ("TENDER__TELEMETRY__LOG_FILTER", "trace"),
    ("LOG_FILTER", "trace"),
];

/// The settings, with traces sent there.
fn settings(traces: &Collector) -> Vec<(&'static str, &str)> {
    let traced = ("TENDER__TELEMETRY__OTLP_ENDPOINT", traces.url());
    SETTINGS.into_iter().chain([traced]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_all_in_one_keeps_every_promise() {
    let alone = ONE_AT_A_TIME.lock().await;
    let traces = Collector::start().expect("a collector of traces");
    let system = System::all_in_one(&settings(&traces)).await.unwrap_or_else(|error| panic!("{error:#}"));
    suite::run(System { traces: Some(traces), ..system }, alone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_services_over_kafka_keep_every_promise() {
    let alone = ONE_AT_A_TIME.lock().await;
    let traces = Collector::start().expect("a collector of traces");
    let system = System::five(&settings(&traces)).await.unwrap_or_else(|error| panic!("{error:#}"));
    let Some(system) = system else { return };
    let system = suite::run(System { traces: Some(traces), ..system }, alone).await;
    let Topology::Five(five, _) = &system.topology else { panic!("another topology was started") };
    five.prove("five services over Kafka keep every promise").expect("the proof is written");
}

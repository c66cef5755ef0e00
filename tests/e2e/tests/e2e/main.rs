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
mod rentals_codes;
mod retried_refunds;
mod routes;
mod sessions;
mod storefronts;
mod suite;
mod tickets;
mod unknown;
mod verifications;

use tender_e2e::{System, Topology};
use tokio::sync::Mutex;

/// One system at a time: two would share the machine, and promises about time-outs would be asked of a busy one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Calls of a gateway are given up sooner than by default, and everything is logged: what is logged must hold no
/// card number, whatever the level. To log in to PostgreSQL takes an unoptimised build a second, and a burst of
/// requests logs in as often as the pool is large: so it may wait for long.
const SETTINGS: [(&str, &str); 4] = [
    ("TENDER__DATABASE__ACQUIRE_TIMEOUT_MILLIS", "25000"),
    ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ("TENDER__TELEMETRY__LOG_FILTER", "trace"),
    ("LOG_FILTER", "trace"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_all_in_one_keeps_every_promise() {
    let alone = ONE_AT_A_TIME.lock().await;
    let system = System::all_in_one(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    suite::run(system, alone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_services_over_kafka_keep_every_promise() {
    let alone = ONE_AT_A_TIME.lock().await;
    let system = System::five(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let Some(system) = system else { return };
    let system = suite::run(system, alone).await;
    let Topology::Five(five, _) = &system.topology else { panic!("another topology was started") };
    five.prove("five services over Kafka keep every promise").expect("the proof is written");
}

//! Kafka is away for a while under the five services.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tender_chaos::{Dice, Load};
use tender_e2e::{Database, Event, System, Topology, until};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

/// A minute is what is promised; the tests of every day make do with less.
fn outage() -> Duration {
    let seconds = std::env::var("TENDER_CHAOS_OUTAGE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_kafka_payments_go_on_and_afterwards_every_event_is_there_in_order() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("Kafka away");
    let system = System::five(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let Some(system) = system else { return };
    let Topology::Five(five, kafka) = &system.topology else { panic!("another topology was started") };
    let mut load = Load::begin(system.tenant(), CUSTOMERS, &mut dice).await;
    load.until_answered(CUSTOMERS).await;

    five.stop_kafka().await.expect("Kafka ended");
    let before = load.answered();
    tokio::time::sleep(outage()).await;
    let during = load.answered() - before;
    five.start_kafka().await.expect("Kafka starts again");
    assert!(during > CUSTOMERS, "{during} orders were answered while Kafka was away");

    load.until_answered(CUSTOMERS).await;
    load.stop().await;
    drop(alone);
    let report = five.check().await.unwrap_or_else(|error| format!("{error:#}"));
    let written: BTreeSet<String> = ["intents", "refunds"]
        .iter()
        .flat_map(|schema| system.database.query(&format!("SELECT id::text FROM {schema}.outbox")))
        .map(|row| row["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    // Whether a broken report is the relay's doing or a consumer's, only the topics tell.
    let arrival = || arrival(&system.database, &written, &kafka.all());
    assert!(report.contains("Everything is in order."), "{}\n{report}", arrival());
    load.audit(&system.database).await;

    let arrived =
        until(Duration::from_secs(60), || async { missing(&written, &kafka.all()).is_empty().then_some(()) });
    assert!(arrived.await.is_some(), "{}", arrival());
    in_order(&kafka.all());
    eprintln!("{during} orders while Kafka was away; {} events, each key's in order", written.len());
    five.prove("without Kafka payments go on, and afterwards every event is there in order")
        .expect("the proof");
}

/// What was written and not read.
fn missing<'a>(written: &'a BTreeSet<String>, read: &[Event]) -> Vec<&'a String> {
    let there: BTreeSet<&String> = read.iter().map(|event| &event.id).collect();
    written.iter().filter(|id| !there.contains(id)).collect()
}

/// Which events have not come, and how far who hands them on has got.
fn arrival(database: &Database, written: &BTreeSet<String>, read: &[Event]) -> String {
    let positions = database.query(
        "SELECT 'intents' AS schema, follower, tx, n, (SELECT max(tx) FROM intents.outbox) AS last \
         FROM intents.outbox_positions \
         UNION ALL SELECT 'refunds', follower, tx, n, (SELECT max(tx) FROM refunds.outbox) \
         FROM refunds.outbox_positions",
    );
    let missing = missing(written, read);
    format!("of {} events {} were not read: {missing:?}; {positions:?}", written.len(), missing.len())
}

/// Fails unless the events of a key came first in the order of their versions; repetitions do not count.
fn in_order(events: &[Event]) {
    let (mut last, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for event in events.iter().filter(|event| seen.insert(&event.id)) {
        let Some(versioned) = versioned(event) else { continue };
        let before = last.insert((&event.topic, versioned.clone()), event.version).unwrap_or(0);
        assert!(before <= event.version, "version {} of {versioned} came after {before}", event.version);
    }
}

/// What an event's version is of: its key; of what somebody did, what it was done to, and nothing where it was only read.
fn versioned(event: &Event) -> Option<String> {
    if event.topic != "audit.recorded" {
        return Some(event.key.clone());
    }
    let line: Value = serde_json::from_str(&event.data).expect("JSON");
    let was_read = line["details"]["route"].is_string();
    (!was_read).then(|| line["resourceId"].as_str().expect("an id").to_owned())
}

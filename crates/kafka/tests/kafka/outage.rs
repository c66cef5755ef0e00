//! A broker that goes away and comes back, with what it had. The test starts one of its own, so as not to stop the one
//! that other tests use.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{HandleError, deliver};
use tender_kafka::KafkaRelay;
use tokio::process::Command;

use crate::recorder::Recorder;
use crate::world::{World, brokers, mixed, until};

const TOPICS: &[Topic] = &[Topic::PAYMENT_PROCESSED];

/// A broker in a folder of its own; ended when it is dropped.
struct OwnBroker {
    folder: TempDir,
    port: u16,
    controller_port: u16,
}

impl OwnBroker {
    fn new() -> Self {
        // Both at once, so that they differ.
        let listen = || std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (one, other) = (listen(), listen());
        let port = |listener: &std::net::TcpListener| listener.local_addr().expect("address").port();
        Self { folder: TempDir::new().expect("folder"), port: port(&one), controller_port: port(&other) }
    }

    fn script() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/local/kafka.sh")
    }

    fn command(&self, verb: &str) -> std::process::Command {
        let mut command = std::process::Command::new(Self::script());
        command
            .arg(verb)
            .env("TENDER_LOCAL_DIR", self.folder.path())
            .env("KAFKA_PORT", self.port.to_string())
            .env("KAFKA_CONTROLLER_PORT", self.controller_port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    async fn run(&self, verb: &str) -> bool {
        let status = Command::from(self.command(verb)).status().await;
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        let _ = self.command("wipe").status();
    }
}

/// Relays as the follower of an outbox does: batch by batch, and from the first that failed again.
async fn relay_all(relay: &KafkaRelay, messages: &[Message], published: &AtomicUsize, failed: &AtomicUsize) {
    let mut from = 0;
    while from < messages.len() {
        let batch = &messages[from..messages.len().min(from + 50)];
        let deliveries = deliver(relay, batch, 64).await;
        let stopped = deliveries.iter().find(|d| matches!(d.result, Err(HandleError::Retry(_))));
        assert!(!deliveries.iter().any(|d| matches!(d.result, Err(HandleError::Poison(_)))));
        from += stopped.map_or(batch.len(), |delivery| delivery.index);
        published.store(from, Ordering::SeqCst);
        failed.fetch_add(usize::from(stopped.is_some()), Ordering::SeqCst);
        // The rate of a shop that goes on selling, so that the outage falls amid messages.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_away_gets_everything_and_gives_it_in_order() {
    let promise = "a broker that was away gets everything and gives it in order";
    if brokers(promise).is_none() {
        return;
    }
    let broker = OwnBroker::new();
    if !broker.run("start").await {
        let required = std::env::var("REQUIRE_KAFKA").is_ok_and(|value| value == "1");
        assert!(!required, "REQUIRE_KAFKA=1, but no broker of our own could be started");
        eprintln!("SKIPPED, no broker of our own could be started: {promise}");
        return;
    }
    let world = World::at(format!("127.0.0.1:{}", broker.port), promise, TOPICS).await;
    let recorder = Recorder::willing("enduring", TOPICS);
    let running = recorder.start(&world.options, &world.publisher);
    let sent = mixed(Topic::PAYMENT_PROCESSED, 40, 1..=60);
    let (published, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let relaying = {
        let relay = KafkaRelay::new(Arc::clone(&world.publisher));
        let (sent, published, failed) = (sent.clone(), Arc::clone(&published), Arc::clone(&failed));
        tokio::spawn(async move { relay_all(&relay, &sent, &published, &failed).await })
    };
    until("some are published", || published.load(Ordering::SeqCst) > 100).await;
    assert!(broker.run("stop").await, "stopped");
    until("the relay has noticed", || failed.load(Ordering::SeqCst) > 0).await;
    assert!(published.load(Ordering::SeqCst) < sent.len(), "the outage fell amid messages");
    assert!(broker.run("start").await, "started again");
    relaying.await.expect("all are published");
    until("all are handled", || recorder.has_all(&sent)).await;
    recorder.assert_order_per_key();
    running.stop().await;
    world.finish().await;
}

//! Nothing of an outbox is skipped by a server that came back, and nothing is done twice for one that has to wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_postgres::{FollowerOptions, OutboxFollower, OutboxLog, PoolOptions, open_pool, ping};
use tender_testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::outbox::Recorder;
use crate::probe::{Fixture, change, id, message};

/// As after a crash: the ids that left nothing durable are handed out again, all connections were cut, and others found
/// that out before the follower did.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_id_that_a_server_hands_out_again_after_a_crash_is_not_skipped() {
    let fixture = Fixture::start().await;
    let connect = fixture.database.connect_as("probe").application_name("reads");
    let pool = open_pool(&connect, PoolOptions::default()).await.expect("a pool");
    let recorder = Arc::new(Recorder::default());
    let log = OutboxLog::new(pool.clone(), "probe", "recorder", id(), Duration::from_secs(600));
    let consumer = Arc::clone(&recorder) as Arc<dyn Consumer>;
    let options = FollowerOptions { poll: Duration::from_millis(200), ..FollowerOptions::default() };
    let follower = OutboxFollower::new(log, consumer, fixture.writer.told(), options);
    let stop = CancellationToken::new();
    let following = tokio::spawn(follower.run(stop.clone()));
    assert!(fixture.writer.commit(change().tell([message("k", 1)])).await.is_ok());
    eventually("the first is seen", || async { recorder.has_seen(1).then_some(()) }).await;
    for _ in 0..100 {
        let _ = fixture.number("SELECT pg_current_xact_id()::text::bigint").await;
    }
    // Time for some looks, by which it passes over those.
    tokio::time::sleep(Duration::from_secs(1)).await;
    // What the server writes when it is back. This one has not forgotten the ids after it: so it comes before the cut.
    fixture
        .as_admin(
            "INSERT INTO probe.outbox(tenant_id,tx,n,id,topic,key,subject,source,\"time\",version,data) \
             SELECT 'sandbox',max(tx)+1,1,gen_random_uuid(),'payment.processed','k','k','/tender/intents',now(),2,'{}' \
             FROM probe.outbox",
        )
        .await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name='reads' AND datname=current_database()";
    assert!(fixture.number(cut).await >= 1);
    for _ in 0..20 {
        let _ = ping(&pool).await;
    }
    eventually("what came under such an id is seen", || async { recorder.has_seen(2).then_some(()) }).await;
    stop.cancel();
    following.await.expect("it ends");
}

/// Has one message wait for its third time.
#[derive(Default)]
struct Waiting(Mutex<HashMap<String, u32>>);

#[async_trait]
impl Consumer for Waiting {
    fn name(&self) -> &'static str {
        "waiting"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::PAYMENT_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let mut tries = self.0.lock().expect("held shortly");
        let tries = tries.entry(format!("{} {}", message.key, message.version.number())).or_default();
        *tries += 1;
        if message.key == "waits" && message.version.number() == 1 && *tries < 3 {
            return Err(HandleError::Retry("not now".into()));
        }
        if message.key == "bad" {
            return Err(HandleError::Poison("it is bad".into()));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_behind_a_message_that_has_to_wait_is_not_done_again() {
    let fixture = Fixture::start().await;
    let told = ["waits", "other", "waits", "bad"].into_iter().zip([1, 1, 2, 1]);
    let told = told.chain((2..50).map(|version| ("other", version)));
    let told: Vec<_> = told.map(|(key, version)| message(key, version)).collect();
    assert!(fixture.writer.commit(change().tell(told)).await.is_ok());
    let waiting = Arc::new(Waiting::default());
    let pool =
        open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool");
    let log = OutboxLog::new(pool, "probe", "waiting", id(), Duration::from_secs(60));
    let consumer = Arc::clone(&waiting) as Arc<dyn Consumer>;
    let follower = OutboxFollower::new(log, consumer, fixture.writer.told(), FollowerOptions::default());
    let stop = CancellationToken::new();
    let following = tokio::spawn(follower.run(stop.clone()));
    eventually("all of them done", || async {
        let done = "SELECT count(*) FROM probe.outbox_positions WHERE n=(SELECT max(n) FROM probe.outbox)";
        (fixture.number(done).await == 1).then_some(())
    })
    .await;
    stop.cancel();
    following.await.expect("it ends");
    let tries = waiting.0.lock().expect("held shortly");
    assert_eq!(tries.len(), 52);
    for (which, tries) in tries.iter() {
        assert_eq!(*tries, if which == "waits 1" { 3 } else { 1 }, "{which}");
    }
}

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tender_domain::kernel::{EventId, Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_postgres::{
    FollowerOptions, OutboxFollower, OutboxLog, PoolOptions, ReplayedLetters, open_pool, replay_letters,
};
use tender_testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::probe::{Fixture, Write, change, id, message};

#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) seen: Mutex<Vec<Message>>,
    /// Fails each message the first time.
    fails_first: bool,
    failed: Mutex<HashSet<EventId>>,
    poison: Option<&'static str>,
}

impl Recorder {
    pub(crate) fn has_seen(&self, version: i64) -> bool {
        let seen = self.seen.lock().expect("held shortly");
        seen.iter().any(|message| message.version.number() == version)
    }
}

#[async_trait]
impl Consumer for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::PAYMENT_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        if self.poison == Some(&*message.key) {
            return Err(HandleError::Poison("it is bad".into()));
        }
        if self.fails_first
            && rand::random_ratio(1, 50)
            && self.failed.lock().expect("held shortly").insert(message.id)
        {
            return Err(HandleError::Retry("not now".into()));
        }
        self.seen.lock().expect("held shortly").push(message.clone());
        Ok(())
    }
}

struct Following {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Following {
    async fn start(fixture: &Fixture, recorder: &Arc<Recorder>, takeover: bool) -> Self {
        let pool =
            open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool");
        let log = OutboxLog::new(pool, "probe", "recorder", id(), Duration::from_secs(5));
        let options = FollowerOptions { takeover, batch_max: 100, ..FollowerOptions::default() };
        let follower = OutboxFollower::new(
            log,
            Arc::clone(recorder) as Arc<dyn Consumer>,
            fixture.writer.told(),
            options,
        );
        let stop = CancellationToken::new();
        Self { stop: stop.clone(), task: tokio::spawn(follower.run(stop)) }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("the follower ends");
    }
}

async fn write_histories(fixture: &Fixture, things: usize, versions: i64) {
    let histories = (0..things).map(|_| async {
        let thing = id();
        let key = thing.to_string();
        let new = change().save(Write::New { id: thing, amount: 1 }).tell([message(&key, 1)]);
        assert!(fixture.writer.commit(new).await.is_ok());
        for loaded in 1..versions {
            let set = change()
                .save(Write::Set { id: thing, loaded, amount: loaded })
                .tell([message(&key, loaded + 1)]);
            let set = if loaded % 2 == 0 { set.in_background() } else { set };
            assert!(fixture.writer.commit(set).await.is_ok());
        }
    });
    futures_util::future::join_all(histories).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_arrives_in_order_per_key_also_when_the_follower_fails_and_is_replaced() {
    let fixture = Fixture::start().await;
    let recorder = Arc::new(Recorder { fails_first: true, ..Recorder::default() });
    let following = Following::start(&fixture, &recorder, false).await;
    write_histories(&fixture, 40, 10).await;
    following.end().await;
    // The next process takes over at once and goes on from the position.
    let following = Following::start(&fixture, &recorder, true).await;
    write_histories(&fixture, 20, 10).await;
    let expected = 60 * 10;
    eventually("all messages seen", || async {
        let seen = recorder.seen.lock().expect("held shortly");
        let distinct: HashSet<EventId> = seen.iter().map(|message| message.id).collect();
        (distinct.len() == expected).then_some(())
    })
    .await;
    following.end().await;
    let mut last: HashMap<String, i64> = HashMap::new();
    let mut known = HashSet::new();
    for message in
        recorder.seen.lock().expect("held shortly").iter().filter(|message| known.insert(message.id))
    {
        let before = last.insert(message.key.clone(), message.version.number()).unwrap_or(0);
        assert_eq!(message.version.number(), before + 1, "out of order for {}", message.key);
    }
}

/// Takes its time for every message.
#[derive(Default)]
struct Slow(Mutex<Vec<EventId>>);

#[async_trait]
impl Consumer for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::PAYMENT_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        self.0.lock().expect("held shortly").push(message.id);
        tokio::time::sleep(Duration::from_millis(700)).await;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_takes_longer_than_the_lease_is_not_handed_to_another_process_meanwhile() {
    let fixture = Fixture::start().await;
    for version in 1..=3 {
        assert!(fixture.writer.commit(change().tell([message("one", version)])).await.is_ok());
    }
    let slow = Arc::new(Slow::default());
    let stop = CancellationToken::new();
    let mut followers = Vec::new();
    for _ in 0..2 {
        let pool =
            open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool");
        let log = OutboxLog::new(pool, "probe", "slow", id(), Duration::from_millis(600));
        let consumer = Arc::clone(&slow) as Arc<dyn Consumer>;
        let follower = OutboxFollower::new(log, consumer, fixture.writer.told(), FollowerOptions::default());
        followers.push(tokio::spawn(follower.run(stop.clone())));
    }
    eventually("the batch handled", || async {
        let done = fixture.number("SELECT count(*) FROM probe.outbox_positions WHERE tx > 0").await;
        (done == 1 && slow.0.lock().expect("held shortly").len() >= 3).then_some(())
    })
    .await;
    stop.cancel();
    for follower in followers {
        follower.await.expect("it ends");
    }
    assert_eq!(slow.0.lock().expect("held shortly").len(), 3, "each message was handled once");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_other_topics_are_passed_over_once_and_what_comes_after_them_is_seen() {
    let fixture = Fixture::start().await;
    let recorder = Arc::new(Recorder::default());
    let following = Following::start(&fixture, &recorder, false).await;
    for version in 1..=20 {
        let other = Message { topic: Topic::PAYMENT_FAILED, ..message("other", version) };
        assert!(fixture.writer.commit(change().tell([other])).await.is_ok());
    }
    eventually("the position beyond them", || async {
        let beyond =
            "SELECT count(*) FROM probe.outbox_positions WHERE tx>=(SELECT max(tx) FROM probe.outbox)";
        (fixture.number(beyond).await == 1).then_some(())
    })
    .await;
    assert!(fixture.writer.commit(change().tell([message("own", 1)])).await.is_ok());
    eventually("the own one seen", || async {
        (recorder.seen.lock().expect("held shortly").len() == 1).then_some(())
    })
    .await;
    following.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_is_put_aside_and_handed_over_again_as_it_was_when_it_is_asked_for() {
    let fixture = Fixture::start().await;
    let recorder = Arc::new(Recorder { poison: Some("bad"), ..Recorder::default() });
    let following = Following::start(&fixture, &recorder, false).await;
    let bad = message("bad", 1);
    for told in [message("good", 1), bad.clone(), message("better", 1)] {
        assert!(fixture.writer.commit(change().tell([told])).await.is_ok());
    }
    eventually("the good ones seen", || async {
        (recorder.seen.lock().expect("held shortly").len() == 2).then_some(())
    })
    .await;
    // It is put aside once its whole batch was handled.
    eventually("the bad one put aside", || async {
        let buried = "SELECT count(*) FROM probe.dead_letters WHERE key='bad' AND reason='it is bad'";
        (fixture.number(buried).await == 1).then_some(())
    })
    .await;
    following.end().await;

    // What made it bad was mended.
    let mended = Arc::new(Recorder::default());
    let following = Following::start(&fixture, &mended, false).await;
    let pool =
        open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool");
    let none = replay_letters(&pool, "probe", Some(Topic::PAYMENT_FAILED)).await.expect("it is looked for");
    assert_eq!(none, ReplayedLetters::default(), "of another topic there is none");
    let replayed = replay_letters(&pool, "probe", None).await.expect("it is handed over again");
    assert_eq!(replayed, ReplayedLetters { replayed: 1, kept: 0 });
    let seen =
        eventually("it is seen", || async { mended.seen.lock().expect("held shortly").first().cloned() });
    assert_eq!(seen.await, bad, "as it was");
    assert_eq!(fixture.number("SELECT count(*) FROM probe.dead_letters").await, 0);
    following.end().await;
}

#[tokio::test]
async fn a_letter_of_which_only_a_part_was_kept_stays_and_is_counted() {
    let fixture = Fixture::start().await;
    fixture
        .as_admin(
            "ALTER TABLE probe.dead_letters DROP CONSTRAINT dead_letters_whole; \
             INSERT INTO probe.dead_letters(tenant_id,follower,message_id,topic,key,data,reason) \
             VALUES ('sandbox','recorder',gen_random_uuid(),'payment.processed','k','{}','it is bad')",
        )
        .await;
    let pool =
        open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool");
    let replayed = replay_letters(&pool, "probe", None).await.expect("it is looked for");
    assert_eq!(replayed, ReplayedLetters { replayed: 0, kept: 1 });
    assert_eq!(fixture.number("SELECT count(*) FROM probe.outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_late_is_not_skipped() {
    let fixture = Fixture::start().await;
    let recorder = Arc::new(Recorder::default());
    let following = Following::start(&fixture, &recorder, false).await;
    // A transaction of another process that has written its row and waits before it commits.
    let mut late = fixture.admin.begin().await.expect("a transaction");
    sqlx::query(
        "INSERT INTO probe.outbox(tenant_id,n,id,topic,key,subject,source,\"time\",version,data) \
         VALUES ('sandbox',1,gen_random_uuid(),'payment.processed','late','late','/tender/intents',now(),1,'{}')",
    )
    .execute(&mut *late)
    .await
    .expect("inserted");
    assert!(fixture.writer.commit(change().tell([message("soon", 1)])).await.is_ok());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        recorder.seen.lock().expect("held shortly").is_empty(),
        "nothing above the horizon may be passed"
    );
    late.commit().await.expect("commits");
    eventually("both seen", || async {
        (recorder.seen.lock().expect("held shortly").len() == 2).then_some(())
    })
    .await;
    let keys: Vec<String> =
        recorder.seen.lock().expect("held shortly").iter().map(|m| m.key.clone()).collect();
    assert_eq!(keys, ["late", "soon"]);
    following.end().await;
}

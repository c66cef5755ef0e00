//! Reads end also when their connection went dead without a word.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::PgPool;
use tender_domain::ports::Consumer;
use tender_postgres::{FollowerOptions, OutboxFollower, OutboxLog, PoolOptions, open_pool, ping};
use tender_testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::line::Line;
use crate::outbox::Recorder;
use crate::probe::{Fixture, change, id, message};

async fn pool_of(fixture: &Fixture, line: &Line, connections: u32) -> PgPool {
    let connect = line.through(fixture.database.connect_as("probe"));
    let acquire_timeout = Duration::from_secs(5);
    let options = PoolOptions {
        min_connections: 0,
        max_connections: connections,
        acquire_timeout,
        ..PoolOptions::default()
    };
    open_pool(&connect, options).await.expect("a pool")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_on_a_dead_connection_does_not_keep_its_place_in_the_pool() {
    let fixture = Fixture::start().await;
    let line = Line::to(&fixture.database.connect_as("probe"));
    let pool = pool_of(&fixture, &line, 1).await;
    eventually("it idles", || async { (pool.num_idle() == 1).then_some(()) }).await;
    line.go_dead();
    let given_up = tokio::time::timeout(Duration::from_millis(100), ping(&pool)).await;
    assert!(given_up.is_err(), "the line is dead");
    eventually("the place is free for a new connection", || async { ping(&pool).await.ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_one_connection_was_found_dead_the_others_that_idled_are_asked_before_they_are_used() {
    let fixture = Fixture::start().await;
    let line = Line::to(&fixture.database.connect_as("probe"));
    let pool = pool_of(&fixture, &line, 4).await;
    // As many as are asked for at once.
    drop(join_all((0..4).map(|_| pool.acquire())).await);
    eventually("all are open", || async { (pool.num_idle() == 4).then_some(()) }).await;
    line.go_dead();
    assert!(tokio::time::timeout(Duration::from_millis(100), ping(&pool)).await.is_err());
    eventually("it was closed", || async { (pool.size() < 4).then_some(()) }).await;
    let answered = tokio::time::timeout(Duration::from_secs(15), async {
        while ping(&pool).await.is_err() {}
        for _ in 0..8 {
            ping(&pool).await.expect("what is left answers");
        }
    });
    answered.await.expect("none is waited for in vain");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_whose_connection_goes_dead_goes_on_by_another() {
    let fixture = Fixture::start().await;
    let line = Line::to(&fixture.database.connect_as("probe"));
    let pool = pool_of(&fixture, &line, 2).await;
    let recorder = Arc::new(Recorder::default());
    let log = OutboxLog::new(pool, "probe", "recorder", id(), Duration::from_secs(2));
    let consumer = Arc::clone(&recorder) as Arc<dyn Consumer>;
    let follower = OutboxFollower::new(log, consumer, fixture.writer.told(), FollowerOptions::default());
    let stop = CancellationToken::new();
    let following = tokio::spawn(follower.run(stop.clone()));
    for version in 1..=2 {
        assert!(fixture.writer.commit(change().tell([message("k", version)])).await.is_ok());
        eventually("it is seen", || async { recorder.has_seen(version).then_some(()) }).await;
        line.go_dead();
    }
    stop.cancel();
    following.await.expect("it ends");
}

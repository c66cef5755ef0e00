//! A row that another session holds keeps nobody from committing who does not need it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tender_domain::kernel::CommitError;
use tender_postgres::WriterOptions;

use crate::probe::{Fixture, Write, change, id};

const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn who_needs_a_held_row_is_told_and_the_others_are_written_soon() {
    let options = WriterOptions { lock_timeout: LOCK_TIMEOUT, ..WriterOptions::default() };
    let fixture = Fixture::start_with(options).await;
    let things: Vec<_> = (0..3).map(|_| id()).collect();
    let new = |thing| fixture.writer.commit(change().save(Write::New { id: thing, amount: 0 }));
    assert!(join_all(things.iter().map(|thing| new(*thing))).await.iter().all(Result::is_ok));
    let mut holding = fixture.admin.begin().await.expect("a transaction");
    sqlx::query("SELECT 1 FROM probe.things FOR UPDATE").execute(&mut *holding).await.expect("held");
    let begun = Instant::now();
    let set = |thing| fixture.writer.commit(change().save(Write::Set { id: thing, loaded: 1, amount: 1 }));
    let needing = join_all(things.iter().map(|thing| set(*thing)));
    // While the batch of those waits the others gather, and the next of their batches has one of them too.
    let others = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        join_all((0..200).map(|_| new(id()))).await
    };
    let (needing, others) = tokio::join!(needing, others);
    let took = begun.elapsed();
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    assert!(needing.iter().all(|lost| matches!(lost, Err(CommitError::Unavailable(_)))), "{needing:?}");
    assert!(took < LOCK_TIMEOUT * 4, "it took {took:?}");
    holding.rollback().await.expect("let go");
    assert!(join_all(things.iter().map(|thing| set(*thing))).await.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_held_row_in_a_large_batch_holds_it_up_for_two_lock_timeouts_at_most() {
    let options = WriterOptions { lock_timeout: LOCK_TIMEOUT, ..WriterOptions::default() };
    let fixture = Fixture::start_with(options).await;
    let thing = id();
    assert!(fixture.writer.commit(change().save(Write::New { id: thing, amount: 0 })).await.is_ok());
    let mut holding = fixture.admin.begin().await.expect("a transaction");
    sqlx::query("SELECT 1 FROM probe.things FOR UPDATE").execute(&mut *holding).await.expect("held");
    let begun = Instant::now();
    let commits = (0..128).map(|n| {
        let write = if n == 77 {
            Write::Set { id: thing, loaded: 1, amount: 1 }
        } else {
            Write::New { id: id(), amount: 1 }
        };
        fixture.writer.commit(change().save(write))
    });
    for (n, result) in join_all(commits).await.iter().enumerate() {
        assert_eq!(result.is_ok(), n != 77, "{n}: {result:?}");
    }
    let took = begun.elapsed();
    assert!(took >= LOCK_TIMEOUT && took < LOCK_TIMEOUT * 3, "it took {took:?}");
    holding.rollback().await.expect("let go");
}

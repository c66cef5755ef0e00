//! What the writer says is true also when its connection is cut at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tender_domain::kernel::CommitError;

use crate::probe::{Fixture, Write, change, id, message, started};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_and_what_was_refused_is_not_when_connections_are_cut() {
    let fixture = Fixture::start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let cutter = tokio::spawn(cut_connections(fixture.admin.clone(), Arc::clone(&stop)));
    let callers = (0..16).map(|caller| {
        let (writer, stop) = (fixture.writer.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            let (mut written, mut refused) = (Vec::new(), Vec::new());
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let thing = id();
                let key = started(&format!("{caller}-{n}"));
                let lane =
                    |c: tender_domain::kernel::Change<Write>| if n % 4 == 0 { c.in_background() } else { c };
                let save =
                    change().save(Write::New { id: thing, amount: 1 }).keyed(key).tell([message("k", 1)]);
                match writer.commit(lane(save)).await {
                    Ok(_) => written.push(thing),
                    Err(CommitError::Unavailable(_)) => refused.push(thing),
                    Err(other) => panic!("{other:?}"),
                }
            }
            (written, refused)
        })
    });
    let results = futures_util::future::join_all(callers).await;
    let cuts = cutter.await.expect("the cutter ends");
    let (mut written, mut refused) = (Vec::new(), Vec::new());
    for result in results {
        let (more, fewer) = result.expect("a caller ends");
        written.extend(more);
        refused.extend(fewer);
    }
    let there: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT thing_id FROM probe.things")
        .fetch_all(&fixture.admin)
        .await
        .expect("readable");
    let there: std::collections::HashSet<_> = there.into_iter().collect();
    assert!(
        cuts >= 20 && written.len() > 100,
        "{cuts} cuts, {} written: the test tried too little",
        written.len()
    );
    assert!(written.iter().all(|thing| there.contains(thing)), "acknowledged and not there");
    assert!(refused.iter().all(|thing| !there.contains(thing)), "refused and there");
    assert_eq!(there.len(), written.len());
    assert_eq!(
        fixture.number("SELECT count(*) FROM probe.outbox").await,
        i64::try_from(written.len()).expect("few")
    );
}

/// Ends the writer's connections again and again, at whatever they are.
async fn cut_connections(admin: sqlx::PgPool, stop: Arc<AtomicBool>) -> u32 {
    let mut cuts = 0;
    // Until it has cut often enough, however slow the machine is; the bound is for a writer that never comes back.
    for _ in 0..1000 {
        if cuts >= 25 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(5..60))).await;
        let cut: i64 = sqlx::query_scalar(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'tender probe%' AND datname=current_database()",
        )
        .fetch_one(&admin)
        .await
        .expect("the superuser may");
        cuts += u32::from(cut > 0);
    }
    stop.store(true, Ordering::Relaxed);
    cuts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_whose_new_name_was_written_without_an_answer_takes_another() {
    let fixture = Fixture::start().await;
    let write = || fixture.writer.commit(change().save(Write::New { id: id(), amount: 1 }));
    assert!(write().await.is_ok());
    // The lane begins anew when its row is gone; the row of its new name is written, and the answer comes too late.
    fixture
        .as_admin(
            "CREATE FUNCTION probe.late() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN PERFORM pg_sleep(7); RETURN NULL; END $$; \
             CREATE TRIGGER late AFTER INSERT ON probe.writers EXECUTE FUNCTION probe.late(); \
             DELETE FROM probe.writers",
        )
        .await;
    assert!(matches!(write().await, Err(CommitError::Unavailable(_))), "its row is gone");
    assert!(matches!(write().await, Err(CommitError::Unavailable(_))), "the answer is late");
    tender_testkit::eventually("the row is written all the same", || async {
        (fixture.number("SELECT count(*) FROM probe.writers").await == 1).then_some(())
    })
    .await;
    fixture.as_admin("DROP TRIGGER late ON probe.writers").await;
    let again = write().await;
    assert!(again.is_ok(), "{again:?}");
}

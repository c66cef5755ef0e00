use futures_util::future::join_all;
use tender_domain::kernel::{Answer, CommitError, Committed, Guard, InboxEntry, KeyState, KeyWrite};
use tender_postgres::idempotency_key;

use crate::probe::{Fixture, Write, change, id, message, scope, started, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_written_whole() {
    let fixture = Fixture::start().await;
    let thing = id();
    let whole = change()
        .save(Write::New { id: thing, amount: 5 })
        .save(Write::Add { account: "a", amount: 5 })
        .tell([message("pi_1", 1)])
        .keyed(started("k"))
        .handled(InboxEntry { consumer: "probe", key: "ev".into() })
        .guarded(Guard::Claim { kind: "order", key: "o1".into(), owner: "me".into() });
    assert!(fixture.writer.commit(whole).await.is_ok());
    for sql in [
        "SELECT count(*) FROM probe.things WHERE version=1 AND amount=5 AND note->>'said'='yes'",
        "SELECT total-4 FROM probe.sums",
        "SELECT count(*) FROM probe.outbox",
        "SELECT count(*) FROM probe.idempotency_keys WHERE status IS NULL",
        "SELECT count(*) FROM probe.inbox",
        "SELECT count(*) FROM probe.claims",
    ] {
        assert_eq!(fixture.number(sql).await, 1, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_of_one_version_exactly_one_wins_and_bystanders_are_written() {
    let fixture = Fixture::start().await;
    let thing = id();
    assert!(fixture.writer.commit(change().save(Write::New { id: thing, amount: 0 })).await.is_ok());
    let rivals = (1..=50).map(|amount| {
        fixture
            .writer
            .commit(change().save(Write::Set { id: thing, loaded: 1, amount }).tell([message("pi_1", 2)]))
    });
    let bystanders =
        (0..50).map(|_| fixture.writer.commit(change().save(Write::New { id: id(), amount: 1 })));
    let (rivals, bystanders) = tokio::join!(join_all(rivals), join_all(bystanders));
    let won = rivals.iter().filter(|result| result.is_ok()).count();
    let lost = rivals.iter().filter(|result| matches!(result, Err(CommitError::Conflict))).count();
    assert_eq!((won, lost), (1, 49));
    assert!(bystanders.iter().all(Result::is_ok));
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things WHERE version=2").await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things").await, 51);
    assert_eq!(fixture.number("SELECT count(*) FROM probe.outbox").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_has_one_effect_however_many_ask_and_the_others_learn_its_record() {
    let fixture = Fixture::start().await;
    let calls = (0..200).map(|_| {
        fixture.writer.commit(change().keyed(started("same")).save(Write::New { id: id(), amount: 1 }))
    });
    let results = join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.into_iter().filter_map(Result::err) {
        match result {
            CommitError::KeyTaken(record) => assert_eq!(record.state, KeyState::Started),
            other => panic!("{other:?}"),
        }
    }
    let answer = Answer { status: 201, body: "{}".into() };
    let finish = KeyWrite::Finish { scope: scope("same"), answer: answer.clone() };
    // In both lanes at once: one of them finishes the key, and the others know that theirs is not what is kept.
    let finishing = (0..20).map(|n| {
        let finish = change().keyed(finish.clone());
        fixture.writer.commit(if n % 2 == 0 { finish } else { finish.in_background() })
    });
    let finished: Vec<_> = join_all(finishing).await.into_iter().map(|end| end.expect("written")).collect();
    assert_eq!(finished.iter().filter(|end| end.answer_kept).count(), 1);
    let connect = fixture.database.connect_as("probe");
    let pool = tender_postgres::open_pool(&connect, tender_postgres::PoolOptions::default());
    let pool = pool.await.expect("a pool");
    let record = idempotency_key(&pool, "probe", &tenant(), &scope("same")).await.expect("readable");
    assert_eq!(record.map(|record| record.state), Some(KeyState::Done(answer)));
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handled_event_has_no_second_effect() {
    let fixture = Fixture::start().await;
    let entry = || InboxEntry { consumer: "ledger", key: "cap_1".into() };
    let calls = (0..20).map(|_| {
        let add = change().handled(entry()).save(Write::Add { account: "a", amount: 10 }).in_background();
        fixture.writer.commit(add)
    });
    let results = join_all(calls).await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(Committed { .. }))).count(), 1);
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(CommitError::AlreadyHandled))));
    assert_eq!(fixture.number("SELECT total FROM probe.sums").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_has_one_owner_until_it_is_released_or_handed_over() {
    let fixture = Fixture::start().await;
    let claim = |owner: &str| Guard::Claim { kind: "order", key: "o1".into(), owner: owner.into() };
    let release = |owner: &str| Guard::Release { kind: "order", key: "o1".into(), owner: owner.into() };
    let commit = |guards: Vec<Guard>| {
        let guarded = guards.into_iter().fold(change(), |change, guard| change.guarded(guard));
        fixture.writer.commit(guarded)
    };
    let calls = ["a", "b", "c", "d"].map(|owner| commit(vec![claim(owner)]));
    let results = join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .any(|r| matches!(r, Err(CommitError::ClaimTaken { kind: "order", owner, .. }) if owner == "a"))
    );
    assert!(commit(vec![claim("a")]).await.is_ok(), "what one holds one may claim again");
    assert!(commit(vec![release("b")]).await.is_ok(), "releasing what one does not hold does nothing");
    assert!(commit(vec![claim("b")]).await.is_err());
    assert!(commit(vec![release("a"), claim("b")]).await.is_ok(), "handed over");
    assert!(commit(vec![release("a"), claim("c")]).await.is_err(), "only by its owner");
    assert!(commit(vec![release("b")]).await.is_ok());
    assert!(commit(vec![claim("c")]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_guards_the_first_that_is_lost_is_named() {
    let fixture = Fixture::start().await;
    let claim = |kind: &'static str, owner: &str| Guard::Claim { kind, key: "k".into(), owner: owner.into() };
    let count = |kind: &'static str| Guard::Count { kind, key: "k".into(), by: 1, limit: 1 };
    let commit = |guards: Vec<Guard>| {
        fixture.writer.commit(guards.into_iter().fold(change(), |change, guard| change.guarded(guard)))
    };
    assert!(commit(vec![claim("default", "a"), claim("instrument", "a"), count("two")]).await.is_ok());
    let taken = commit(vec![claim("mandate", "b"), claim("default", "b"), claim("instrument", "b")]).await;
    let is_of = |kind, holder: &str| matches!(&taken, Err(CommitError::ClaimTaken { kind: of, key, owner }) if *of == kind && key == "k" && owner == holder);
    assert!(is_of("default", "a"), "{taken:?}");
    let full = commit(vec![count("one"), count("two")]).await;
    assert!(matches!(full, Err(CommitError::LimitReached { kind: "two", .. })), "{full:?}");
    let both = commit(vec![count("two"), claim("instrument", "b")]).await;
    assert!(matches!(both, Err(CommitError::LimitReached { kind: "two", .. })), "{both:?}");
    let free = commit(vec![claim("mandate", "c"), count("one")]).await;
    assert!(free.is_ok(), "nothing of what lost was written: {free:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_repeats_a_key_learns_its_record_also_when_the_claim_and_the_version_are_gone() {
    let fixture = Fixture::start().await;
    let thing = id();
    assert!(fixture.writer.commit(change().save(Write::New { id: thing, amount: 0 })).await.is_ok());
    let call = |owner: &str| {
        let claim = Guard::Claim { kind: "order", key: "o1".into(), owner: owner.into() };
        let set = Write::Set { id: thing, loaded: 1, amount: 1 };
        fixture.writer.commit(change().save(set).keyed(started("same")).guarded(claim))
    };
    assert!(call("first").await.is_ok());
    let again = call("second").await;
    assert!(matches!(again, Err(CommitError::KeyTaken(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_write_now_refuses_no_change_for_good() {
    let fixture = Fixture::start().await;
    let write = || change().save(Write::New { id: id(), amount: 1 });
    assert!(fixture.writer.commit(write()).await.is_ok());
    fixture.as_admin("REVOKE INSERT ON probe.things FROM {role}").await;
    let together = (0..20).map(|n| {
        fixture.writer.commit(if n == 7 { write() } else { change().keyed(started(&n.to_string())) })
    });
    for (n, result) in join_all(together).await.iter().enumerate() {
        assert_eq!(result.is_ok(), n != 7, "{n}: {result:?}");
        assert_eq!(matches!(result, Err(CommitError::Unavailable(_))), n == 7, "{n}: {result:?}");
    }
    fixture.as_admin("GRANT INSERT ON probe.things TO {role}").await;
    assert!(fixture.writer.commit(write()).await.is_ok());
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_wait_for_one_key_do_not_hold_up_the_rest() {
    let fixture = Fixture::start().await;
    let claim = || Guard::Count { kind: "velocity", key: "card".into(), by: 1, limit: i64::MAX };
    let waiting: Vec<_> = (0..1_000)
        .map(|_| {
            let writer = fixture.writer.clone();
            tokio::spawn(async move { writer.commit(change().guarded(claim())).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let rest = (0..50).map(|_| fixture.writer.commit(change().save(Write::New { id: id(), amount: 1 })));
    assert!(join_all(rest).await.iter().all(Result::is_ok));
    let still = waiting.iter().filter(|task| !task.is_finished()).count();
    assert!(still > 500, "only {still} of 1000 still wait for the one counter");
    for task in waiting {
        assert!(task.await.expect("it ends").is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_never_passes_its_limit() {
    let fixture = Fixture::start().await;
    let count = |by| change().guarded(Guard::Count { kind: "velocity", key: "card".into(), by, limit: 10 });
    let results = join_all((0..40).map(|_| fixture.writer.commit(count(1)))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    assert!(
        results.iter().all(|r| matches!(r, Ok(_) | Err(CommitError::LimitReached { kind: "velocity", .. })))
    );
    assert!(fixture.writer.commit(count(-3)).await.is_ok());
    assert!(fixture.writer.commit(count(4)).await.is_err());
    assert!(fixture.writer.commit(count(3)).await.is_ok());
    assert_eq!(fixture.number("SELECT value FROM probe.counters").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_beside_a_changed_row_is_counted_also_when_both_lanes_count_at_once() {
    let fixture = Fixture::start().await;
    let things: Vec<_> = (0..400).map(|n| (n, id())).collect();
    let new = things
        .iter()
        .map(|(_, thing)| fixture.writer.commit(change().save(Write::New { id: *thing, amount: 0 })));
    assert!(join_all(new).await.iter().all(Result::is_ok));
    let counted = things.iter().map(|(n, thing)| {
        let count = Guard::Count { kind: "velocity", key: "card".into(), by: 1, limit: 1_000_000 };
        let both = change().save(Write::Set { id: *thing, loaded: 1, amount: 1 }).guarded(count);
        fixture.writer.commit(if n % 2 == 0 { both.in_background() } else { both })
    });
    assert!(join_all(counted).await.iter().all(Result::is_ok));
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things WHERE version=2").await, 400);
    assert_eq!(fixture.number("SELECT value FROM probe.counters").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_constraint_refuses_takes_nobody_with_it() {
    let fixture = Fixture::start().await;
    let calls = (0..64).map(|place| {
        let amount = if place % 16 == 7 { -1 } else { 1 };
        fixture
            .writer
            .commit(change().save(Write::New { id: id(), amount }).keyed(started(&place.to_string())))
    });
    let results = join_all(calls).await;
    for (place, result) in results.iter().enumerate() {
        let refused =
            matches!(result, Err(CommitError::Refused { constraint }) if constraint == "things_amount_check");
        assert_eq!(refused, place % 16 == 7, "{place}: {result:?}");
        assert_eq!(result.is_ok(), place % 16 != 7, "{place}: {result:?}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM probe.things").await, 60);
    assert_eq!(fixture.number("SELECT count(*) FROM probe.idempotency_keys").await, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_exact_under_concurrency_and_mirrors_keep_the_latest() {
    let fixture = Fixture::start().await;
    let mirrored = id();
    let calls = (1..=500).map(|n| {
        let lane = |change: tender_domain::kernel::Change<Write>| {
            if n % 2 == 0 { change.in_background() } else { change }
        };
        let account = if n % 3 == 0 { "a" } else { "b" };
        let mirror = Write::Mirror { id: mirrored, version: n, amount: n };
        fixture.writer.commit(lane(change().save(Write::Add { account, amount: n }).save(mirror)))
    });
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(fixture.number("SELECT sum(total)::bigint FROM probe.sums").await, 500 * 501 / 2);
    assert_eq!(fixture.number("SELECT amount FROM probe.mirrors").await, 500);
    let late = change().save(Write::Mirror { id: mirrored, version: 3, amount: 3 });
    assert!(fixture.writer.commit(late).await.is_ok());
    assert_eq!(fixture.number("SELECT amount FROM probe.mirrors").await, 500);
}

//! Many at once, over the store in memory and over PostgreSQL.

use std::sync::Arc;

use futures_util::future::join;
use serde_json::json;
use tender_domain::ports::UnknownOutcome;
use tender_intents_store::{MIGRATIONS, PgIntentStore, SCHEMA};
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;

use crate::gateway::Fault;
use crate::rentals::a_booking_is_paid_once_also_by_many_at_once;
use crate::rig::{Answer, INTENTS, World, payment, unconfirmed};

const CALLERS: usize = 200;

pub(crate) async fn postgres() -> (World, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgIntentStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (World::over(Arc::new(store.expect("the store opens"))), database)
}

fn of_status(answers: &[Answer], status: u16) -> Vec<&Answer> {
    answers.iter().filter(|answer| answer.status == status).collect()
}

/// Told to come again: the first call is in flight, or the store is busy with so many at once.
fn comes_again(answer: &Answer) -> bool {
    matches!(answer.status, 409 | 503)
}

async fn confirms_with_different_keys_charge_once(world: &World) {
    let process = world.process();
    let created = process.post(INTENTS, "create", unconfirmed("tok_visa")).await;
    let path = format!("{INTENTS}/{}/confirm", created.text("id"));
    let requests = (0..CALLERS).map(|caller| process.command(&path, &format!("k{caller}"), &json!({})));
    let answers = process.call_all(requests).await;
    assert_eq!(of_status(&answers, 200).len(), 1, "{answers:?}");
    of_status(&answers, 200)[0].is(200, "succeeded");
    assert_eq!(of_status(&answers, 409).len(), CALLERS - 1);
    assert_eq!((world.line.calls(), world.booked().await.len()), (1, 1));
    world.check_books().await;
}

async fn calls_with_one_key_have_one_effect_and_one_answer(world: &World) {
    let process = world.process();
    let requests = (0..CALLERS).map(|_| process.command(INTENTS, "k", &payment("tok_visa")));
    let mut answers = process.call_all(requests).await;
    answers.push(process.post(INTENTS, "k", payment("tok_visa")).await);
    let done = of_status(&answers, 201);
    assert!(done.len() >= 2, "the first call's, and the last retry's");
    for answer in &done {
        answer.is(201, "succeeded");
        assert_eq!(answer.json, done[0].json);
    }
    assert!(answers.iter().all(|answer| answer.status == 201 || comes_again(answer)), "{answers:?}");
    assert_eq!(done.iter().filter(|answer| !answer.replayed).count(), 1, "one of them did it");
    assert_eq!((world.line.calls(), world.intents().await.len()), (1, 1));
    world.check_books().await;
}

async fn all_calls_with_one_key_hear_the_first_answer_also_those_that_a_slow_gateway_keeps(world: &World) {
    let process = world.process();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    world.line.set(Fault::Waits);
    let calls =
        || process.call_all((0..CALLERS / 2).map(|_| process.command(INTENTS, "k", &payment("tok_visa"))));
    let meanwhile = async {
        world.line.hangs.notified().await;
        let early = calls().await;
        assert!(early.iter().all(comes_again), "the first call may come back: {early:?}");
        world.wait(60);
        let late = calls().await;
        world.line.goes_on.notify_one();
        late
    };
    let (first, mut answers) = join(process.post(INTENTS, "k", payment("tok_visa")), meanwhile).await;
    first.is(202, "processing");
    answers.push(process.post(INTENTS, "k", payment("tok_visa")).await);
    for answer in answers.iter().filter(|answer| !comes_again(answer)) {
        assert_eq!((answer.status, &answer.json), (first.status, &first.json));
    }
    assert_eq!(process.read(first.text("id")).await["status"], "succeeded");
    assert_eq!((world.line.calls(), world.intents().await.len()), (1, 1));
    world.check_books().await;
}

async fn captures_at_once_never_exceed_what_is_held(world: &World) {
    let process = world.process();
    let path = format!("{INTENTS}/{}/capture", process.hold().await);
    let body = json!({ "amount": 3_000, "final_capture": false });
    let requests = (0..20).map(|caller| process.command(&path, &format!("k{caller}"), &body));
    let answers = process.call_all(requests).await;
    let taken = of_status(&answers, 200).len();
    // Who loses five races in a row is told 409 and may come again.
    assert!((1..=3).contains(&taken), "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert!(matches!(answer.status, 409 | 422), "{}", answer.json);
    }
    let captured = world.booked().await[0].captured_minor;
    assert_eq!(captured, 3_000 * i64::try_from(taken).expect("few"));
    world.check_books().await;
}

async fn a_capture_and_a_cancellation_at_once_are_one_of_the_two(world: &World) {
    let process = world.process();
    let id = process.hold().await;
    let requests = (0..10).flat_map(|caller| {
        ["capture", "cancel"].map(|action| {
            process.command(&format!("{INTENTS}/{id}/{action}"), &format!("{action}-{caller}"), &json!({}))
        })
    });
    let answers = process.call_all(requests).await;
    assert_eq!(of_status(&answers, 200).len(), 1, "{answers:?}");
    let read = process.read(&id).await;
    let booked = &world.booked().await[0];
    match read["status"].as_str() {
        Some("succeeded") => assert_eq!(booked.captured_minor, 10_000),
        Some("canceled") => assert_eq!((booked.captured_minor, booked.released), (0, true)),
        other => panic!("{other:?}"),
    }
    world.check_books().await;
}

macro_rules! on_both_stores {
    ($($promise:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::World::new()).await;
            })*
        }

        mod in_postgres {
            $(#[tokio::test]
            async fn $promise() {
                let (world, _database) = super::postgres().await;
                super::$promise(&world).await;
            })*
        }
    };
}

on_both_stores!(
    confirms_with_different_keys_charge_once,
    calls_with_one_key_have_one_effect_and_one_answer,
    all_calls_with_one_key_hear_the_first_answer_also_those_that_a_slow_gateway_keeps,
    captures_at_once_never_exceed_what_is_held,
    a_capture_and_a_cancellation_at_once_are_one_of_the_two,
    a_booking_is_paid_once_also_by_many_at_once,
);

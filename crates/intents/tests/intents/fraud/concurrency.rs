//! Of many at once no more get through than a rule permits, over the store in memory and over PostgreSQL.

use serde_json::json;

use super::rig::ten_an_hour;
use crate::concurrency::postgres;
use crate::rig::{INTENTS, World, payment, unconfirmed};

async fn of_fifty_at_once_ten_get_through(world: &World) {
    let process = world.process();
    process.rule(ten_an_hour()).await;
    let requests =
        (0..50).map(|number| process.command(INTENTS, &format!("k{number}"), &payment("tok_visa")));
    let answers = process.call_all(requests).await;
    let of = |status: &str| answers.iter().filter(|answer| answer.text("status") == status).count();
    assert_eq!((of("succeeded"), of("failed")), (10, 40), "{answers:?}");
    assert_eq!((world.line.calls(), world.booked().await.len()), (10, 10));
    world.check_books().await;
}

async fn of_fifty_confirmed_at_once_in_two_processes_ten_get_through(world: &World) {
    let (one, other) = (world.process(), world.process());
    one.rule(ten_an_hour()).await;
    let created = (0..50).map(|number| one.command(INTENTS, &format!("c{number}"), &unconfirmed("tok_visa")));
    let created = one.call_all(created).await;
    let confirm = |(number, answer): (usize, &crate::rig::Answer)| {
        let path = format!("{INTENTS}/{}/confirm", answer.text("id"));
        (number, one.command(&path, &format!("k{number}"), &json!({})))
    };
    let (even, odd): (Vec<_>, Vec<_>) =
        created.iter().enumerate().map(confirm).partition(|(number, _)| number % 2 == 0);
    let (even, odd) = (even.into_iter().map(|(_, call)| call), odd.into_iter().map(|(_, call)| call));
    let (first, second) = futures_util::join!(one.call_all(even), other.call_all(odd));
    let answers: Vec<_> = first.into_iter().chain(second).collect();
    let of = |status: &str| answers.iter().filter(|answer| answer.text("status") == status).count();
    assert_eq!((of("succeeded"), of("failed")), (10, 40), "{answers:?}");
    world.check_books().await;
}

#[tokio::test]
async fn in_memory() {
    of_fifty_at_once_ten_get_through(&World::new()).await;
    of_fifty_confirmed_at_once_in_two_processes_ten_get_through(&World::new()).await;
}

#[tokio::test]
async fn in_postgres() {
    let (world, _database) = postgres().await;
    of_fifty_at_once_ten_get_through(&world).await;
    let (world, _database) = postgres().await;
    of_fifty_confirmed_at_once_in_two_processes_ten_get_through(&world).await;
}

//! An order that is given up tells what was paid for it, once, so that refunds gives it back.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{Order, OrderStatus};

use crate::gateway::Fault;
use crate::rentals::{booking, put};
use crate::reservations::write_back;
use crate::rig::{Answer, INTENTS, Process, World, payment, with};
use crate::tickets::{self, A_GUID, put_order_named};

async fn give_up(process: &Process) {
    stands(process, OrderStatus::Canceled).await;
}

async fn stands(process: &Process, status: OrderStatus) {
    let amount = Money::new(1_000, Currency::EUR);
    let reference = A_GUID.to_owned();
    put(process, Order { reference, customer_id: A_GUID.to_owned(), amount, status, ..booking(1, 1_000) })
        .await;
}

async fn pay(process: &Process) -> Answer {
    let request = TestRequest::post().uri(tickets::PATH).set_json(tickets::payment());
    process.call(process.signed(request, "acme", "shop", "admin")).await
}

/// What was told of cancellations: what it was paid by, what of it goes back, and why.
fn told(world: &World) -> Vec<(Value, Value, Value)> {
    let all = world.told("order.changed").into_iter().filter(|event| event["status"] == "canceled");
    all.map(|event| (event["paidBy"].clone(), event["refund"].clone(), event["refundReason"].clone()))
        .collect()
}

#[actix_web::test]
async fn a_cancellation_names_what_was_paid_once_however_often_it_is_put() {
    let world = World::new();
    let process = world.process();
    put_order_named(&process, A_GUID).await;
    assert_eq!(pay(&process).await.status, 200);
    write_back(&world, &process).await;
    let paid = json!([world.intents().await[0].id.to_string()]);
    // The client's own word for something, and no payment of the order.
    process.post(INTENTS, "core", with(payment("tok_visa"), "order_ref", A_GUID)).await.is(201, "succeeded");
    for _ in 0..3 {
        give_up(&process).await;
    }
    assert_eq!(told(&world), [(paid.clone(), paid, json!("GUEST_CANCELLATION"))]);
    write_back(&world, &process).await;
    write_back(&world, &process).await;
    assert_eq!(
        told(&world).len(),
        2,
        "what was told as paid is judged once more, as the cancellation judged it"
    );
    assert_eq!(told(&world)[1].2, "GUEST_CANCELLATION");
}

#[actix_web::test]
async fn what_was_ordered_and_at_which_rate_plan_is_told_with_its_cancellation() {
    let world = World::new();
    let process = world.process();
    let path = format!("/v1/payments/orders/{A_GUID}");
    let put = async |more: Value| {
        let mut order = json!({"kind": "order", "customer_id": A_GUID, "amount": 1_000, "currency": "EUR"});
        order.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let request = TestRequest::put().uri(&path).set_json(order);
        process.call(process.signed(request, "acme", "shop", "admin")).await
    };
    let ordered = json!({"product_type": "guided_trip", "rate_plan": "FLEX"});
    assert_eq!(put(ordered.clone()).await.status, 201);
    let mut given_up = ordered.clone();
    given_up["status"] = json!("canceled");
    let answer = put(given_up).await.json;
    assert_eq!((&answer["product_type"], &answer["rate_plan"]), (&json!("guided_trip"), &json!("FLEX")));
    let told = world.told("order.changed").pop().expect("it is told");
    assert_eq!((&told["productType"], &told["ratePlan"]), (&json!("guided_trip"), &json!("FLEX")), "{told}");
    for bad in [json!({"product_type": ""}), json!({"rate_plan": "x".repeat(256)})] {
        assert_eq!(put(bad.clone()).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn a_cancellation_that_is_put_by_many_at_once_is_told_once() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    put_order_named(&one, A_GUID).await;
    pay(&one).await;
    futures_util::future::join(give_up(&one), give_up(&other)).await;
    assert_eq!(told(&world).len(), 1);
}

#[actix_web::test]
async fn an_order_that_nobody_paid_is_told_without_a_refund() {
    let world = World::new();
    let process = world.process();
    put_order_named(&process, A_GUID).await;
    give_up(&process).await;
    assert_eq!(told(&world), [(json!([]), json!([]), Value::Null)]);
}

#[actix_web::test]
async fn what_was_on_its_way_when_the_order_was_given_up_goes_back_when_it_lands() {
    let world = World::new();
    let process = world.process();
    put_order_named(&process, A_GUID).await;
    world.line.set(Fault::LosesAnswer);
    assert_eq!(pay(&process).await.status, 202);
    world.line.set(Fault::None);
    give_up(&process).await;
    assert_eq!(told(&world), [(json!([]), json!([]), Value::Null)], "nothing was paid as far as is known");
    world.wait(60);
    process.recover().await;
    let paid = json!([world.intents().await[0].id.to_string()]);
    write_back(&world, &process).await;
    write_back(&world, &process).await;
    let late = (paid.clone(), paid, json!("PAID_AFTER_CANCELLATION"));
    assert_eq!(told(&world)[1..], [late], "told once, however often it is heard");
}

//! Stays that arrive as orders: the deposit is asked for with the order, decides whether it is confirmed, and goes back
//! with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::test::TestRequest;
use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::intents::IntentStatus;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{Consumer as _, Order, OrderDirectory, OrderDirectoryError, OrderStatus};
use tender_intents::OrderWriteBack;

use crate::links::browse;
use crate::reservations::{percentage, policies, write_back};
use crate::rig::{Answer, CUSTOMER, Process, World, with};

const PATH: &str = "/v1/payments/orders/R-9";

fn stay(channel: &str) -> Value {
    json!({
        "kind": "reservation", "customer_id": "guest-1", "amount": 30_000, "currency": "EUR", "rate_plan": "flex",
        "stay": {
            "hotel_id": "hotel-1", "arrival": "2026-05-01", "departure": "2026-05-04", "channel": channel,
            "guest": { "name": "Ada Example", "email": "ada@example.com", "locale": "de" },
        },
    })
}

fn request(process: &Process, body: &Value) -> TestRequest {
    process.signed(TestRequest::put().uri(PATH).set_json(body), "acme", CUSTOMER, "admin")
}

async fn put(process: &Process, body: &Value) -> Answer {
    process.call(request(process, body)).await
}

/// The guest pays the deposit on the gateway's page, or does not.
async fn at_the_page(world: &World, order: &Answer, result: &str) -> bool {
    let url = order.json["deposit"]["url"].as_str().expect("where it is paid");
    let reference = url.rsplit('/').next().expect("a page");
    world.line.simulator.end_session(reference, result).await.expect("books in memory")
}

/// The status of the payments that were begun, the newest first.
async fn begun(world: &World) -> Vec<IntentStatus> {
    world.intents().await.iter().map(|intent| intent.status).collect()
}

#[tokio::test]
async fn a_stay_that_is_put_is_paid_on_a_page_and_its_order_is_confirmed_by_that_alone() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = put(&process, &with(stay("GUEST_BOOKING"), "status", "confirmed")).await;
    asked.is(201, "pending");
    let deposit = &asked.json["deposit"];
    assert_eq!((&deposit["deposit_required"], &deposit["paid"]), (&json!(true), &json!(false)), "{deposit}");
    assert_eq!((&deposit["policy_type"], &deposit["amount"]), (&json!("PERCENTAGE"), &json!(9_000)));
    assert_eq!(asked.json["stay"]["guest"]["name"], "Ada Example");
    assert_eq!(asked.json["starts_at"], "2026-05-01T00:00:00Z");
    let again = put(&process, &stay("GUEST_BOOKING")).await;
    again.is(200, "pending");
    assert_eq!(again.json["deposit"], *deposit, "nothing is asked twice");
    let intents = world.intents().await;
    assert_eq!((intents.len(), intents[0].customer_id.as_deref()), (1, Some("guest-1")));

    assert!(at_the_page(&world, &asked, "success").await);
    let _ = world.tell(&process).await;
    write_back(&world, &process).await;
    let paid = process.get(PATH).await;
    paid.is(200, "confirmed");
    assert_eq!((&paid.json["deposit"]["paid"], &paid.json["deposit"]["url"]), (&json!(true), &Value::Null));
    put(&process, &stay("GUEST_BOOKING")).await.is(200, "confirmed");
    let mut bare = with(stay("GUEST_BOOKING"), "status", "pending");
    bare.as_object_mut().expect("an object").remove("stay");
    put(&process, &bare).await.is(200, "confirmed");
    assert_eq!(begun(&world).await.len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn who_did_not_book_online_is_sent_a_link_once() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = put(&process, &stay("AGENT")).await;
    asked.is(201, "pending");
    put(&process, &stay("AGENT")).await.is(200, "pending");
    assert_eq!(world.told("notification.requested").len(), 1);
    let url = asked.json["deposit"]["url"].as_str().expect("where it is paid");
    let path = url.strip_prefix("https://pay.example").expect("the link's page");
    browse(&process, TestRequest::get().uri(path)).await.shows("90,00");
    assert_eq!(begun(&world).await, []);
}

#[tokio::test]
async fn where_nothing_is_to_be_paid_in_advance_the_order_stands_as_it_is_put() {
    let world = World::new();
    let process = world.process();
    let free = put(&process, &with(stay("AGENT"), "status", "confirmed")).await;
    free.is(201, "confirmed");
    assert_eq!(
        (&free.json["deposit"]["deposit_required"], &free.json["deposit"]["url"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(world.told("notification.requested").len(), 0);
}

#[tokio::test]
async fn another_stay_is_asked_for_anew_and_what_was_asked_for_is_taken_back() {
    let world = World::new();
    let process = world.process();
    let flex = json!({ "rate_plan": "flex", "policy_type": "PERCENTAGE", "percentage_bps": 3_000 });
    policies(&process, json!([flex, { "policy_type": "NONE" }])).await;
    put(&process, &stay("GUEST_BOOKING")).await.is(201, "pending");
    let dearer = put(&process, &with(stay("GUEST_BOOKING"), "amount", 50_000)).await;
    dearer.is(200, "pending");
    assert_eq!(dearer.json["deposit"]["amount"], 15_000);
    process.recover().await;
    world.wait(31 * 60);
    process.recover().await;
    let now = begun(&world).await;
    assert_eq!((now.len(), now[1]), (2, IntentStatus::Canceled), "{now:?}");
    let free = put(&process, &with(stay("GUEST_BOOKING"), "rate_plan", "none")).await;
    assert_eq!(
        (&free.json["deposit"]["deposit_required"], &free.json["deposit"]["payment_intent_id"]),
        (&json!(false), &Value::Null),
        "{}",
        free.json
    );
}

#[tokio::test]
async fn an_order_that_is_given_up_gives_up_its_stay_for_good_with_or_without_naming_it() {
    for names_it in [true, false] {
        let world = World::new();
        let process = world.process();
        policies(&process, json!([{ "policy_type": "FULL_PREPAYMENT" }])).await;
        let asked = put(&process, &stay("GUEST_BOOKING")).await;
        assert!(at_the_page(&world, &asked, "success").await);
        let _ = world.tell(&process).await;
        let mut given_up = with(stay("GUEST_BOOKING"), "status", "canceled");
        if !names_it {
            given_up.as_object_mut().expect("an object").remove("stay");
        }
        for _ in 0..2 {
            put(&process, &given_up).await.is(200, "canceled");
        }
        let told = world.told("order.changed");
        assert_eq!(told.len(), 2, "paid and given up, each once: {told:?}");
        let paid = json!([world.intents().await[0].id.to_string()]);
        assert_eq!((&told[1]["status"], &told[1]["refund"]), (&json!("canceled"), &paid), "{names_it}");
        put(&process, &stay("GUEST_BOOKING")).await.is_problem(409, "reservation_cancelled");
        process.get(PATH).await.is(200, "canceled");
    }
}

#[tokio::test]
async fn one_that_is_given_up_before_it_is_paid_can_be_paid_no_more() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = put(&process, &stay("PAYMENT_LINK")).await;
    put(&process, &with(stay("PAYMENT_LINK"), "status", "canceled")).await.is(200, "canceled");
    let link = asked.json["deposit"]["payment_link_id"].as_str().expect("a link");
    process.get(&format!("/v1/payments/payment-links/{link}")).await.is(200, "canceled");
}

#[tokio::test]
async fn a_stay_that_is_put_by_many_at_once_asks_for_one_deposit() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let body = stay("GUEST_BOOKING");
    let answers = process.call_all((0..8).map(|_| request(&process, &body))).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201 | 409)), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert_eq!(begun(&world).await, [IntentStatus::RequiresAction]);
}

#[tokio::test]
async fn what_is_wrong_with_a_stay_is_named_and_nothing_is_put() {
    let world = World::new();
    let process = world.process();
    let in_francs = json!({ "policy_type": "FIXED_AMOUNT", "amount": 100, "currency": "CHF" });
    policies(&process, json!([in_francs])).await;
    let stay_with = |name: &str, value: Value| {
        let mut body = stay("AGENT");
        body["stay"][name] = value;
        body
    };
    for (body, status, code, pointer) in [
        (with(stay("AGENT"), "kind", "booking"), 400, "stay_not_expected", "/stay"),
        (stay_with("arrival", json!("2026-5-1")), 400, "invalid_field", "/stay/arrival"),
        (stay_with("departure", json!("2026-05-01")), 400, "invalid_field", "/stay/departure"),
        (stay_with("hotel_id", json!("")), 400, "invalid_reference", "/stay/hotel_id"),
        (stay_with("rooms", json!(1)), 400, "unknown_field", "/stay/rooms"),
        (stay_with("guest", json!({ "email": "" })), 400, "invalid_reference", "/stay/guest/email"),
        (stay("AGENT"), 422, "deposit_not_evaluable", "/currency"),
    ] {
        let refused = put(&process, &body).await;
        refused.is_problem(status, code);
        assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{}", refused.json);
    }
    assert_eq!(process.get(PATH).await.status, 404);
}

/// An ordering service that has no orders, and hears where they stand unless it is away.
#[derive(Default)]
struct OrderingService {
    away: AtomicBool,
    told: Mutex<Vec<(String, OrderStatus)>>,
}

#[async_trait]
impl OrderDirectory for OrderingService {
    async fn find(&self, _: &TenantId, _: &str) -> Result<Option<Order>, OrderDirectoryError> {
        Ok(None)
    }

    async fn write_back(
        &self,
        _: &TenantId,
        reference: &str,
        status: OrderStatus,
    ) -> Result<(), OrderDirectoryError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(OrderDirectoryError("away".to_owned()));
        }
        self.told.lock().expect("whole").push((reference.to_owned(), status));
        Ok(())
    }
}

#[tokio::test]
async fn beside_an_ordering_service_a_stay_that_is_put_here_is_confirmed_at_both_and_here_while_that_is_away()
{
    let service = Arc::new(OrderingService { away: AtomicBool::new(true), ..OrderingService::default() });
    let world = World { ordering: Some(service.clone()), ..World::new() };
    let process = world.process();
    percentage(&process).await;
    let asked = put(&process, &stay("GUEST_BOOKING")).await;
    asked.is(201, "pending");
    assert!(at_the_page(&world, &asked, "success").await);
    let _ = world.tell(&process).await;

    let messages = world.memory.as_ref().expect("in memory").messages();
    let paid = messages.iter().find(|message| message.topic.name() == "order.changed").expect("told");
    let follower = OrderWriteBack(process.service.clone());
    assert!(follower.handle(paid).await.is_err(), "the ordering service is to be told later");
    process.get(PATH).await.is(200, "confirmed");
    service.away.store(false, Ordering::Relaxed);
    write_back(&world, &process).await;
    process.get(PATH).await.is(200, "confirmed");
    assert_eq!(*service.told.lock().expect("whole"), [("R-9".to_owned(), OrderStatus::Confirmed)]);
}

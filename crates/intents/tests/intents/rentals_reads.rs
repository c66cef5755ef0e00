//! The rentals dialect shows payments and transactions as its document has them.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::Intent;
use tender_domain::kernel::{Change, IntentId, Save};
use uuid::Uuid;

use crate::open_refunds::open;
use crate::refunds_told::{failed, refund, tell};
use crate::rentals::{USER, as_user, booking, method, pay, payment, process, put, refused};
use crate::rig::{Answer, Process, World, acme, with};

async fn read(process: &Process, path: &str) -> Answer {
    process.call(as_user(process, TestRequest::get().uri(path), USER)).await
}

/// A paid booking, its payment's number and the UUID of its intent.
async fn paid(world: &World, process: &Process) -> (Value, Uuid) {
    let answer = pay(process, &payment(method(world, "tok_visa").await)).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    (answer.json["data"]["payment"].clone(), world.intents().await[0].id.uuid())
}

#[actix_web::test]
async fn a_payment_is_shown_with_its_booking_and_refunds_as_the_document_shows_it() {
    let world = World::new();
    let process = process(&world).await;
    let (payment, id) = paid(&world, &process).await;
    world.wait(10);
    tell(&process, refund(&world, id, 1, 1_000)).await;
    let answer = read(&process, "/rentals/payments/1").await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let details = &answer.json["data"]["details"];
    let expected = json!({
        "status": "success", "message": "Payment details fetched",
        "data": { "details": {
            "id": 1, "booking_id": 456, "user_id": 123, "type": "payment", "amount": payment["amount"],
            "currency": "USD", "status": "completed", "method": "credit_card", "card_brand": "Visa",
            "card_last4": "4242", "transaction_id": payment["transaction_id"], "reference": "BOOK-456-PAY",
            "description": "Payment for booking #456",
            "metadata": { "booking_date": "2026-07-15T10:00:00Z", "vehicle": "Toyota Camry" },
            "created_at": payment["created_at"], "updated_at": details["updated_at"],
            "booking": {
                "id": 456, "pickup_date": "2026-07-15T10:00:00Z", "dropoff_date": "2026-07-18T10:00:00Z",
                "vehicle_id": 789,
            },
            "refunds": [{
                "id": 1, "payment_id": 1, "amount": details["refunds"][0]["amount"], "currency": "USD",
                "reason": "storm", "status": "completed", "transaction_id": "re_1",
                "created_at": details["refunds"][0]["created_at"],
            }],
        } },
    });
    assert_eq!(answer.json, expected);
    assert_eq!(details["refunds"][0]["amount"].to_string(), "10.00");
}

#[actix_web::test]
async fn a_user_sees_its_own_payments_and_an_administrator_all_of_the_tenant() {
    let world = World::new();
    let process = process(&world).await;
    let _ = paid(&world, &process).await;
    let call = |path: &str, tenant: &str, sub: &str, role: &str| {
        process.call(process.signed(TestRequest::get().uri(path), tenant, sub, role))
    };
    let one = "/rentals/payments/1";
    assert_eq!(call(one, "acme", "clerk", "admin").await.status, 200);
    refused(&call(one, "acme", "124", "customer").await, 403, "PERMISSION_DENIED");
    refused(&call(one, "other", USER, "admin").await, 404, "PAYMENT_NOT_FOUND");
    for unknown in ["2", "0", "-1", "99999999999999999999"] {
        refused(&read(&process, &format!("/rentals/payments/{unknown}")).await, 404, "PAYMENT_NOT_FOUND");
    }
    refused(&process.call(TestRequest::get().uri(one)).await, 401, "UNAUTHORIZED");
    let list = "/rentals/payments/user";
    assert_eq!(call(list, "acme", "124", "customer").await.json["data"], json!([]));
    assert_eq!(call(list, "other", USER, "customer").await.json["data"], json!([]));
    refused(&process.call(TestRequest::get().uri(list)).await, 401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn transactions_are_listed_newest_first_in_pages_with_their_meta() {
    let world = World::new();
    let process = process(&world).await;
    let (first, id) = paid(&world, &process).await;
    for (number, token) in [(457, "tok_declined"), (458, "tok_timeout_before")] {
        world.wait(1);
        put(&process, booking(number, 24_999)).await;
        let body = with(with(payment(method(&world, token).await), "booking_id", number), "amount", 249.99);
        let _ = pay(&process, &body).await;
    }
    world.wait(1);
    tell(&process, refund(&world, id, 1, 1_000)).await;
    tell(&process, failed(refund(&world, id, 2, 7), false)).await;
    let list = |query: &'static str| {
        let process = &process;
        async move { read(process, &format!("/rentals/payments/user{query}")).await }
    };
    let all = list("").await;
    assert_eq!((all.status, all.text("message")), (200, "Transactions fetched"), "{}", all.json);
    let meta = json!({ "current_page": 1, "total_pages": 1, "total_items": 5, "per_page": 20 });
    assert_eq!(all.json["meta"], meta);
    let shown = |answer: &Answer| {
        let data = answer.json["data"].as_array().expect("a list").iter();
        data.map(|one| {
            format!("{} {} {} {}", one["type"], one["id"], one["status"], one["booking_id"]).replace('"', "")
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&all)[2..],
        ["payment 2 pending 458", "payment 3 failed 457", "payment 1 completed 456"]
    );
    let mut refunds = shown(&all)[..2].to_vec();
    refunds.sort();
    assert_eq!(refunds, ["refund 1 completed 456", "refund 2 failed 456"]);
    let last = all.json["data"][4].clone();
    let expected = json!({
        "id": 1, "booking_id": 456, "type": "payment", "amount": first["amount"], "currency": "USD",
        "status": "completed", "method": "credit_card", "card_last4": "4242",
        "transaction_id": first["transaction_id"], "created_at": first["created_at"],
    });
    assert_eq!(last, expected);
    let second = list("?limit=2&page=2").await;
    assert_eq!(shown(&second), ["payment 2 pending 458", "payment 3 failed 457"]);
    let meta = json!({ "current_page": 2, "total_pages": 3, "total_items": 5, "per_page": 2 });
    assert_eq!(second.json["meta"], meta);
    assert_eq!(list("?page=9").await.json["data"], json!([]));
    for (query, count) in [
        ("?type=payment", 3),
        ("?type=refund", 2),
        ("?status=failed", 2),
        ("?status=pending&type=payment", 1),
        ("?from_date=2026-03-04T12:00:01Z", 4),
        ("?to_date=2026-03-04T12:00:01Z", 2),
        ("?from_date=2026-03-04&to_date=2026-03-04", 5),
        ("?to_date=2026-03-03", 0),
    ] {
        assert_eq!(list(query).await.json["meta"]["total_items"], count, "{query}");
    }
    for query in ["?page=0", "?limit=101", "?limit=x", "?type=x", "?status=x", "?from_date=x"] {
        refused(&list(query).await, 400, "VALIDATION_ERROR");
    }
}

#[actix_web::test]
async fn a_refund_whose_outcome_is_not_known_is_pending_until_its_end_is_told() {
    let world = World::new();
    let process = process(&world).await;
    let (payment, id) = paid(&world, &process).await;
    world.wait(10);
    let told = refund(&world, id, 1, 1_000);
    world.open_refunds.begin(USER, open(&told));
    let history = read(&process, "/rentals/payments/user").await;
    let expected = json!({
        "id": 1, "booking_id": 456, "type": "refund", "amount": history.json["data"][0]["amount"],
        "currency": "USD", "status": "pending", "method": "credit_card", "card_last4": "4242",
        "transaction_id": null, "created_at": told.created_at,
    });
    assert_eq!(history.json["data"][0], expected);
    assert_eq!(history.json["data"][0]["amount"].to_string(), "10.00");
    assert_eq!(history.json["data"][1]["id"], payment["id"]);
    assert_eq!(history.json["meta"]["total_items"], 2);
    let pending = read(&process, "/rentals/payments/user?status=pending").await;
    assert_eq!(pending.json["meta"]["total_items"], 1, "{}", pending.json);
    let details = read(&process, "/rentals/payments/1").await.json["data"]["details"].clone();
    let expected = json!([{
        "id": 1, "payment_id": 1, "amount": details["refunds"][0]["amount"], "currency": "USD",
        "reason": "storm", "status": "pending", "transaction_id": null, "created_at": told.created_at,
    }]);
    assert_eq!(details["refunds"], expected);
    let done = |answer: &Answer| {
        let data = answer.json["data"].as_array().expect("a list").iter();
        data.filter(|one| one["type"] == "refund").map(|one| one["status"].clone()).collect::<Vec<_>>()
    };
    // Its end is told here before refunds says that it is open no more: it is there once.
    tell(&process, told).await;
    assert_eq!(done(&read(&process, "/rentals/payments/user").await), ["completed"]);
    let details = read(&process, "/rentals/payments/1").await.json["data"]["details"].clone();
    assert_eq!(details["refunds"].as_array().map(Vec::len), Some(1), "{details}");
    world.open_refunds.end_all();
    assert_eq!(done(&read(&process, "/rentals/payments/user").await), ["completed"]);
}

#[actix_web::test]
async fn a_history_of_any_length_is_counted_and_paged_to_its_end() {
    const MANY: u128 = 1_234;
    let world = World::new();
    let process = process(&world).await;
    let (first, id) = paid(&world, &process).await;
    let paid =
        world.store.intent(&acme(), IntentId::from_uuid(id)).await.expect("read").expect("it is there");
    for number in 1..MANY {
        world.wait(1);
        let copy = Intent {
            id: IntentId::from_uuid(Uuid::from_u128(number)),
            order_ref: Some(format!("{}", 1_000 + number)),
            created_at: world.now(),
            attempts: Vec::new(),
            ..paid.clone()
        };
        assert!(world.store.commit(Change::of(acme()).save(Save::<Intent>::new(copy))).await.is_ok());
    }
    let page = read(&process, "/rentals/payments/user?limit=100&page=13").await;
    let meta = json!({ "current_page": 13, "total_pages": 13, "total_items": 1_234, "per_page": 100 });
    assert_eq!(page.json["meta"], meta);
    let data = page.json["data"].as_array().expect("a list");
    assert_eq!(data.len(), 34);
    assert_eq!(data[33]["id"], first["id"], "the oldest is there: {}", data[33]);
}

#[actix_web::test]
async fn every_answer_says_how_the_users_limits_stand() {
    let world = World::new();
    let process = process(&world).await;
    for _ in 0..30 {
        assert_eq!(read(&process, "/rentals/payments/user").await.status, 200);
    }
    refused(&read(&process, "/rentals/payments/user").await, 429, "TOO_MANY_REQUESTS");
    world.wait(60);
    assert_eq!(read(&process, "/rentals/payments/user").await.status, 200);
}

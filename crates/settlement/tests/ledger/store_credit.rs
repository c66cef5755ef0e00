//! A customer's store credit, over the routes.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::ports::Consumer;

use crate::routes::{customer, get, get_as, post_as};
use crate::support::{World, acme, credited, eur};

const ADJUSTMENTS: &str = "/v1/payments/store-credit/adjustments";
const CREDIT: &str = "/v1/payments/store-credit/cust_1";
/// Who may read refunds and change settlements, of acme.
const TELLER: u8 = 3;

/// With 10.00 EUR of store credit, given by two refunds.
async fn world() -> World {
    let world = World::new();
    for message in [credited(1, 1, Some("cust_1"), eur(600)), credited(2, 2, Some("cust_1"), eur(400))] {
        world.consumer.handle(&message).await.unwrap_or_else(|error| panic!("{error}"));
    }
    world
}

fn redemption(amount: i64) -> Value {
    json!({"customer_id": "cust_1", "type": "redemption", "amount": amount, "currency": "EUR",
           "merchant_account_id": "ma_default", "reason": "spent on an order", "order_ref": "ord_7"})
}

fn grant(amount: i64) -> Value {
    json!({"customer_id": "cust_1", "type": "grant", "amount": amount, "currency": "EUR",
           "merchant_account_id": "ma_default", "reason": "a late parcel"})
}

async fn balance(world: &World) -> Value {
    get_as(world, CREDIT, TELLER).await.1["data"][0]["balance"].clone()
}

#[actix_web::test]
async fn a_customers_credit_is_what_was_given_less_what_was_spent_and_its_history_says_why() {
    let world = world().await;
    assert_eq!(balance(&world).await, 1_000);
    let (status, given, _) = post_as(&world, (ADJUSTMENTS, &grant(50)), TELLER, Some("g")).await;
    assert_eq!((status, &given["type"], &given["amount"]), (201, &json!("grant"), &json!(50)), "{given}");
    let (status, spent, _) = post_as(&world, (ADJUSTMENTS, &redemption(700)), TELLER, Some("r")).await;
    assert_eq!((status, &spent["order_ref"]), (201, &json!("ord_7")), "{spent}");
    let (status, body) = get_as(&world, CREDIT, TELLER).await;
    let expected = json!({"object": "list", "has_more": false, "data": [
        {"object": "store_credit", "customer_id": "cust_1", "currency": "EUR", "balance": 350},
    ]});
    assert_eq!((status, body), (200, expected));
    let (status, history) = get_as(&world, &format!("{CREDIT}/entries?limit=3"), TELLER).await;
    assert_eq!((status, &history["has_more"]), (200, &json!(true)), "{history}");
    let shown = |row: &Value| (row["kind"].clone(), row["amount"].clone(), row["reason"].clone());
    let rows: Vec<_> = history["data"].as_array().unwrap().iter().map(shown).collect();
    // All in one instant of the test's clock: which of them is first is not said.
    let next = format!("{CREDIT}/entries?cursor={}", history["next_cursor"].as_str().unwrap());
    let (_, rest) = get_as(&world, &next, TELLER).await;
    let all: Vec<_> = rows.into_iter().chain(rest["data"].as_array().unwrap().iter().map(shown)).collect();
    assert_eq!(all.len(), 4, "{all:?}");
    for wanted in [
        (json!("refund"), json!(600), Value::Null),
        (json!("refund"), json!(400), Value::Null),
        (json!("store_credit_grant"), json!(50), json!("a late parcel")),
        (json!("store_credit_redemption"), json!(-700), json!("spent on an order")),
    ] {
        assert!(all.contains(&wanted), "{wanted:?} is not among {all:?}");
    }
    let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
    assert!(check.balanced(), "{check:?}");
}

#[actix_web::test]
async fn the_same_key_spends_once_and_a_refusal_is_kept() {
    let world = world().await;
    let (_, first, _) = post_as(&world, (ADJUSTMENTS, &redemption(300)), TELLER, Some("k")).await;
    let (status, again, kept) = post_as(&world, (ADJUSTMENTS, &redemption(300)), TELLER, Some("k")).await;
    assert_eq!((status, again, kept), (201, first, true));
    assert_eq!(balance(&world).await, 700);
    let (status, body, _) = post_as(&world, (ADJUSTMENTS, &redemption(301)), TELLER, Some("k")).await;
    assert_eq!((status, &body["code"]), (422, &json!("idempotency_key_reused")), "{body}");
    let (status, refused, _) = post_as(&world, (ADJUSTMENTS, &redemption(701)), TELLER, Some("more")).await;
    assert_eq!((status, &refused["code"]), (422, &json!("store_credit_insufficient")), "{refused}");
    assert_eq!(refused["errors"][0]["detail"], "must be at most 700", "{refused}");
    let (_, _, _) = post_as(&world, (ADJUSTMENTS, &grant(500)), TELLER, Some("g")).await;
    let (status, _, kept) = post_as(&world, (ADJUSTMENTS, &redemption(701)), TELLER, Some("more")).await;
    assert_eq!((status, kept), (422, true), "a retry never changes an outcome");
    let (status, body, _) = post_as(&world, (ADJUSTMENTS, &grant(1)), TELLER, None).await;
    assert_eq!((status, &body["code"]), (400, &json!("idempotency_key_required")), "{body}");
}

#[actix_web::test]
async fn many_who_spend_at_once_spend_no_more_than_is_there() {
    let world = world().await;
    let body = redemption(600);
    let keys: Vec<String> = (0..20).map(|nth| format!("k{nth}")).collect();
    let calls = keys.iter().map(|key| post_as(&world, (ADJUSTMENTS, &body), TELLER, Some(key)));
    let statuses: Vec<u16> = join_all(calls).await.into_iter().map(|(status, ..)| status).collect();
    let with = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((with(201), with(422)), (1, 19), "{statuses:?}");
    assert_eq!(balance(&world).await, 400);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_and_moves_nothing() {
    let world = world().await;
    let with = |field: &str, value: Value| {
        let mut body = redemption(100);
        body[field] = value;
        body
    };
    for (nth, (body, status, code)) in [
        (with("amount", json!(0)), 400, "invalid_amount"),
        (with("amount", json!(-1)), 400, "invalid_amount"),
        (with("currency", json!("EURO")), 400, "unknown_currency"),
        (with("currency", json!("JPY")), 404, "not_found"),
        (with("customer_id", json!("nobody")), 404, "not_found"),
        (with("customer_id", json!("")), 400, "invalid_reference"),
        (with("reason", json!(" ")), 400, "invalid_text"),
        (with("reason", json!("x".repeat(501))), 400, "text_too_long"),
        (with("reason", json!("4242 4242 4242 4242")), 422, "card_number_detected"),
        (with("colour", json!("red")), 400, "unknown_field"),
        (with("amount", json!(1_001)), 422, "store_credit_insufficient"),
    ]
    .into_iter()
    .enumerate()
    {
        let (got, answer, _) = post_as(&world, (ADJUSTMENTS, &body), TELLER, Some(&format!("k{nth}"))).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{body}: {answer}");
    }
    assert_eq!(balance(&world).await, 1_000);
}

#[actix_web::test]
async fn a_customer_sees_its_own_credit_alone_and_changes_none() {
    let world = world().await;
    let (status, body) = get(&world, CREDIT, &customer("cust_1")).await;
    assert_eq!((status, &body["data"][0]["balance"]), (200, &json!(1_000)), "{body}");
    for path in [CREDIT.to_owned(), format!("{CREDIT}/entries")] {
        assert_eq!(get(&world, &path, &customer("cust_2")).await.0, 404, "{path}");
    }
    // Who may read the ledger alone, and who is of another tenant.
    assert_eq!(get_as(&world, CREDIT, 1).await.0, 403);
    assert_eq!(post_as(&world, (ADJUSTMENTS, &grant(1)), 1, Some("k")).await.0, 403);
    assert_eq!(get_as(&world, "/v1/payments/store-credit/cust_404", TELLER).await.1["data"], json!([]));
}

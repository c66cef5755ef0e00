//! Each error code of the rentals document is reached: from outside, or, where only a fault leads to it, by a test of the
//! crate whose route it is, which is named here.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, Api, System, Tenant};

use crate::examples::{USER, book, method, page_wanted, patient, refused};

const PROCESS: &str = "POST /payments/process";
const REFUND: &str = "POST /payments/refund";
const HISTORY: &str = "GET /payments/user";
const DETAILS: &str = "GET /payments/{id}";
const ADD: &str = "POST /payments/methods";
const METHODS: &str = "GET /payments/methods";
const DELETE: &str = "DELETE /payments/methods/{id}";
const GATEWAY: &str = "POST /payments/gateway";
const CALLBACK: &str = "POST /payments/gateway/{gateway}/callback";
const INVOICE: &str = "GET /payments/invoice/{id}";

/// The tables of error codes of the document (seed 003), in its order, a line for each route.
const DOCUMENT: &[(&str, &str)] = &[
    (
        PROCESS,
        "400 VALIDATION_ERROR, 400 PAYMENT_AMOUNT_MISMATCH, 400 BOOKING_ALREADY_PAID, 400 INVALID_PAYMENT_METHOD, \
         401 UNAUTHORIZED, 403 PERMISSION_DENIED, 404 BOOKING_NOT_FOUND, 500 PAYMENT_FAILED",
    ),
    (
        REFUND,
        "400 VALIDATION_ERROR, 400 REFUND_AMOUNT_EXCESSIVE, 400 PAYMENT_NOT_REFUNDABLE, 401 UNAUTHORIZED, \
         403 PERMISSION_DENIED, 404 PAYMENT_NOT_FOUND, 500 REFUND_FAILED",
    ),
    (HISTORY, "401 UNAUTHORIZED, 500 SERVER_ERROR"),
    (DETAILS, "401 UNAUTHORIZED, 403 PERMISSION_DENIED, 404 PAYMENT_NOT_FOUND, 500 SERVER_ERROR"),
    (ADD, "400 VALIDATION_ERROR, 400 INVALID_PAYMENT_TYPE, 401 UNAUTHORIZED, 500 METHOD_CREATION_FAILED"),
    (METHODS, "401 UNAUTHORIZED, 500 SERVER_ERROR"),
    (DELETE, "401 UNAUTHORIZED, 403 PERMISSION_DENIED, 404 METHOD_NOT_FOUND, 500 SERVER_ERROR"),
    (
        GATEWAY,
        "400 VALIDATION_ERROR, 400 UNSUPPORTED_GATEWAY, 400 GATEWAY_CONFIG_ERROR, 401 UNAUTHORIZED, \
         403 PERMISSION_DENIED, 404 BOOKING_NOT_FOUND, 500 GATEWAY_ERROR",
    ),
    (CALLBACK, "400 INVALID_CALLBACK, 400 SIGNATURE_MISMATCH, 500 PROCESSING_FAILED"),
    (
        INVOICE,
        "401 UNAUTHORIZED, 403 PERMISSION_DENIED, 404 PAYMENT_NOT_FOUND, 404 INVOICE_NOT_AVAILABLE, \
         500 GENERATION_FAILED",
    ),
];

/// A test that reaches a code by a fault: the file that has it, and its name.
type FaultTest = (&'static str, &'static str);
const AWAY: &str =
    "while_the_database_is_away_each_route_answers_its_documents_500_and_says_when_to_come_again";
const INTENTS_AWAY: FaultTest = ("intents/tests/intents/rentals_faults.rs", AWAY);
const VAULT_AWAY: FaultTest = ("vault/tests/vault/rentals.rs", AWAY);

/// What only a fault reaches: of the database, of a gateway, or of who set the platform up.
const BY_FAULT: &[(&str, &str, FaultTest)] = &[
    (
        REFUND,
        "500 REFUND_FAILED",
        (
            "refunds/tests/refunds/rentals.rs",
            "a_refund_that_the_gateway_refuses_is_the_documents_500_kept_under_its_key",
        ),
    ),
    (HISTORY, "500 SERVER_ERROR", INTENTS_AWAY),
    (DETAILS, "500 SERVER_ERROR", INTENTS_AWAY),
    (ADD, "500 METHOD_CREATION_FAILED", VAULT_AWAY),
    (METHODS, "500 SERVER_ERROR", VAULT_AWAY),
    (DELETE, "500 SERVER_ERROR", VAULT_AWAY),
    (
        GATEWAY,
        "400 GATEWAY_CONFIG_ERROR",
        (
            "intents/tests/intents/rentals_gateway.rs",
            "outside_of_the_sandbox_no_gateway_stands_in_for_one_that_is_not_set_up",
        ),
    ),
    (GATEWAY, "500 GATEWAY_ERROR", INTENTS_AWAY),
    (
        CALLBACK,
        "500 PROCESSING_FAILED",
        (
            "intents/tests/intents/rentals_gateway.rs",
            "a_signed_callback_that_cannot_be_kept_fails_and_has_its_effect_when_it_is_sent_again",
        ),
    ),
];

/// Routes that nothing serves yet.
const NOT_SERVED: &[&str] = &[INVOICE];

/// The codes that were reached.
#[derive(Default)]
struct Reached(BTreeSet<(&'static str, String)>);

impl Reached {
    #[track_caller]
    fn at(&mut self, route: &'static str, answer: &Answer, status: u16, code: &str) {
        refused(answer, status, code);
        self.0.insert((route, format!("{status} {code}")));
    }

    /// Every code of the document is among them, or a test reaches it by a fault.
    fn are_all(mut self) {
        for (route, code, (file, test)) in BY_FAULT {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").join(file);
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
            let (_, word) = code.split_once(' ').expect("a status and a word");
            assert!(text.contains(&format!("fn {test}()")), "{file} has no test {test}");
            assert!(text.contains(&format!("\"{word}\"")), "{file} names no {word}");
            assert!(self.0.insert((route, (*code).to_owned())), "{route}: {code} needs no fault");
        }
        let written: BTreeSet<(&str, String)> = DOCUMENT
            .iter()
            .filter(|(route, _)| !NOT_SERVED.contains(route))
            .flat_map(|(route, codes)| codes.split(", ").map(move |code| (*route, code.to_owned())))
            .collect();
        let missing: Vec<_> = written.difference(&self.0).collect();
        assert!(missing.is_empty(), "codes of the document that nothing reaches: {missing:?}");
    }
}

pub(crate) async fn every_error_code_of_the_rentals_document_is_reached(system: &System) {
    let shop = system.tenant();
    let (user, nobody) = (shop.customer(USER), system.api.anonymous());
    let mut reached = Reached::default();
    for (number, customer) in [(1, USER), (2, "124"), (3, USER)] {
        book(&shop, number, customer).await;
    }
    let card = methods(&mut reached, &shop, [&user, &nobody]).await;
    let payment = payments(&mut reached, &shop, [&user, &nobody], &card).await;
    refunds(&mut reached, &shop, [&user, &nobody], &payment).await;
    reads(&mut reached, &shop, [&user, &nobody], &payment).await;
    // Another user: one makes ten payments an hour.
    gateways(&mut reached, [&shop.customer("125"), &nobody]).await;
    reached.are_all();
}

/// The number of a method that can be charged.
async fn methods(reached: &mut Reached, shop: &Tenant, [user, nobody]: [&Api; 2]) -> Value {
    let path = "/rentals/payments/methods";
    let (wrong, odd) = (json!({"type": "credit_card"}), json!({"type": "cheque"}));
    reached.at(ADD, &user.post(path, &wrong).await, 400, "VALIDATION_ERROR");
    reached.at(ADD, &user.post(path, &odd).await, 400, "INVALID_PAYMENT_TYPE");
    reached.at(ADD, &nobody.post(path, &odd).await, 401, "UNAUTHORIZED");
    reached.at(METHODS, &nobody.get(path).await, 401, "UNAUTHORIZED");
    let card = method(user).await;
    let delete =
        async |api: &Api, number: &Value| api.call(Method::DELETE, &format!("{path}/{number}")).send().await;
    reached.at(DELETE, &delete(nobody, &card).await, 401, "UNAUTHORIZED");
    reached.at(DELETE, &delete(&shop.customer("124"), &card).await, 403, "PERMISSION_DENIED");
    reached.at(DELETE, &delete(user, &json!(99_999)).await, 404, "METHOD_NOT_FOUND");
    card
}

/// The number of a payment of 349.99.
async fn payments(reached: &mut Reached, shop: &Tenant, [user, nobody]: [&Api; 2], card: &Value) -> Value {
    let path = "/rentals/payments/process";
    let pay = |booking: i64, amount: f64, method: &Value| json!({"booking_id": booking, "amount": amount, "payment_method_id": method, "currency": "USD"});
    let malformed = json!({"booking_id": "1"});
    reached.at(PROCESS, &user.post(path, &malformed).await, 400, "VALIDATION_ERROR");
    reached.at(PROCESS, &user.post(path, &pay(1, 349.98, card)).await, 400, "PAYMENT_AMOUNT_MISMATCH");
    let unknown = pay(1, 349.99, &json!(9_999));
    reached.at(PROCESS, &user.post(path, &unknown).await, 400, "INVALID_PAYMENT_METHOD");
    reached.at(PROCESS, &user.post(path, &pay(2, 349.99, card)).await, 403, "PERMISSION_DENIED");
    reached.at(PROCESS, &user.post(path, &pay(9, 349.99, card)).await, 404, "BOOKING_NOT_FOUND");
    reached.at(PROCESS, &nobody.post(path, &pay(1, 349.99, card)).await, 401, "UNAUTHORIZED");
    // Its last two digits are an answer of the card network: 05, do not honor.
    let declined = json!({"kind": "booking", "customer_id": USER, "amount": 990_005, "currency": "USD"});
    let put = shop.api.call(Method::PUT, "/v1/payments/orders/4").json(&declined);
    let _ = put.send().await.expect(201);
    reached.at(PROCESS, &user.post(path, &pay(4, 9900.05, card)).await, 500, "PAYMENT_FAILED");
    let paid = user.post(path, &pay(1, 349.99, card)).await.expect(200);
    reached.at(PROCESS, &user.post(path, &pay(1, 349.99, card)).await, 400, "BOOKING_ALREADY_PAID");
    paid["data"]["payment"]["id"].clone()
}

async fn refunds(reached: &mut Reached, shop: &Tenant, [user, nobody]: [&Api; 2], payment: &Value) {
    let path = "/rentals/payments/refund";
    let back =
        |payment: &Value, amount: f64| json!({"payment_id": payment, "amount": amount, "reason": "rain"});
    let excessive = patient(shop, path, &back(payment, 350.0)).await;
    reached.at(REFUND, &excessive, 400, "REFUND_AMOUNT_EXCESSIVE");
    reached.at(REFUND, &shop.api.post(path, &back(payment, -1.0)).await, 400, "VALIDATION_ERROR");
    let unknown = back(&json!(99_999), 1.0);
    reached.at(REFUND, &shop.api.post(path, &unknown).await, 404, "PAYMENT_NOT_FOUND");
    reached.at(REFUND, &user.post(path, &back(payment, 1.0)).await, 403, "PERMISSION_DENIED");
    reached.at(REFUND, &nobody.post(path, &back(payment, 1.0)).await, 401, "UNAUTHORIZED");
    let _ = shop.api.post(path, &back(payment, 349.99)).await.expect(200);
    reached.at(REFUND, &shop.api.post(path, &back(payment, 1.0)).await, 400, "PAYMENT_NOT_REFUNDABLE");
}

async fn reads(reached: &mut Reached, shop: &Tenant, [user, nobody]: [&Api; 2], payment: &Value) {
    let path = format!("/rentals/payments/{payment}");
    reached.at(DETAILS, &nobody.get(&path).await, 401, "UNAUTHORIZED");
    reached.at(DETAILS, &shop.customer("124").get(&path).await, 403, "PERMISSION_DENIED");
    reached.at(DETAILS, &user.get("/rentals/payments/99999").await, 404, "PAYMENT_NOT_FOUND");
    reached.at(HISTORY, &nobody.get("/rentals/payments/user").await, 401, "UNAUTHORIZED");
}

async fn gateways(reached: &mut Reached, [user, nobody]: [&Api; 2]) {
    let path = "/rentals/payments/gateway";
    let (square, malformed) = (json!({"gateway": "square"}), json!({"gateway": "stripe"}));
    reached.at(GATEWAY, &user.post(path, &square).await, 400, "UNSUPPORTED_GATEWAY");
    reached.at(GATEWAY, &user.post(path, &malformed).await, 400, "VALIDATION_ERROR");
    reached.at(GATEWAY, &nobody.post(path, &page_wanted(3)).await, 401, "UNAUTHORIZED");
    reached.at(GATEWAY, &user.post(path, &page_wanted(2)).await, 403, "PERMISSION_DENIED");
    reached.at(GATEWAY, &user.post(path, &page_wanted(9)).await, 404, "BOOKING_NOT_FOUND");
    let callback = "/rentals/payments/gateway/stripe/callback";
    reached.at(CALLBACK, &nobody.post(callback, &json!({})).await, 400, "INVALID_CALLBACK");
    let forged = nobody.call(Method::POST, callback).json(&json!({})).header("webhook-id", "evt_1");
    let forged = forged.header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA");
    reached.at(CALLBACK, &forged.send().await, 400, "SIGNATURE_MISMATCH");
}

//! The tickets dialect answers in its document's envelope, whatever it refuses.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{DeclineCode, Order};

use crate::rentals::{booking, put};
use crate::rig::World;
use crate::settings::hear;

const PATH: &str = "/tickets/payments";
const A_GUID: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";

fn payment() -> Value {
    json!({ "orderId": A_GUID, "customerId": A_GUID, "amount": 10.00, "currency": "EUR" })
}

#[actix_web::test]
async fn every_refusal_is_the_documents_envelope_and_no_problem_details() {
    let process = World::new().process();
    let admin = |body: &Value| {
        process.signed(TestRequest::post().uri(PATH).set_json(body), "acme", "cust_1", "admin")
    };
    let reader = process.signed(TestRequest::post().uri(PATH).set_json(payment()), "acme", "x", "read_only");
    let nobody = TestRequest::post().uri(PATH).set_json(payment());
    let nobody = nobody.insert_header(("authorization", "Bearer of bad news"));
    let refusals = [
        (400, admin(&json!({ "orderId": A_GUID }))),
        (400, TestRequest::post().uri(PATH).set_payload("{")),
        (401, nobody),
        (403, reader),
        (404, admin(&payment())),
    ];
    for (status, request) in refusals {
        let answer = process.call(request).await;
        assert_eq!((answer.status, &*answer.media_type), (status, "application/json"), "{}", answer.json);
        assert_eq!(answer.json["success"], false, "{}", answer.json);
        assert_eq!(answer.json["payment"], Value::Null);
        assert!(!answer.text("errorMessage").is_empty(), "{}", answer.json);
    }
}

#[actix_web::test]
async fn a_dialect_needs_no_mandate_and_a_tenant_that_always_asks_has_its_payments_declined() {
    for (policy, status) in [("automatic", 200), ("always", 402)] {
        let world = World::new();
        let process = world.process();
        hear(&process, 1, json!({ "threeDsPolicy": policy })).await;
        let order = Order {
            reference: A_GUID.to_owned(),
            kind: "order".to_owned(),
            customer_id: A_GUID.to_owned(),
            amount: Money::new(1_000, Currency::EUR),
            ..booking(1, 1_000)
        };
        put(&process, order).await;
        let request = TestRequest::post().uri(PATH).set_json(payment());
        let answer = process.call(process.signed(request, "acme", "cust_1", "admin")).await;
        assert_eq!(answer.status, status, "{policy}: {}", answer.json);
        let intents = world.intents().await;
        let decline = intents[0].attempts[0].decline.as_ref().map(|decline| decline.code);
        let expected = (status == 402).then_some(DeclineCode::AuthenticationRequired);
        assert_eq!((intents[0].attempts.len(), decline), (1, expected), "{policy}");
        world.check_books().await;
    }
}

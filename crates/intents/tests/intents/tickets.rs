//! The tickets dialect answers in its document's envelope, whatever it refuses.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::World;

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

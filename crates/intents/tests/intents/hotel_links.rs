//! The hotels dialect's payment links: the links that there are, in the document's words.

use std::sync::Arc;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::kernel::{MethodId, PaymentLinkId, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};
use uuid::Uuid;

use crate::hotels::PAYMENTS;
use crate::links::{get, post};
use crate::rig::{Answer, CUSTOMER, Process, World, with};
use crate::vault::TestMethods;

/// The test methods, as cards that the page's form made: nobody's.
struct CardsOfForms;

#[async_trait]
impl MethodVault for CardsOfForms {
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let method = TestMethods.method_for_charge(tenant, id).await?;
        Ok(ChargeableMethod { customer_id: None, ..method })
    }
}

fn process(world: &World) -> Process {
    world.process_over(Arc::new(CardsOfForms))
}

const LINKS: &str = "/hotels/payment-links";

fn wanted() -> Value {
    json!({
        "reservation_id": "R-9", "hotel_id": "hotel-1", "amount": 90.00, "currency": "EUR", "send_by": ["EMAIL"],
        "guest": { "name": "Ada Example", "email": "ada@example.com" }, "expires_at": "2026-03-20T12:00:00Z",
    })
}

async fn made(process: &Process) -> Answer {
    let link = process.post(LINKS, "k", wanted()).await;
    assert_eq!((link.status, link.text("status")), (201, "INITIATED"), "{}", link.json);
    link
}

async fn read(process: &Process, link: &Answer) -> Value {
    process.get(&format!("{LINKS}/{}", link.text("link_id"))).await.json
}

/// The guest pays on the link's page.
async fn pay(world: &World, process: &Process, link: &Value) {
    let path = link["url"].as_str().and_then(|url| url.strip_prefix("https://pay.example")).expect("a page");
    let nonce = get(process, path).await.hidden("ticket");
    let id: Uuid = link["link_id"].as_str().expect("an id").parse().expect("a UUID");
    world.cards.send(&PaymentLinkId::from_uuid(id).to_string(), &nonce, "tok_visa");
    assert_eq!(post(process, &format!("{path}/confirm"), &nonce).await.status, 303);
}

#[tokio::test]
async fn a_link_is_sent_paid_and_its_payment_is_the_hotels() {
    let world = World::new();
    let process = process(&world);
    let link = made(&process).await;
    assert_eq!(world.told("notification.requested").len(), 1);
    let again = process.post(LINKS, "k", wanted()).await;
    assert_eq!((again.replayed, &again.json), (true, &link.json));
    assert_eq!(world.told("notification.requested").len(), 1, "it is sent once");
    pay(&world, &process, &link.json).await;
    let paid = read(&process, &link).await;
    assert_eq!(paid["status"], "COMPLETED", "{paid}");
    let payment = process.get(&format!("{PAYMENTS}/{}", paid["payment_id"].as_str().expect("an id"))).await;
    assert_eq!((payment.text("status"), payment.text("channel")), ("COMPLETED", "PAYMENT_LINK"));
    assert_eq!((payment.text("hotel_id"), payment.text("reservation_id")), ("hotel-1", "R-9"));
    let cancel = process.post(&format!("{LINKS}/{}/cancel", link.text("link_id")), "c", json!({})).await;
    assert_eq!((cancel.status, cancel.text("error")), (409, "CONFLICT"), "{}", cancel.json);
    world.check_books().await;
}

#[tokio::test]
async fn the_link_of_a_deposit_confirms_its_reservation() {
    let world = World::new();
    let process = process(&world);
    let policies = json!({ "hotel_id": "hotel-1", "policies": [{ "policy_type": "FIRST_NIGHT" }] });
    let put = TestRequest::put().uri("/v1/payments/deposits/policies").set_json(policies);
    let put = put.insert_header(("if-match", "\"0\""));
    assert_eq!(process.call(process.signed(put, "acme", CUSTOMER, "admin")).await.status, 200);
    let stay = json!({
        "reservation_id": "R-9", "hotel_id": "hotel-1", "guest": { "name": "Ada" }, "total": 300, "currency": "EUR",
        "arrival": "2026-05-01", "departure": "2026-05-04", "channel": "AGENT",
    });
    let asked = process.post("/hotels/reservations", "r", stay.clone()).await;
    let path = format!("{LINKS}/{}", asked.text("link_id"));
    let link = process.get(&path).await;
    assert_eq!(link.json["amount"].to_string(), "100.00", "{}", link.json);
    pay(&world, &process, &link.json).await;
    let known = process.post("/hotels/reservations", "r2", stay).await;
    assert_eq!((known.status, known.text("status")), (200, "CONFIRMED"), "{}", known.json);
    assert_eq!(world.told("order.changed").len(), 1);
}

#[tokio::test]
async fn a_link_is_taken_back_or_expires_and_is_sent_again_while_it_is_open() {
    let world = World::new();
    let process = process(&world);
    let link = made(&process).await;
    let path = format!("{LINKS}/{}", link.text("link_id"));
    let sent = process.post(&format!("{path}/send"), "s", json!({ "send_by": ["EMAIL"] })).await;
    assert_eq!((sent.status, world.told("notification.requested").len()), (202, 2), "{}", sent.json);
    let by_sms = process.post(&format!("{path}/send"), "t", json!({ "send_by": ["SMS"] })).await;
    assert_eq!((by_sms.status, by_sms.text("error")), (422, "VALIDATION_ERROR"), "{}", by_sms.json);
    let by_fax = process.post(&format!("{path}/send"), "u", json!({ "send_by": ["FAX"] })).await;
    assert_eq!((by_fax.status, by_fax.text("field")), (400, "send_by"), "{}", by_fax.json);
    let taken_back = process.post(&format!("{path}/cancel"), "c", json!({})).await;
    assert_eq!((taken_back.status, taken_back.text("status")), (200, "CANCELLED"), "{}", taken_back.json);
    let too_late = process.post(&format!("{path}/send"), "v", json!({ "send_by": ["EMAIL"] })).await;
    assert_eq!((too_late.status, too_late.text("error")), (409, "CONFLICT"), "{}", too_late.json);
    let other = process.post(LINKS, "k2", wanted()).await;
    world.wait(30 * 24 * 3_600);
    assert_eq!(read(&process, &other).await["status"], "EXPIRED");
}

#[tokio::test]
async fn a_link_of_another_door_or_tenant_is_not_there_and_what_is_wrong_is_named() {
    let world = World::new();
    let process = process(&world);
    let core = json!({ "amount": 100, "currency": "EUR" });
    let core = process.post("/v1/payments/payment-links", "c", core).await;
    let id: PaymentLinkId = core.text("id").parse().expect("an id");
    for id in [id.uuid().to_string(), "nonsense".to_owned()] {
        let answer = process.get(&format!("{LINKS}/{id}")).await;
        assert_eq!((answer.status, answer.text("error")), (404, "PAYMENT_LINK_NOT_FOUND"), "{}", answer.json);
    }
    let link = made(&process).await;
    let path = format!("{LINKS}/{}", link.text("link_id"));
    let stranger = process.signed(TestRequest::get().uri(&path), "other", "x", "admin");
    assert_eq!(process.call(stranger).await.status, 404);
    for (field, value) in [("amount", json!(0)), ("hotel_id", Value::Null), ("send_by", json!(["FAX"]))] {
        let answer = process.post(LINKS, "w", with(wanted(), field, value)).await;
        assert_eq!((answer.status, answer.text("field")), (400, field), "{}", answer.json);
    }
}

//! Card forms of the hosted payment page.

use actix_web::test::TestRequest;
use tender_domain::kernel::{PaymentLinkId, TenantId, Timestamp};
use tender_domain::ports::{CardForm, CardForms, Clock, MethodVault};
use uuid::Uuid;

use crate::rig::{Answer, Rig};

const PATH: &str = "/pay/a-Token_1/card";

fn acme() -> TenantId {
    "acme".parse().expect("a tenant")
}

fn link(number: u128) -> PaymentLinkId {
    PaymentLinkId::from_uuid(Uuid::from_u128(number))
}

fn form(nonce: &str, expires_at: Timestamp) -> CardForm {
    CardForm { tenant: acme(), link: link(1), nonce: nonce.to_owned(), livemode: false, expires_at }
}

async fn ticket(rig: &Rig, nonce: &str) -> String {
    let form = form(nonce, rig.clock.now() + chrono::TimeDelta::minutes(30));
    rig.service.ticket(&form).await.expect("it is signed")
}

async fn send(rig: &Rig, ticket: &str, number: &str, expiry: &str) -> Answer {
    let fields =
        [("ticket", ticket), ("number", number), ("expiry", expiry), ("cvc", "123"), ("name", "Ann O'Neil")];
    rig.call(TestRequest::post().uri(PATH).set_form(fields)).await
}

fn to(answer: &Answer) -> (u16, String) {
    let location = answer.headers.get("location").and_then(|value| value.to_str().ok());
    (answer.status.as_u16(), location.unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn a_card_becomes_a_method_that_its_form_alone_leads_to() {
    let rig = Rig::new();
    let ticket = ticket(&rig, "n1").await;
    let sent = send(&rig, &ticket, "4242 4242 4242 4242", "12 / 39").await;
    assert_eq!(to(&sent), (303, "/pay/a-Token_1/review?form=n1".to_owned()));
    let method = rig.service.method(&acme(), link(1), "n1").await.expect("it can be read");
    let method = method.expect("a method was made");
    assert_eq!((method.brand.as_str(), method.last4.as_str()), ("VISA", "4242"));
    let material = rig.service.method_for_charge(&acme(), method.id).await.expect("it can be charged");
    assert_eq!((material.customer_id, material.bin.as_deref()), (None, Some("424242")));
    for (tenant, link, nonce) in [
        (acme(), link(2), "n1"),
        (acme(), link(1), "n2"),
        ("other".parse().expect("a tenant"), link(1), "n1"),
    ] {
        assert_eq!(rig.service.method(&tenant, link, nonce).await.expect("it can be read"), None);
    }
}

#[actix_web::test]
async fn a_form_that_is_sent_again_makes_no_second_method_whatever_card_it_brings() {
    let rig = Rig::new();
    let ticket = ticket(&rig, "n").await;
    for number in ["4242424242424242", "4242424242424242", "5555555555554444"] {
        let sent = send(&rig, &ticket, number, "12/39").await;
        assert_eq!(to(&sent), (303, "/pay/a-Token_1/review?form=n".to_owned()));
    }
    let method = rig.service.method(&acme(), link(1), "n").await.expect("it can be read");
    assert_eq!(method.expect("a method").last4, "4242");
    let listed = rig.admin(TestRequest::get().uri(crate::rig::METHODS)).await;
    let listed: serde_json::Value = serde_json::from_slice(&listed.body).expect("JSON");
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn a_wrong_card_leads_back_to_the_page_and_shows_nothing_of_it() {
    let rig = Rig::new();
    for (number, expiry) in [
        ("4242424242424241", "12/39"),
        ("4242424242424242", "12/01"),
        ("4242424242424242", "soon"),
        ("", "12/39"),
    ] {
        let ticket = ticket(&rig, &format!("n{}{}", number.len(), expiry.len())).await;
        let sent = send(&rig, &ticket, number, expiry).await;
        assert_eq!(to(&sent), (303, "/pay/a-Token_1?problem=card".to_owned()), "{number}, {expiry}");
        assert!(sent.body.is_empty(), "{number}");
    }
}

#[actix_web::test]
async fn a_ticket_that_was_changed_or_is_over_or_is_nobodys_is_not_taken() {
    let rig = Rig::new();
    let good = ticket(&rig, "n").await;
    let (text, signed) = good.split_once('.').expect("two parts");
    let other = ticket(&rig, "m").await;
    let (other_text, _) = other.split_once('.').expect("two parts");
    for bad in [
        format!("{other_text}.{signed}"),
        format!("{text}."),
        text.to_owned(),
        format!("{text}.{}", "A".repeat(43)),
        String::new(),
    ] {
        let sent = send(&rig, &bad, "4242424242424242", "12/39").await;
        assert_eq!(sent.status, 404, "{bad}");
    }
    let over = rig.service.ticket(&form("o", rig.clock.now())).await.expect("it is signed");
    let sent = send(&rig, &over, "4242424242424242", "12/39").await;
    assert_eq!(to(&sent), (303, "/pay/a-Token_1?problem=form".to_owned()));
    let strange = TestRequest::post().uri("/pay/..%2F..%2Fevil/card").set_form([("ticket", &good)]);
    assert_eq!(rig.call(strange).await.status, 404);
    let nothing = rig.service.method(&acme(), link(1), "n").await.expect("it can be read");
    assert_eq!(nothing, None);
}

//! What Square tells by its webhooks.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, GatewayAnswer, GatewayEvent, GatewayFact,
    PaymentGateway,
};
use tender_gateways::{SquareGateway, SquareOptions};

use crate::requests::{eur, name_left};
use crate::rig::{NOTIFICATION_URL, at};
use crate::rules::LOCATION;

/// What Square's own Python and Node libraries sign `{"merchant_id":"M"}` with under the key `key`, sent to this address.
const OF_LIBRARY: (&str, &str) = ("https://example.com/wh", "ZUOAv8+mg80neElfln544dbHx4lojye1mbyY3dft0t8=");

fn gateway(url: &str) -> SquareGateway {
    let options = SquareOptions {
        signature_key: Some("key".into()),
        notification_url: Some(url.to_owned()),
        ..SquareOptions::new("http://127.0.0.1:1", "token", LOCATION)
    };
    SquareGateway::new(options).expect("good options")
}

fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"key").expect("a key");
    mac.update(NOTIFICATION_URL.as_bytes());
    mac.update(body.as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

fn parsed(body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    let headers: CallbackHeaders = [("x-square-hmacsha256-signature", signature(body))].into_iter().collect();
    gateway(NOTIFICATION_URL).parse_callback(&headers, body.as_bytes(), at(1_700_000_000))
}

fn event(kind: &str, name: &str, object: Value) -> Value {
    json!({"merchant_id": "M", "type": kind, "event_id": "e7", "created_at": "2023-11-14T22:13:20Z",
        "data": {"type": name, "id": "x", "object": {name: object}}})
}

fn told(kind: &str, name: &str, object: Value) -> GatewayEvent {
    let mut events = parsed(&event(kind, name, object).to_string()).expect("understood");
    events.pop().expect("one event")
}

fn payment(status: &str, note: &str) -> Value {
    json!({"id": "PAY1", "status": status, "note": note, "amount_money": {"amount": 1000, "currency": "EUR"},
        "card_details": {"errors": [{"category": "PAYMENT_METHOD_ERROR", "code": "CARD_EXPIRED"}]}})
}

fn approved(gateway_reference: &str, minor: i64, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: gateway_reference.into(),
        amount: eur(minor),
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    }
}

fn ended(kind: CallKind, reference: &str, answer: GatewayAnswer) -> GatewayFact {
    GatewayFact::Ended { kind, reference: reference.into(), end: CallEnd::Answered(answer) }
}

#[test]
fn it_is_signed_as_squares_own_libraries_sign() {
    let (url, signature) = OF_LIBRARY;
    let headers: CallbackHeaders = [("X-Square-HmacSha256-Signature", signature)].into_iter().collect();
    let body = br#"{"merchant_id":"M"}"#;
    // Signed well, and no event.
    let told = gateway(url).parse_callback(&headers, body, at(0));
    assert!(matches!(told, Err(CallbackRefusal::Malformed(_))), "{told:?}");
    for other in ["https://example.com/wh/", "http://example.com/wh", "https://example.com/WH"] {
        let told = gateway(other).parse_callback(&headers, body, at(0));
        assert_eq!(told, Err(CallbackRefusal::BadSignature), "the address is signed: {other}");
    }
}

#[test]
fn an_event_tells_what_the_answer_said_and_a_forged_one_is_refused() {
    let body = event("payment.updated", "payment", payment("COMPLETED", "sale/sandbox/att_1")).to_string();
    let sent = SentCallback {
        signed: Signed::Body,
        headers: vec![("x-square-hmacsha256-signature".into(), signature(&body))],
        body: body.into_bytes(),
        at: at(1_700_000_000),
        reference: "att_1".into(),
        answer: approved("PAY1", 1_000, true),
    };
    a_callback_tells_what_the_answer_said(&gateway(NOTIFICATION_URL), &sent);
    a_forged_or_old_callback_is_refused(&gateway(NOTIFICATION_URL), &sent);
    let none = SquareGateway::new(SquareOptions::new("http://127.0.0.1:1", "token", LOCATION)).expect("good");
    let headers: CallbackHeaders = sent.headers.into_iter().collect();
    assert_eq!(none.parse_callback(&headers, &sent.body, at(0)), Err(CallbackRefusal::NotSupported));
}

#[test]
fn payments_are_told_with_our_names() {
    let of = |status: &str, note: &str| told("payment.updated", "payment", payment(status, note));
    let held = of("APPROVED", "hold/sandbox/att_1");
    assert_eq!(held.fact, ended(CallKind::Authorize, "att_1", approved("PAY1", 1_000, false)));
    assert_eq!((held.id.as_str(), held.tenant), ("e7", Some(TenantId::sandbox())));
    assert_eq!((held.gateway_reference.as_deref(), held.occurred_at), (Some("PAY1"), at(1_700_000_000)));
    let open = GatewayFact::Pending { kind: CallKind::Authorize, reference: "att_1".into() };
    assert_eq!(of("PENDING", "hold/sandbox/att_1").fact, open);
    assert_eq!(of("APPROVED", "sale/sandbox/att_1").fact, open, "the money is not taken yet");
    let let_go = of("CANCELED", "hold/sandbox/att_1");
    assert_eq!(let_go.fact, ended(CallKind::Void, "att_1/void", approved("PAY1", 1_000, false)));
    let failed = of("FAILED", "sale/sandbox/att_1");
    assert!(
        matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(why)), .. }
            if why.code.as_str() == "expired_card" && name_left(why) == Some("PAY1")),
        "{failed:?}"
    );
    // By which capture the payment does not say.
    assert_eq!(of("COMPLETED", "hold/sandbox/att_1").fact, GatewayFact::Other);
    assert_eq!(of("COMPLETED", "two coffees").fact, GatewayFact::Other);
}

#[test]
fn refunds_are_told_with_our_names_or_with_their_own() {
    let refund = |status: &str, reason: &str| {
        let object = json!({"id": "R1", "status": status, "payment_id": "PAY1", "reason": reason,
            "amount_money": {"amount": 500, "currency": "EUR"}});
        told("refund.updated", "refund", object)
    };
    let done = refund("COMPLETED", "refund/sandbox/rf_1");
    assert_eq!(done.fact, ended(CallKind::Refund, "rf_1", approved("R1", 500, false)));
    assert_eq!((done.tenant, done.gateway_reference.as_deref()), (Some(TenantId::sandbox()), Some("PAY1")));
    let open = GatewayFact::Pending { kind: CallKind::Refund, reference: "rf_1".into() };
    assert_eq!(refund("PENDING", "refund/sandbox/rf_1").fact, open);
    for status in ["FAILED", "REJECTED"] {
        let failed = refund(status, "refund/sandbox/rf_1");
        assert!(
            matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::TakenBack { .. }, .. }),
            "{status}"
        );
    }
    let event = refund("COMPLETED", "sold out");
    assert_eq!((event.tenant.clone(), event.fact.payment_name()), (None, Some("PAY1")));
    let GatewayFact::RefundedOutside(outside) = event.fact else { panic!("{event:?}") };
    assert_eq!(
        (outside.gateway_reference.as_str(), outside.amount, outside.taken_back),
        ("R1", eur(500), None)
    );
}

#[test]
fn a_dispute_is_told_with_amount_reason_and_time_to_answer() {
    let dispute = |state: &str| {
        let object = json!({"id": "D1", "state": state, "reason": "NOT_RECEIVED", "card_brand": "VISA",
            "amount_money": {"amount": 500, "currency": "EUR"}, "due_at": "2023-11-28T00:00:00.000Z",
            "created_at": "2023-11-14T00:00:00.000Z", "disputed_payment": {"payment_id": "PAY1"}});
        told("dispute.state.updated", "dispute", object)
    };
    for (state, standing) in [
        ("EVIDENCE_REQUIRED", DisputeStatus::NeedsResponse),
        ("PROCESSING", DisputeStatus::UnderReview),
        ("WON", DisputeStatus::Won),
        ("LOST", DisputeStatus::Lost),
        ("ACCEPTED", DisputeStatus::Lost),
    ] {
        let event = dispute(state);
        let GatewayFact::Disputed(told_of) = event.fact else { panic!("{state}") };
        assert_eq!((told_of.gateway_reference.as_str(), told_of.standing), ("PAY1", standing));
        let known = &told_of.dispute;
        assert_eq!((known.processor_reference.as_deref(), known.amount), (Some("D1"), eur(500)));
        assert_eq!(
            (known.reason, known.network),
            (DisputeReason::ProductNotReceived, Some(CardNetwork::Visa))
        );
        assert!(known.respond_by.is_some_and(|by| by > known.received_at));
    }
    assert_eq!(dispute("INQUIRY_EVIDENCE_REQUIRED").fact, GatewayFact::Other, "it takes no money");
}

#[test]
fn what_has_no_word_is_kept_and_what_is_no_event_is_refused() {
    let payout = told("payout.paid", "payout", json!({"id": "po_1"}));
    assert_eq!((payout.fact, payout.gateway_reference), (GatewayFact::Other, None));
    for body in
        ["{}", "nonsense", r#"{"event_id":"","type":"x","created_at":"2023-11-14T22:13:20Z","data":{}}"#]
    {
        assert!(matches!(parsed(body), Err(CallbackRefusal::Malformed(_))), "{body}");
    }
}

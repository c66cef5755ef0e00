//! What Stripe tells by itself.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, DeclineCode, GatewayAnswer, GatewayEvent,
    GatewayFact, PaymentGateway,
};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::{Double, SECRET_KEY};
use crate::rig::{WEBHOOK_SECRET, eur, options};

/// An event, byte for byte as it was signed.
const SUCCEEDED: &str = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1700000000,"data":{"object":{"id":"pi_1","object":"payment_intent","amount":1000,"amount_capturable":0,"amount_received":1000,"currency":"eur","status":"succeeded","capture_method":"automatic","metadata":{"tender_tenant":"sandbox","tender_reference":"att_1"},"latest_charge":"ch_1"}}}"#;

// Fixed vectors: made by `WebhookSignature.generate_signature_header` of the package `stripe` 16.1.0 from PyPI, and again
// by Python's `hmac`.
const OF_TEST: &str = "b1b9e97ef5814f7054f8d01685b642d86048c2348634342932bbd2e68f73fe99";
const OF_ROLLED: &str = "af2d427bc2d9af28216612e893e1da0cfc0821e7a75a229fc053f341b26af963";
const OF_MINIMAL: &str = "b5d16909735dfcdc338e1f1e170cbb5d2ea57494fe5f638399aebcce132ec538";

fn gateway(secret: &str) -> StripeGateway {
    let options = StripeOptions {
        webhook_secret: Some(secret.into()),
        ..StripeOptions::new("http://127.0.0.1:1", SECRET_KEY)
    };
    StripeGateway::new(options).expect("good options")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("an instant")
}

fn parsed(header: &str, body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    let headers: CallbackHeaders = [("Stripe-Signature", header)].into_iter().collect();
    gateway(WEBHOOK_SECRET).parse_callback(&headers, body.as_bytes(), at(1_700_000_000))
}

fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).expect("a key");
    mac.update(format!("1700000000.{body}").as_bytes());
    format!("t=1700000000,v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// What an event of this type about this object tells.
fn told(event_type: &str, object: &Value) -> GatewayEvent {
    let body = json!({"id": "evt_7", "object": "event", "type": event_type, "created": 1_700_000_000,
        "data": {"object": object, "previous_attributes": {}}})
    .to_string();
    let mut events = parsed(&signature(&body), &body).expect("signed and understood");
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn intent(status: &str, more: &Value) -> Value {
    let mut intent = json!({"id": "pi_1", "object": "payment_intent", "amount": 1000,
        "amount_capturable": 0, "amount_received": 0, "currency": "eur", "status": status,
        "capture_method": "automatic", "latest_charge": "ch_1",
        "metadata": {"tender_tenant": "sandbox", "tender_reference": "att_1"}});
    for (name, value) in more.as_object().expect("an object") {
        intent[name] = value.clone();
    }
    intent
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

fn sent() -> SentCallback {
    SentCallback {
        signed: Signed::Whole,
        headers: vec![("Stripe-Signature".into(), format!("t=1700000000,v1={OF_TEST}"))],
        body: SUCCEEDED.as_bytes().to_vec(),
        at: at(1_700_000_000),
        reference: "att_1".into(),
        answer: approved("pi_1", 1_000, true),
    }
}

#[test]
fn it_is_signed_as_stripes_own_library_signs() {
    a_callback_tells_what_the_answer_said(&gateway(WEBHOOK_SECRET), &sent());
    a_forged_or_old_callback_is_refused(&gateway(WEBHOOK_SECRET), &sent());
    let rolled = SentCallback {
        headers: vec![("stripe-signature".into(), format!("t=1700000000,v1={OF_ROLLED}"))],
        ..sent()
    };
    a_callback_tells_what_the_answer_said(&gateway("whsec_rolled"), &rolled);
}

#[test]
fn while_a_secret_is_rolled_one_signature_of_several_is_enough() {
    for header in [
        format!("t=1700000000,v1={OF_ROLLED},v1={OF_TEST}"),
        format!("t=1700000000,v1={OF_TEST},v1={OF_ROLLED},v0=00"),
        format!("v0=00, v1={OF_TEST}, t=1700000000"),
    ] {
        assert!(parsed(&header, SUCCEEDED).is_ok(), "{header}");
    }
    for header in [
        format!("t=1700000000,v1={OF_ROLLED}"),
        format!("t=1700000000,v0={OF_TEST}"),
        format!("t=1700000001,v1={OF_TEST}"),
        "t=1700000000,v1=".to_owned(),
        "t=1700000000".to_owned(),
        "t=1700000000,v1=zz".to_owned(),
    ] {
        assert_eq!(parsed(&header, SUCCEEDED), Err(CallbackRefusal::BadSignature), "{header}");
    }
    for header in [
        format!("v1={OF_TEST}"),
        format!("t=soon,v1={OF_TEST}"),
        format!("t=1700000000,t=1700000000,v1={OF_TEST}"),
        String::new(),
    ] {
        assert!(matches!(parsed(&header, SUCCEEDED), Err(CallbackRefusal::Unsigned(_))), "{header}");
    }
}

#[test]
fn what_is_signed_and_not_understood_is_refused_as_that() {
    let minimal = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded"}"#;
    let refused = parsed(&format!("t=1700000000,v1={OF_MINIMAL}"), minimal);
    assert!(matches!(refused, Err(CallbackRefusal::Malformed(_))), "{refused:?}");
    for body in [r#"{"id":"","type":"x","created":1,"data":{"object":{}}}"#, "nonsense", ""] {
        let refused = parsed(&signature(body), body);
        assert!(matches!(refused, Err(CallbackRefusal::Malformed(_))), "{body}: {refused:?}");
    }
}

#[test]
fn without_a_secret_none_is_taken() {
    let double = Double::start();
    let none = StripeOptions { webhook_secret: None, ..options(&double) };
    let headers: CallbackHeaders = sent().headers.into_iter().collect();
    let refused = StripeGateway::new(none).expect("good options").parse_callback(
        &headers,
        SUCCEEDED.as_bytes(),
        at(1_700_000_000),
    );
    assert_eq!(refused, Err(CallbackRefusal::NotSupported));
}

#[test]
fn payments_are_told_with_our_names() {
    let manual = |more: Value| {
        let mut all = json!({"capture_method": "manual"});
        for (name, value) in more.as_object().expect("an object") {
            all[name] = value.clone();
        }
        all
    };
    let event = told("payment_intent.succeeded", &intent("succeeded", &json!({"amount_received": 1000})));
    assert_eq!(event.fact, ended(CallKind::Authorize, "att_1", approved("pi_1", 1_000, true)));
    assert_eq!((event.id.as_str(), event.tenant), ("evt_7", Some(TenantId::sandbox())));
    assert_eq!(event.gateway_reference.as_deref(), Some("pi_1"));
    assert_eq!(
        (event.event_type.as_str(), event.occurred_at),
        ("payment_intent.succeeded", at(1_700_000_000))
    );

    let held = intent("requires_capture", &manual(json!({"amount_capturable": 1000})));
    let held = told("payment_intent.amount_capturable_updated", &held);
    assert_eq!(held.fact, ended(CallKind::Authorize, "att_1", approved("pi_1", 1_000, false)));

    let ours = json!({"amount_received": 900, "metadata": {"tender_tenant": "sandbox",
        "tender_reference": "att_1", "tender_capture": "cap_1"}});
    let taken = told("payment_intent.succeeded", &intent("succeeded", &manual(ours)));
    assert_eq!(taken.fact, ended(CallKind::Capture, "cap_1", approved("ch_1", 900, true)));

    let taken =
        told("payment_intent.succeeded", &intent("succeeded", &manual(json!({"amount_received": 900}))));
    let by_a_person =
        GatewayFact::Outside { kind: CallKind::Capture, authorization: "att_1".into(), amount: eur(900) };
    assert_eq!(taken.fact, by_a_person);

    let canceled = told("payment_intent.canceled", &intent("canceled", &json!({})));
    assert_eq!(canceled.fact, ended(CallKind::Void, "att_1/void", approved("pi_1", 1_000, false)));

    let why = json!({"last_payment_error": {"type": "card_error", "code": "card_declined",
        "decline_code": "insufficient_funds", "message": "no"}});
    let failed = told("payment_intent.payment_failed", &intent("requires_payment_method", &why));
    let GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(decline)), .. } = failed.fact
    else {
        panic!("declined: {failed:?}");
    };
    assert_eq!(decline.code, DeclineCode::InsufficientFunds);

    let open = GatewayFact::Pending { kind: CallKind::Authorize, reference: "att_1".into() };
    for (event_type, status) in [
        ("payment_intent.created", "requires_confirmation"),
        ("payment_intent.processing", "processing"),
        ("payment_intent.requires_action", "requires_action"),
        // Late: it goes by the object's state, and that is no end.
        ("payment_intent.succeeded", "processing"),
    ] {
        assert_eq!(told(event_type, &intent(status, &json!({}))).fact, open, "{event_type}");
    }
}

#[test]
fn refunds_are_told_with_our_names() {
    let refund = |status: &str, metadata: Value| {
        json!({"id": "re_1", "object": "refund", "amount": 500, "currency": "eur", "status": status,
            "payment_intent": "pi_1", "charge": "ch_1", "failure_reason": "lost_or_stolen_card",
            "metadata": metadata})
    };
    let ours = json!({"tender_tenant": "sandbox", "tender_reference": "rf_1"});
    let done = told("refund.updated", &refund("succeeded", ours.clone()));
    assert_eq!(done.fact, ended(CallKind::Refund, "rf_1", approved("re_1", 500, false)));
    assert_eq!((done.tenant, done.gateway_reference.as_deref()), (Some(TenantId::sandbox()), Some("pi_1")));
    let open = told("refund.created", &refund("pending", ours.clone()));
    assert_eq!(open.fact, GatewayFact::Pending { kind: CallKind::Refund, reference: "rf_1".into() });
    for event_type in ["refund.failed", "charge.refund.updated"] {
        let failed = told(event_type, &refund("failed", ours.clone()));
        assert!(
            matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(decline)), .. }
                if decline.code == DeclineCode::LostCard),
            "{failed:?}"
        );
    }
    let by_a_person = told("refund.created", &refund("succeeded", json!({})));
    assert_eq!((by_a_person.fact, by_a_person.tenant), (GatewayFact::Other, None));
}

#[test]
fn what_has_no_word_is_kept_with_its_payment() {
    let charge = json!({"id": "ch_1", "object": "charge", "amount_refunded": 500, "payment_intent": "pi_1",
        "metadata": {"tender_tenant": "sandbox", "tender_reference": "att_1"}});
    let dispute = json!({"id": "dp_1", "object": "dispute", "amount": 500, "charge": "ch_1",
        "payment_intent": "pi_1", "status": "needs_response", "reason": "fraudulent", "metadata": {}});
    for (event_type, object) in [
        ("charge.refunded", &charge),
        ("charge.dispute.created", &dispute),
        ("charge.dispute.closed", &dispute),
        ("charge.dispute.funds_withdrawn", &dispute),
    ] {
        let event = told(event_type, object);
        assert_eq!(event.fact, GatewayFact::Other, "{event_type}");
        assert_eq!(event.gateway_reference.as_deref(), Some("pi_1"));
    }
    let foreign = intent("succeeded", &json!({"amount_received": 1000, "metadata": {}}));
    let event = told("payment_intent.succeeded", &foreign);
    assert_eq!((event.fact, event.tenant), (GatewayFact::Other, None));
    let payout = told("payout.paid", &json!({"id": "po_1", "object": "payout", "amount": 5}));
    assert_eq!((payout.fact, payout.gateway_reference), (GatewayFact::Other, None));
}

//! What PayPal tells by its webhooks.

use serde_json::{Value, json};
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackFault, CallbackHeaders, CallbackRefusal, DeclineCode, GatewayAnswer,
    GatewayEvent, GatewayFact, PaymentGateway, ScaAnswer,
};
use tender_gateways::{PayPalGateway, PayPalOptions};

use crate::double::Double;
use crate::requests::{eur, name_left};
use crate::rig::options;
use crate::signed::{GOOD, ROOT, WEBHOOK_ID, headers};

const TIME: &str = "2027-02-18T20:01:35Z";

fn now() -> Timestamp {
    TIME.parse().expect("a time")
}

/// A gateway that takes webhooks, at a double that serves the certificate `CERT-1`.
pub(crate) fn at(double: &Double) -> PayPalGateway {
    double.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    made(double)
}

fn made(double: &Double) -> PayPalGateway {
    let options = PayPalOptions {
        webhook_id: Some(WEBHOOK_ID.into()),
        webhook_roots: Some(ROOT.into()),
        ..options(double)
    };
    PayPalGateway::new(options).expect("good options")
}

fn certificate(double: &Double, id: &str) -> String {
    format!("http://127.0.0.1:{}/v1/notifications/certs/{id}", double.port)
}

fn signed(double: &Double, body: &str) -> CallbackHeaders {
    headers(body, TIME, &certificate(double, "CERT-1")).into_iter().collect()
}

type Read = Result<Vec<GatewayEvent>, CallbackFault>;

async fn read(gateway: &PayPalGateway, double: &Double, body: &Value) -> Read {
    let body = body.to_string();
    gateway.read_callback(&signed(double, &body), body.as_bytes(), now()).await
}

/// The one event of a webhook that is understood.
pub(crate) async fn told(gateway: &PayPalGateway, double: &Double, body: &Value) -> GatewayEvent {
    read(gateway, double, body).await.expect("understood").pop().expect("one event")
}

pub(crate) fn event(kind: &str, resource: &Value) -> Value {
    json!({"id": "WH-7", "event_version": "1.0", "create_time": TIME, "resource_type": "x", "event_type": kind,
        "summary": "to card 4111111111111111", "resource": resource})
}

fn is_forged(read: &Read) -> bool {
    matches!(read, Err(CallbackFault::Refused(CallbackRefusal::BadSignature)))
}

/// A capture as events have it, of a sale or of what was held.
fn capture(of_hold: bool, invoice: Option<&str>) -> Value {
    let mut capture = json!({"id": "CAPTURE000009", "status": "COMPLETED", "custom_id": "sandbox/att_1",
        "amount": {"currency_code": "EUR", "value": "10.00"}, "final_capture": true,
        "supplementary_data": {"related_ids": {"order_id": "ORDER000001"}}});
    if of_hold {
        capture["supplementary_data"]["related_ids"]["authorization_id"] = "AUTH000001".into();
    }
    if let Some(invoice) = invoice {
        capture["invoice_id"] = invoice.into();
    }
    capture
}

pub(crate) fn done(gateway_reference: &str, minor: i64, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: gateway_reference.into(),
        amount: eur(minor),
        captured,
        response_code: None,
        acquirer: None,
        avs: Default::default(),
        sca: None,
    }
}

pub(crate) fn ended(kind: CallKind, reference: &str, answer: GatewayAnswer) -> GatewayFact {
    GatewayFact::Ended { kind, reference: reference.into(), end: CallEnd::Answered(answer) }
}

#[tokio::test]
async fn a_webhook_tells_what_the_answer_said_and_a_forged_or_old_one_is_refused() {
    let double = Double::start();
    let gateway = at(&double);
    let mut sale = capture(false, None);
    sale["processor_response"] = json!({"response_code": "0000", "avs_code": "Y", "cvv_code": "M"});
    sale["network_transaction_reference"] = json!({"id": "MCC123456", "network": "MASTERCARD"});
    let body = event("PAYMENT.CAPTURE.COMPLETED", &sale).to_string();
    let network = ScaAnswer { network_transaction_id: Some("MCC123456".to_owned()), ..ScaAnswer::default() };
    let answer = GatewayAnswer::Approved {
        gateway_reference: "ORDER000001".to_owned(),
        amount: eur(1_000),
        captured: true,
        response_code: Some("0000".to_owned()),
        acquirer: None,
        avs: Avs { avs_result: Some("Y".to_owned()), cvv_result: Some("M".to_owned()) },
        sca: Some(Box::new(network)),
    };
    let sent = SentCallback {
        signed: Signed::Body,
        headers: headers(&body, TIME, &certificate(&double, "CERT-1")),
        body: body.clone().into_bytes(),
        at: now(),
        reference: "att_1".into(),
        answer,
    };
    let not_at_hand = gateway.parse_callback(&signed(&double, &body), body.as_bytes(), now());
    assert_eq!(not_at_hand, Err(CallbackRefusal::BadSignature));
    gateway.read_callback(&signed(&double, &body), body.as_bytes(), now()).await.expect("understood");
    a_callback_tells_what_the_answer_said(&gateway, &sent);
    a_forged_or_old_callback_is_refused(&gateway, &sent);
    for (time, at) in [("2027-02-14T20:01:34Z", TIME), (TIME, "2027-02-18T19:50:00Z")] {
        let headers: CallbackHeaders =
            headers(&body, time, &certificate(&double, "CERT-1")).into_iter().collect();
        let refused = gateway.parse_callback(&headers, body.as_bytes(), at.parse().expect("a time"));
        assert_eq!(refused, Err(CallbackRefusal::OutOfTime), "{time} at {at}");
    }
    let other = PayPalOptions {
        webhook_id: Some("9JE4291016473214C".into()),
        webhook_roots: Some(ROOT.into()),
        ..options(&double)
    };
    let other = PayPalGateway::new(other).expect("good options");
    let refused = other.read_callback(&signed(&double, &body), body.as_bytes(), now()).await;
    assert!(is_forged(&refused), "it is signed for another address: {refused:?}");
}

#[tokio::test]
async fn a_certificate_is_fetched_once_and_from_paypal_alone() {
    let double = Double::start();
    let gateway = at(&double);
    let body = event("PAYMENT.CAPTURE.COMPLETED", &capture(false, None)).to_string();
    let all = (0..8).map(|_| async {
        gateway.read_callback(&signed(&double, &body), body.as_bytes(), now()).await.expect("understood")
    });
    futures_util::future::join_all(all).await;
    assert_eq!(double.books().certificates_asked, 1);
    let elsewhere = Double::start();
    elsewhere.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    for address in [
        certificate(&elsewhere, "CERT-1"),
        "https://cert.evil.example/v1/notifications/certs/CERT-1".to_owned(),
        certificate(&double, "../../v2/checkout"),
        format!("http://127.0.0.1:{}/elsewhere/CERT-1", double.port),
    ] {
        let headers: CallbackHeaders = headers(&body, TIME, &address).into_iter().collect();
        let refused = gateway.read_callback(&headers, body.as_bytes(), now()).await;
        assert!(is_forged(&refused), "{address}: {refused:?}");
    }
    assert_eq!((elsewhere.books().certificates_asked, double.books().certificates_asked), (0, 1));
}

#[tokio::test]
async fn a_certificate_that_no_authority_vouches_for_or_of_another_name_signs_nothing() {
    let double = Double::start();
    let body = event("PAYMENT.CAPTURE.COMPLETED", &capture(false, None)).to_string();
    let leaf_alone = GOOD.split_inclusive("-----END CERTIFICATE-----").next().expect("one").to_owned();
    for (name, pem) in [
        ("authority", include_str!("certificates/wrong_authority.pem").to_owned()),
        ("name", include_str!("certificates/wrong_name.pem").to_owned()),
        ("chain", leaf_alone),
        ("nonsense", "<html>all is well</html>".to_owned()),
    ] {
        double.books().certificates.insert("CERT-1".into(), (200, pem));
        let gateway = made(&double);
        let refused = gateway.read_callback(&signed(&double, &body), body.as_bytes(), now()).await;
        assert!(is_forged(&refused), "{name}: {refused:?}");
    }
    // Trusted by nobody here.
    double.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    let system = PayPalOptions { webhook_id: Some(WEBHOOK_ID.into()), ..options(&double) };
    let system = PayPalGateway::new(system).expect("good options");
    let refused = system.read_callback(&signed(&double, &body), body.as_bytes(), now()).await;
    assert!(is_forged(&refused), "{refused:?}");
    // Over.
    let late = "2050-01-01T00:00:00Z";
    let headers: CallbackHeaders =
        headers(&body, late, &certificate(&double, "CERT-1")).into_iter().collect();
    let gateway = at(&double);
    read(&gateway, &double, &event("PAYMENT.CAPTURE.COMPLETED", &capture(false, None))).await.expect("good");
    let refused = gateway.parse_callback(&headers, body.as_bytes(), late.parse().expect("a time"));
    assert_eq!(refused, Err(CallbackRefusal::BadSignature), "its certificate is over");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_fetched_now_is_asked_for_again_and_not_without_end() {
    let double = Double::start();
    let gateway = made(&double);
    let body = event("PAYMENT.CAPTURE.COMPLETED", &capture(false, None));
    assert!(is_forged(&read(&gateway, &double, &body).await), "there is none");
    double.books().certificates.insert("CERT-1".into(), (503, String::new()));
    let away = read(&gateway, &double, &body).await;
    assert!(matches!(away, Err(CallbackFault::Unavailable(_))), "{away:?}");
    double.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    read(&gateway, &double, &body).await.expect("understood");
    // Whoever names one after the other is heard a few times in a minute.
    for number in 0..20 {
        let named = certificate(&double, &format!("CERT-no-{number}"));
        let headers: CallbackHeaders = headers(&body.to_string(), TIME, &named).into_iter().collect();
        assert!(gateway.read_callback(&headers, body.to_string().as_bytes(), now()).await.is_err());
    }
    assert_eq!(double.books().certificates_asked, 10);
    read(&gateway, &double, &body).await.expect("what is known is believed meanwhile");
}

#[tokio::test]
async fn captures_and_authorizations_are_told_with_our_names() {
    let double = Double::start();
    let gateway = at(&double);
    let of = async |kind: &str, resource: &Value| told(&gateway, &double, &event(kind, resource)).await;
    let sale = of("PAYMENT.CAPTURE.COMPLETED", &capture(false, None)).await;
    assert_eq!(sale.fact, ended(CallKind::Authorize, "att_1", done("ORDER000001", 1_000, true)));
    assert_eq!((sale.id.as_str(), sale.occurred_at), ("WH-7", now()));
    assert_eq!(
        (sale.tenant, sale.gateway_reference.as_deref()),
        (Some(TenantId::sandbox()), Some("ORDER000001"))
    );
    let part = capture(true, Some("sandbox/cap_1"));
    let taken = ended(CallKind::Capture, "cap_1", done("CAPTURE000009", 1_000, true));
    assert_eq!(of("PAYMENT.CAPTURE.COMPLETED", &part).await.fact, taken);
    let GatewayFact::CapturedOutside(outside) =
        of("PAYMENT.CAPTURE.COMPLETED", &capture(true, None)).await.fact
    else {
        panic!("made by a person")
    };
    assert_eq!(
        (outside.authorization.as_str(), outside.gateway_reference.as_str()),
        ("att_1", "CAPTURE000009")
    );
    assert_eq!((outside.payment_reference.as_deref(), outside.amount), (Some("ORDER000001"), eur(1_000)));

    let open = |kind, reference: &str| GatewayFact::Pending { kind, reference: reference.into() };
    let waits = of("PAYMENT.CAPTURE.PENDING", &part).await;
    assert_eq!(waits.fact, open(CallKind::Capture, "cap_1"));
    let mut denied = capture(false, None);
    denied["processor_response"] = json!({"response_code": "5120"});
    for kind in ["PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED"] {
        let GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(why)), .. } =
            of(kind, &denied).await.fact
        else {
            panic!("{kind}")
        };
        assert_eq!((why.code, name_left(&why)), (DeclineCode::InsufficientFunds, Some("CAPTURE000009")));
    }
    let GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(why)), .. } =
        of("PAYMENT.CAPTURE.DENIED", &part).await.fact
    else {
        panic!("a capture of ours")
    };
    assert_eq!(name_left(&why), None, "what is held has its name");
    let reversed = of("PAYMENT.CAPTURE.REVERSED", &part).await;
    let by_somebody =
        GatewayFact::Outside { kind: CallKind::Refund, authorization: "att_1".into(), amount: eur(1_000) };
    assert_eq!(reversed.fact, by_somebody);

    let mut held = json!({"id": "AUTH000001", "status": "CREATED", "custom_id": "sandbox/att_1",
        "amount": {"currency_code": "EUR", "value": "10.00"},
        "supplementary_data": {"related_ids": {"order_id": "ORDER000001"}}});
    let answer = ended(CallKind::Authorize, "att_1", done("ORDER000001", 1_000, false));
    assert_eq!(of("PAYMENT.AUTHORIZATION.CREATED", &held).await.fact, answer);
    let let_go = ended(CallKind::Void, "att_1/void", done("AUTH000001", 1_000, false));
    assert_eq!(of("PAYMENT.AUTHORIZATION.VOIDED", &held).await.fact, let_go);
    held["status"] = "PENDING".into();
    let waits = of("PAYMENT.AUTHORIZATION.CREATED", &held).await;
    assert_eq!(waits.fact, open(CallKind::Authorize, "att_1"));
    held["status"] = "DENIED".into();
    let GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(why)), .. } =
        of("PAYMENT.AUTHORIZATION.CREATED", &held).await.fact
    else {
        panic!("denied")
    };
    assert_eq!(name_left(&why), Some("AUTH000001"));
    held["custom_id"] = "order 7".into();
    assert_eq!(of("PAYMENT.AUTHORIZATION.CREATED", &held).await.fact, GatewayFact::Other);
    assert_eq!(of("CHECKOUT.ORDER.APPROVED", &json!({"id": "ORDER000001"})).await.fact, GatewayFact::Other);
}

#[tokio::test]
async fn what_is_no_event_is_refused_and_shows_no_card() {
    let double = Double::start();
    let gateway = at(&double);
    let resource = json!({"id": 4_111_111_111_111_111_i64});
    for body in [json!({}), json!("4111111111111111"), event("PAYMENT.CAPTURE.COMPLETED", &resource)] {
        let refused = read(&gateway, &double, &body).await;
        assert!(
            matches!(refused, Err(CallbackFault::Refused(CallbackRefusal::Malformed(_)))),
            "{body}: {refused:?}"
        );
        assert!(!format!("{refused:?}").contains("41111111111"), "{refused:?}");
    }
    for webhook_id in ["", "a|b"] {
        let bad = PayPalOptions { webhook_id: Some(webhook_id.into()), ..options(&double) };
        assert!(PayPalGateway::new(bad).is_err(), "{webhook_id}");
    }
    let bad = PayPalOptions {
        webhook_id: Some(WEBHOOK_ID.into()),
        webhook_roots: Some(b"nothing".to_vec()),
        ..options(&double)
    };
    assert!(PayPalGateway::new(bad).is_err());
}

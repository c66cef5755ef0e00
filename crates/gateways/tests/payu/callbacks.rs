//! What PayU tells by its notifications. The signatures here are made by the double's own hash; those in the module's unit
//! tests are of PayU's library.

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use serde_json::{Value, json};
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackFault, CallbackHeaders, CallbackRefusal, GatewayAnswer, GatewayEvent,
    GatewayFact, PaymentGateway,
};
use tender_gateways::{PayUGateway, PayUOptions};

use crate::requests::{approval, assert_unknown, authorization, eur, refund_of};
use crate::rig::{Double, SECOND_KEY, VISA, at, made, payu};
use crate::rules::POS;

const ORDER: &str = "WZHF5FFDRJ140731GUEST000P01";

fn signature(body: &str) -> String {
    let hash = Md5::digest(format!("{body}{SECOND_KEY}").as_bytes());
    format!("sender=checkout;signature={};algorithm=MD5;content=DOCUMENT", HEXLOWER.encode(&hash))
}

fn signed(body: &str) -> CallbackHeaders {
    [("OpenPayu-Signature", signature(body))].into_iter().collect()
}

fn gateway() -> PayUGateway {
    made(PayUOptions {
        second_key: Some(SECOND_KEY.into()),
        ..PayUOptions::new("http://127.0.0.1:1", POS, "secret")
    })
}

fn parsed(body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    gateway().parse_callback(&signed(body), body.as_bytes(), at(0))
}

fn told(body: &Value) -> GatewayEvent {
    parsed(&body.to_string()).expect("understood").pop().expect("one event")
}

fn order(id: &str, name: &str, status: &str, minor: &str) -> Value {
    json!({"order": {"orderId": id, "extOrderId": name, "orderCreateDate": "2023-11-14T23:13:20.000+01:00",
            "notifyUrl": "https://pay.example.com", "customerIp": "127.0.0.1", "merchantPosId": POS,
            "description": "Hotel", "currencyCode": "EUR", "totalAmount": minor, "status": status,
            "buyer": {"email": "ada@example.com"}, "payMethod": {"type": "CARD_TOKEN"}},
        "localReceiptDateTime": "2023-11-14T23:13:20.000+01:00",
        "properties": [{"name": "PAYMENT_ID", "value": "151471228"}]})
}

fn refund(name: Option<&str>, status: &str) -> Value {
    let mut refund = json!({"refundId": "912128", "amount": "300", "currencyCode": "EUR", "status": status,
        "statusDateTime": "2023-11-14T23:13:20.000+01:00", "reason": "refund",
        "reasonDescription": "card 4111111111111111 is closed"});
    if let Some(name) = name {
        refund["extRefundId"] = name.into();
    }
    json!({"orderId": ORDER, "extOrderId": "sale/sandbox/att_1", "refund": refund})
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
fn a_notification_tells_what_the_answer_said_and_a_forged_one_is_refused() {
    let body = order(ORDER, "sale/sandbox/att_1", "COMPLETED", "1000").to_string();
    let sent = SentCallback {
        signed: Signed::Body,
        headers: vec![("OpenPayu-Signature".into(), signature(&body))],
        body: body.into_bytes(),
        at: at(1_700_000_000),
        reference: "att_1".into(),
        answer: approved(ORDER, 1_000, true),
    };
    a_callback_tells_what_the_answer_said(&gateway(), &sent);
    a_forged_or_old_callback_is_refused(&gateway(), &sent);
    let none = made(PayUOptions::new("http://127.0.0.1:1", POS, "secret"));
    let headers: CallbackHeaders = sent.headers.into_iter().collect();
    let refused = none.parse_callback(&headers, &sent.body, at(0));
    assert_eq!(refused, Err(CallbackRefusal::NotSupported));
}

#[test]
fn orders_are_told_with_our_names() {
    let of = |name: &str, status: &str| told(&order(ORDER, name, status, "1000"));
    let held = of("hold/sandbox/att_1", "WAITING_FOR_CONFIRMATION");
    assert_eq!(held.fact, ended(CallKind::Authorize, "att_1", approved(ORDER, 1_000, false)));
    assert_eq!((held.tenant, held.occurred_at), (Some(TenantId::sandbox()), at(1_700_000_000)));
    assert_eq!(held.gateway_reference.as_deref(), Some(ORDER));
    assert_eq!(held.id, format!("order/{ORDER}/WAITING_FOR_CONFIRMATION"));
    let open = GatewayFact::Pending { kind: CallKind::Authorize, reference: "att_1".into() };
    for (name, status) in [
        ("hold/sandbox/att_1", "PENDING"),
        ("sale/sandbox/att_1", "PENDING"),
        // It is confirmed by us, and told again then.
        ("sale/sandbox/att_1", "WAITING_FOR_CONFIRMATION"),
    ] {
        assert_eq!(of(name, status).fact, open, "{name} {status}");
    }
    for name in ["hold/sandbox/att_1", "sale/sandbox/att_1"] {
        let let_go = ended(CallKind::Void, "att_1/void", approved(ORDER, 1_000, false));
        assert_eq!(of(name, "CANCELED").fact, let_go, "{name}");
    }
    for (name, status) in [
        // By whom and how much it does not say.
        ("hold/sandbox/att_1", "COMPLETED"),
        ("order 7", "COMPLETED"),
        ("card/sandbox/c0ffee", "COMPLETED"),
        ("refund/sandbox/rf_1", "COMPLETED"),
        ("sale/sandbox/att_1", "PONDERED"),
    ] {
        assert_eq!(of(name, status).fact, GatewayFact::Other, "{name} {status}");
    }
    let strange = told(&order(ORDER, "sale/sandbox/att_1", "COMPLETED", "10.00"));
    assert_eq!(strange.fact, GatewayFact::Other, "an amount that is none");
}

#[test]
fn refunds_are_told_with_our_names_or_with_their_own() {
    let done = told(&refund(Some("refund/sandbox/rf_1"), "FINALIZED"));
    assert_eq!(done.fact, ended(CallKind::Refund, "rf_1", approved("912128", 300, false)));
    assert_eq!(done.tenant, Some(TenantId::sandbox()));
    let failed = told(&refund(Some("refund/sandbox/rf_1"), "CANCELED"));
    let GatewayFact::Ended { end: CallEnd::TakenBack { why, .. }, .. } = &failed.fact else {
        panic!("{failed:?}")
    };
    assert!(why.message.contains("closed") && !why.message.contains("411111111"), "{why:?}");
    assert_ne!(done.id, failed.id);
    assert_eq!(told(&refund(None, "PENDING")).fact, GatewayFact::Other);
    let GatewayFact::RefundedOutside(outside) = told(&refund(None, "FINALIZED")).fact else {
        panic!("made by a person")
    };
    assert_eq!((outside.charge_reference.as_str(), outside.gateway_reference.as_str()), (ORDER, "912128"));
    assert_eq!((outside.amount, outside.taken_back), (eur(300), None));
}

#[test]
fn what_is_no_notification_is_refused() {
    let mut nameless = order("../x", "sale/sandbox/att_1", "COMPLETED", "1000");
    for body in [
        "{}".to_owned(),
        "nonsense".to_owned(),
        nameless.to_string(),
        json!({"refund": {"refundId": "1", "amount": "1", "status": "FINALIZED"}}).to_string(),
    ] {
        assert!(matches!(parsed(&body), Err(CallbackRefusal::Malformed(_))), "{body}");
    }
    nameless["order"]["orderId"] = ORDER.into();
    nameless["localReceiptDateTime"] = "soon".into();
    assert!(matches!(parsed(&nameless.to_string()), Err(CallbackRefusal::Malformed(_))));
}

/// Reads a notification of an order at the double.
async fn read(gateway: &PayUGateway, body: &Value) -> Result<Vec<GatewayEvent>, CallbackFault> {
    let body = body.to_string();
    gateway.read_callback(&signed(&body), body.as_bytes(), at(0)).await
}

#[tokio::test]
async fn a_sale_that_waits_is_confirmed_when_payu_tells_and_only_then() {
    let double = Double::start();
    let gateway = payu(&double);
    double.kept().rules.looks = 9;
    assert_unknown(&gateway.authorize(&authorization("att_1", VISA, 800, true)).await);
    double.kept().rules.looks = 0;
    let id = double.kept().rules.orders.keys().next().cloned().expect("one");
    double.kept().rules.orders.get_mut(&id).expect("there").shown();
    let waits = order(&id, "sale/sandbox/att_1", "WAITING_FOR_CONFIRMATION", "800");
    let forged = gateway.read_callback(&signed("other"), waits.to_string().as_bytes(), at(0)).await;
    assert!(matches!(forged, Err(CallbackFault::Refused(CallbackRefusal::BadSignature))), "{forged:?}");
    assert_eq!(double.kept().rules.orders[&id].taken, 0, "whoever forges it confirms nothing");

    double.kept().rules.confirming_fails = true;
    let away = read(&gateway, &waits).await;
    assert!(matches!(away, Err(CallbackFault::Unavailable(_))), "it is to be sent again: {away:?}");
    double.kept().rules.confirming_fails = false;
    for _ in 0..2 {
        let events = read(&gateway, &waits).await.expect("understood");
        assert!(matches!(events[0].fact, GatewayFact::Pending { .. }), "{events:?}");
        assert_eq!(double.kept().rules.orders[&id].taken, 800);
    }
    let done =
        read(&gateway, &order(&id, "sale/sandbox/att_1", "COMPLETED", "800")).await.expect("understood");
    assert_eq!(done[0].fact, ended(CallKind::Authorize, "att_1", approved(&id, 800, true)));
}

#[tokio::test]
async fn our_own_refund_is_known_also_when_its_notification_does_not_repeat_our_name() {
    let double = Double::start();
    let gateway = payu(&double);
    let taken = approval(&gateway.authorize(&authorization("att_1", VISA, 900, true)).await, 900, true);
    let name = approval(&gateway.refund(&refund_of("rf_1", &taken, 300)).await, 300, false);
    let mut body = refund(None, "FINALIZED");
    (body["orderId"], body["refund"]["refundId"]) = (taken.clone().into(), name.clone().into());
    let events = read(&gateway, &body).await.expect("understood");
    assert_eq!(events[0].fact, ended(CallKind::Refund, "rf_1", approved(&name, 300, false)));
    body["refund"]["refundId"] = "5000099999".into();
    let unknown = read(&gateway, &body).await;
    assert!(matches!(unknown, Err(CallbackFault::Unavailable(_))), "{unknown:?}");
}

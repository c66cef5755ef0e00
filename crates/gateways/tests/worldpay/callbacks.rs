//! What Worldpay tells by its events. The signatures here are made by the double's own HMAC; the one in the module's unit
//! tests was computed by Python and OpenSSL.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, GatewayAnswer, GatewayEvent, GatewayFact,
    PaymentGateway,
};
use tender_gateways::{NamedAccount, WorldpayGateway, WorldpayOptions};

use crate::requests::{eur, name_left};
use crate::rig::{EVENT_KEYS, at, made};

fn gateway() -> WorldpayGateway {
    made(WorldpayOptions {
        event_keys: Some(EVENT_KEYS.into()),
        ..WorldpayOptions::new("http://127.0.0.1:1", "user", "password", "default", "Shop")
    })
}

fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").expect("a key");
    mac.update(body.as_bytes());
    format!("k1/SHA256/{}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn parsed(body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    let headers: CallbackHeaders = [("Event-Signature", signature(body))].into_iter().collect();
    gateway().parse_callback(&headers, body.as_bytes(), at(1_700_000_000))
}

fn event(kind: &str, payment: &str, more: Value) -> Value {
    let classification = if kind == "chargedBack" { "chargeback" } else { "payment" };
    let mut details = json!({"classification": classification, "transactionReference": payment, "type": kind,
        "date": "2023-11-14", "amount": {"value": 1000, "currencyCode": "EUR"}});
    for (name, value) in more.as_object().expect("an object") {
        details[name] = value.clone();
    }
    json!({"eventId": "e7", "eventTimestamp": "2023-11-14T22:13:20.000", "eventDetails": details})
}

fn told(kind: &str, payment: &str, more: Value) -> GatewayEvent {
    let mut events = parsed(&event(kind, payment, more).to_string()).expect("understood");
    events.pop().expect("one event")
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

const HOLD: &str = "hold/sandbox/att_1";
const SALE: &str = "sale/sandbox/att_1";

#[test]
fn an_event_tells_what_the_answer_said_and_a_forged_one_is_refused() {
    let body = event("sentForSettlement", SALE, json!({})).to_string();
    let sent = SentCallback {
        signed: Signed::Body,
        headers: vec![("Event-Signature".into(), signature(&body))],
        body: body.into_bytes(),
        at: at(1_700_000_000),
        reference: "att_1".into(),
        answer: approved(SALE, 1_000, true),
    };
    a_callback_tells_what_the_answer_said(&gateway(), &sent);
    a_forged_or_old_callback_is_refused(&gateway(), &sent);
    let none = made(WorldpayOptions::new("http://127.0.0.1:1", "user", "password", "default", "Shop"));
    let headers: CallbackHeaders = sent.headers.into_iter().collect();
    let refused = none.parse_callback(&headers, &sent.body, at(0));
    assert_eq!(refused, Err(CallbackRefusal::NotSupported));
}

#[test]
fn payments_are_told_with_our_names() {
    let held = told("authorized", HOLD, json!({}));
    assert_eq!(held.fact, ended(CallKind::Authorize, "att_1", approved(HOLD, 1_000, false)));
    assert_eq!((held.id.as_str(), held.tenant), ("e7", Some(TenantId::sandbox())));
    assert_eq!((held.gateway_reference.as_deref(), held.occurred_at), (Some(HOLD), at(1_700_000_000)));
    let open = GatewayFact::Pending { kind: CallKind::Authorize, reference: "att_1".into() };
    assert_eq!(told("sentForAuthorization", HOLD, json!({})).fact, open);
    assert_eq!(told("authorized", SALE, json!({})).fact, open, "of a sale the money is not taken yet");

    let taken = told("sentForSettlement", HOLD, json!({"reference": "cap_1"}));
    assert_eq!(taken.fact, ended(CallKind::Capture, "cap_1", approved("cap_1", 1_000, true)));
    let by_a_person =
        GatewayFact::Outside { kind: CallKind::Capture, authorization: "att_1".into(), amount: eur(1_000) };
    assert_eq!(told("sentForSettlement", HOLD, json!({})).fact, by_a_person);
    let let_go = told("cancelled", HOLD, json!({}));
    assert_eq!(let_go.fact, ended(CallKind::Void, "att_1/void", approved(HOLD, 1_000, false)));
    for (kind, left) in [("refused", Some(SALE)), ("cancelledByCustomer", None), ("requestExpired", None)] {
        let GatewayFact::Ended { end: CallEnd::Answered(GatewayAnswer::Declined(why)), .. } =
            told(kind, SALE, json!({})).fact
        else {
            panic!("{kind}")
        };
        assert_eq!(name_left(&why), left, "{kind}");
    }
    let failed = told("settlementFailed", SALE, json!({}));
    assert!(matches!(
        &failed.fact,
        GatewayFact::Ended { kind: CallKind::Authorize, end: CallEnd::TakenBack { .. }, .. }
    ));
    let failed = told("settlementFailed", HOLD, json!({"reference": "cap_1"}));
    assert!(matches!(
        &failed.fact,
        GatewayFact::Ended { kind: CallKind::Capture, end: CallEnd::TakenBack { .. }, .. }
    ));
}

#[test]
fn refunds_are_told_with_our_names_or_with_their_own() {
    let done = told("sentForRefund", HOLD, json!({"reference": "rf_1"}));
    assert_eq!(done.fact, ended(CallKind::Refund, "rf_1", approved("rf_1", 1_000, false)));
    let why =
        json!({"reference": "rf_1", "refund": {"refusal": {"code": "5", "description": "Do not honor"}}});
    let failed = told("refundFailed", HOLD, why);
    assert!(
        matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::TakenBack { why, .. }, .. }
            if why.network_code.as_deref() == Some("5")),
        "{failed:?}"
    );
    for (reference, own) in [(json!({"reference": "shop 9"}), "shop 9"), (json!({}), "sale/sandbox/att_1/e7")]
    {
        let GatewayFact::RefundedOutside(refund) = told("sentForRefund", SALE, reference).fact else {
            panic!("made by a person")
        };
        assert_eq!((refund.charge_reference.as_str(), refund.gateway_reference.as_str()), (SALE, own));
        assert_eq!((refund.amount, refund.taken_back), (eur(1_000), None));
    }
}

#[test]
fn refunds_without_a_name_are_one_each_and_which_of_them_failed_a_person_says() {
    let sent = |id: &str| {
        let mut body = event("sentForRefund", SALE, json!({}));
        body["eventId"] = id.into();
        let fact = parsed(&body.to_string()).expect("understood").remove(0).fact;
        let GatewayFact::RefundedOutside(refund) = fact else { panic!("{fact:?}") };
        refund.gateway_reference
    };
    assert_ne!(sent("e1"), sent("e2"), "equal ones, made twice");
    assert_eq!(sent("e1"), sent("e1"), "told twice");
    let failed = told("refundFailed", SALE, json!({})).fact;
    let by_a_person =
        GatewayFact::Outside { kind: CallKind::Refund, authorization: "att_1".into(), amount: eur(1_000) };
    assert_eq!(failed, by_a_person);
    let GatewayFact::RefundedOutside(named) = told("refundFailed", SALE, json!({"reference": "shop 9"})).fact
    else {
        panic!("it has a name")
    };
    assert!(named.gateway_reference == "shop 9" && named.taken_back.is_some());
}

#[test]
fn while_credentials_overlap_those_before_count_also_where_the_new_ones_have_no_key() {
    let body = event("sentForSettlement", SALE, json!({})).to_string();
    let headers: CallbackHeaders = [("Event-Signature", signature(&body))].into_iter().collect();
    let with = |keys: Option<&str>| {
        made(WorldpayOptions {
            event_keys: keys.map(Into::into),
            ..WorldpayOptions::new("http://127.0.0.1:1", "user", "password", "default", "Shop")
        })
    };
    for keys in [None, Some("k2:other"), Some("k1:other")] {
        let rotated = NamedAccount::new("own", Arc::new(with(keys)))
            .with_before(Arc::new(with(Some(EVENT_KEYS))), at(1_700_000_100));
        let parse = |seconds| rotated.parse_callback(&headers, body.as_bytes(), at(seconds));
        assert_eq!(parse(1_700_000_000).map(|events| events.len()), Ok(1), "{keys:?}");
        assert!(parse(1_700_000_100).is_err(), "{keys:?}: they overlap no more");
    }
}

#[test]
fn a_chargeback_is_told_with_its_payment_and_an_inquiry_takes_nothing() {
    let GatewayFact::Disputed(told_of) = told("chargedBack", SALE, json!({})).fact else {
        panic!("a dispute")
    };
    assert_eq!((told_of.gateway_reference.as_str(), told_of.standing), (SALE, DisputeStatus::NeedsResponse));
    assert_eq!(told_of.dispute.amount, eur(1_000));
    assert_eq!(told("informationRequested", SALE, json!({})).fact, GatewayFact::Other);
}

#[test]
fn what_is_not_ours_or_has_no_word_is_kept_and_what_is_no_event_is_refused() {
    for (kind, payment) in [
        ("authorized", "order 7"),
        ("settled", SALE),
        ("expired", HOLD),
        ("authorized", "refund/sandbox/rf_1"),
    ] {
        assert_eq!(told(kind, payment, json!({})).fact, GatewayFact::Other, "{kind} {payment}");
    }
    let strange = json!({"amount": {"value": 1000, "currencyCode": "XXQ"}});
    assert_eq!(
        told("authorized", HOLD, strange).fact,
        GatewayFact::Other,
        "an amount of no currency of ours"
    );
    for body in [
        "{}",
        "nonsense",
        r#"{"eventId":"","eventTimestamp":"2023-11-14T22:13:20","eventDetails":{"type":"x"}}"#,
    ] {
        assert!(matches!(parsed(body), Err(CallbackRefusal::Malformed(_))), "{body}");
    }
}

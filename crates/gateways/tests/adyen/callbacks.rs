//! What Adyen tells by itself.

use serde_json::{Value, json};
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, DeclineCode, GatewayAnswer, GatewayEvent,
    GatewayFact, PaymentGateway,
};
use tender_gateways::{AdyenGateway, AdyenOptions};

use crate::double::{API_KEY, HMAC_KEY, MERCHANT, body_of, notice};
use crate::rig::{RETURN_URL, eur, now};

// Fixed vectors: made by `hmacValidator.calculateHmac` of the package `@adyen/api-library` 32.1.0 from npm; the first two
// are also what `generate_notification_sig` of the package `Adyen` 16.0.0 from PyPI computes.
const OF_SALE: &str = "belkhHrKEaI6Etg+TcMUv/d5XRyyKnNiebsNf6tRLbw=";
const OF_CAPTURE: &str = "3Vg+Wq08huqp0tPYjuJe2D1rVaZ2Otf3iJ2GCVroHmQ=";
const OF_REFUND: &str = "0qpfc8ZV3VrdmuVlR1KXgehXSJbC2Eh5xR129GgNmqk=";
const OF_FOREIGN: &str = "s6vBVVI+oMhGOv38PyHnlsbFbMzN4GMPQWcODbJdNeY=";
/// Of the sale, under [`ROLLED_KEY`].
const OF_SALE_ROLLED: &str = "U5pweQ+jnl0KoAC2EPES6pL8YRgMgu2mCpFhf0FId1A=";
const ROLLED_KEY: &str = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

const SALE: &str = r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"belkhHrKEaI6Etg+TcMUv/d5XRyyKnNiebsNf6tRLbw=","authCode":"083152"},"amount":{"currency":"EUR","value":1000},"eventCode":"AUTHORISATION","eventDate":"2026-11-24T12:30:00+01:00","merchantAccountCode":"TenderTest","merchantReference":"sale/sandbox/att_1","operations":["CANCEL","CAPTURE","REFUND"],"paymentMethod":"visa","pspReference":"PSPPAYMENT000001","reason":"083152:1111:03/2030","success":"true"}}]}"#;

fn gateway_with(keys: &str) -> AdyenGateway {
    let options = AdyenOptions {
        hmac_key: Some(keys.into()),
        ..AdyenOptions::new("http://127.0.0.1:1", API_KEY, MERCHANT, RETURN_URL)
    };
    AdyenGateway::new(options).expect("good options")
}

fn parsed_with(keys: &str, body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    gateway_with(keys).parse_callback(&CallbackHeaders::default(), body.as_bytes(), now())
}

fn parsed(body: &str) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    parsed_with(HMAC_KEY, body)
}

fn amount() -> Value {
    json!({"currency": "EUR", "value": 1000})
}

/// What a notification tells.
fn told(event: &str, reference: &str, failure: Option<&str>) -> GatewayEvent {
    let original = if event == "AUTHORISATION" { "" } else { "PSPPAYMENT000001" };
    let own = if original.is_empty() { "PSPPAYMENT000001" } else { "PSPOWN0000000007" };
    let body = body_of(&[notice(event, (own, original), reference, &amount(), failure)]);
    let mut events = parsed(&body).expect("signed and understood");
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn approved(gateway_reference: &str, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        sca: None,
        gateway_reference: gateway_reference.into(),
        amount: eur(1_000),
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
    }
}

fn ended(kind: CallKind, reference: &str, answer: GatewayAnswer) -> GatewayFact {
    GatewayFact::Ended { kind, reference: reference.into(), end: CallEnd::Answered(answer) }
}

fn declined(event: &GatewayEvent) -> (CallKind, &str, DeclineCode) {
    match &event.fact {
        GatewayFact::Ended { kind, reference, end: CallEnd::Answered(GatewayAnswer::Declined(decline)) } => {
            (*kind, reference, decline.code)
        }
        other => panic!("declined: {other:?}"),
    }
}

fn sent() -> SentCallback {
    let signed = [
        OF_SALE,
        r#""value":1000"#,
        r#""currency":"EUR"#,
        "AUTHORISATION",
        "TenderTest",
        "sale/sandbox/att_1",
        "PSPPAYMENT000001",
        r#""success":"true"#,
    ];
    SentCallback {
        signed: Signed::Texts(signed.map(str::to_owned).to_vec()),
        headers: Vec::new(),
        body: SALE.as_bytes().to_vec(),
        at: now(),
        reference: "att_1".into(),
        answer: approved("PSPPAYMENT000001", true),
    }
}

#[test]
fn it_is_signed_as_adyens_own_libraries_sign() {
    let gateway = gateway_with(HMAC_KEY);
    a_callback_tells_what_the_answer_said(&gateway, &sent());
    a_forged_or_old_callback_is_refused(&gateway, &sent());
    let signature = |item: Value| item["additionalData"]["hmacSignature"].clone();
    let of = |event, own, original, reference, value, failure| {
        signature(notice(
            event,
            (own, original),
            reference,
            &json!({"currency": "EUR", "value": value}),
            failure,
        ))
    };
    assert_eq!(of("AUTHORISATION", "PSPPAYMENT000001", "", "sale/sandbox/att_1", 1_000, None), OF_SALE);
    let capture = ("PSPCAPTURE000002", "PSPPAYMENT000001");
    assert_eq!(of("CAPTURE", capture.0, capture.1, "capture/sandbox/cap_1", 900, None), OF_CAPTURE);
    let refund = of("REFUND", "PSPREFUND0000003", "PSPPAYMENT000001", "refund/sandbox/rf_1", 400, Some("no"));
    assert_eq!(refund, OF_REFUND);
    assert_eq!(of("AUTHORISATION", "PSPPAYMENT000009", "", "order:7\\x", 1_130, None), OF_FOREIGN);
}

#[test]
fn while_a_key_is_rolled_both_count() {
    let rolled = SALE.replace(OF_SALE, OF_SALE_ROLLED);
    let both = format!("{HMAC_KEY}, {}", ROLLED_KEY.to_lowercase());
    for (keys, body, counts) in [
        (HMAC_KEY, SALE, true),
        (HMAC_KEY, rolled.as_str(), false),
        (ROLLED_KEY, SALE, false),
        (both.as_str(), SALE, true),
        (both.as_str(), rolled.as_str(), true),
    ] {
        assert_eq!(parsed_with(keys, body).is_ok(), counts, "{keys} {body}");
    }
}

#[test]
fn what_is_no_notification_is_not_signed_and_without_a_key_none_is_taken() {
    for body in ["", "nonsense", "{}", r#"{"live":"false","notificationItems":[]}"#, r#"{"id":"evt_1"}"#] {
        assert!(matches!(parsed(body), Err(CallbackRefusal::Unsigned(_))), "{body}");
    }
    let unsigned = SALE.replace("hmacSignature", "otherSignature");
    assert!(matches!(parsed(&unsigned), Err(CallbackRefusal::Unsigned(_))));
    for signature in ["", "nonsense", "AAAA"] {
        assert!(parsed(&SALE.replace(OF_SALE, signature)).is_err(), "{signature}");
    }
    let options = AdyenOptions::new("http://127.0.0.1:1", API_KEY, MERCHANT, RETURN_URL);
    let keyless = AdyenGateway::new(options).expect("good options");
    let refused = keyless.parse_callback(&CallbackHeaders::default(), SALE.as_bytes(), now());
    assert_eq!(refused, Err(CallbackRefusal::NotSupported));
    assert_eq!(keyless.callback_received(), Some("[accepted]"));
}

#[test]
fn a_batch_is_taken_whole_or_not_at_all() {
    let one = notice("AUTHORISATION", ("PSPPAYMENT000001", ""), "hold/sandbox/att_1", &amount(), None);
    let two =
        notice("CAPTURE", ("PSPOWN0000000007", "PSPPAYMENT000001"), "capture/sandbox/cap_1", &amount(), None);
    let events = parsed(&body_of(&[one.clone(), two.clone()])).expect("signed");
    let ids: Vec<_> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["AUTHORISATION/PSPPAYMENT000001/true", "CAPTURE/PSPOWN0000000007/true"]);
    assert_eq!(events[1].fact, ended(CallKind::Capture, "cap_1", approved("PSPOWN0000000007", true)));
    let mut forged = two;
    forged["amount"]["value"] = 9_999.into();
    assert_eq!(parsed(&body_of(&[one, forged])), Err(CallbackRefusal::BadSignature));
}

#[test]
fn payments_are_told_with_our_names() {
    let held = told("AUTHORISATION", "hold/sandbox/att_1", None);
    assert_eq!(held.fact, ended(CallKind::Authorize, "att_1", approved("PSPPAYMENT000001", false)));
    assert_eq!((held.tenant, held.event_type.as_str()), (Some(TenantId::sandbox()), "AUTHORISATION"));
    assert_eq!(held.gateway_reference.as_deref(), Some("PSPPAYMENT000001"));
    assert_eq!(held.occurred_at.to_rfc3339(), "2026-11-24T11:30:00+00:00");
    let refused = told("AUTHORISATION", "sale/sandbox/att_1", Some("Not enough balance"));
    assert_eq!(declined(&refused), (CallKind::Authorize, "att_1", DeclineCode::InsufficientFunds));
    let left = told("OFFER_CLOSED", "sale/sandbox/att_1", None);
    assert_eq!(declined(&left), (CallKind::Authorize, "att_1", DeclineCode::AuthenticationAbandoned));

    let taken = told("CAPTURE", "capture/sandbox/cap_1", None);
    assert_eq!(taken.fact, ended(CallKind::Capture, "cap_1", approved("PSPOWN0000000007", true)));
    assert_eq!(taken.gateway_reference.as_deref(), Some("PSPPAYMENT000001"));
    let not_taken = told("CAPTURE", "capture/sandbox/cap_1", Some("Insufficient balance on payment"));
    assert_eq!(declined(&not_taken), (CallKind::Capture, "cap_1", DeclineCode::CardDeclined));
    // A sale is taken with its authorization: its capture says nothing new.
    let of_sale = told("CAPTURE", "sale/sandbox/att_1", None);
    assert_eq!(of_sale.fact, ended(CallKind::Authorize, "att_1", approved("PSPPAYMENT000001", true)));

    let let_go = told("CANCELLATION", "void/sandbox/att_1/void", None);
    assert_eq!(let_go.fact, ended(CallKind::Void, "att_1/void", approved("PSPOWN0000000007", false)));
    let stays = told("CANCELLATION", "void/sandbox/att_1/void", Some("Transaction is captured"));
    assert_eq!(declined(&stays), (CallKind::Void, "att_1/void", DeclineCode::CardDeclined));
}

#[test]
fn what_fails_afterwards_is_told_as_taken_back() {
    for (event, reference, kind, ours, failure) in [
        ("CAPTURE_FAILED", "capture/sandbox/cap_1", CallKind::Capture, "cap_1", None),
        ("CAPTURE_FAILED", "sale/sandbox/att_1", CallKind::Authorize, "att_1", None),
        // Taken with its authorization, which was told before; or is told after this.
        ("CAPTURE", "sale/sandbox/att_1", CallKind::Authorize, "att_1", Some("Insufficient balance")),
        ("REFUND_FAILED", "refund/sandbox/rf_1", CallKind::Refund, "rf_1", None),
        ("REFUNDED_REVERSED", "refund/sandbox/rf_1", CallKind::Refund, "rf_1", None),
    ] {
        let GatewayFact::Ended { kind: told, reference, end: CallEnd::TakenBack { gateway_reference, why } } =
            told(event, reference, failure).fact
        else {
            panic!("{event}: taken back");
        };
        assert_eq!((told, reference.as_str(), why.code), (kind, ours, DeclineCode::CardDeclined));
        assert_eq!(gateway_reference, "PSPOWN0000000007");
    }
}

#[test]
fn refunds_are_told_with_our_names() {
    let done = told("REFUND", "refund/sandbox/rf_1", None);
    assert_eq!(done.fact, ended(CallKind::Refund, "rf_1", approved("PSPOWN0000000007", false)));
    let failed = told("REFUND", "refund/sandbox/rf_1", Some("Insufficient balance on payment"));
    assert_eq!(declined(&failed), (CallKind::Refund, "rf_1", DeclineCode::CardDeclined));
}

#[test]
fn what_a_person_does_in_the_customer_area_is_told_as_that() {
    for (event, fails) in [("CAPTURE", false), ("CAPTURE_FAILED", true)] {
        let GatewayFact::CapturedOutside(capture) = told(event, "hold/sandbox/att_1", None).fact else {
            panic!("{event}")
        };
        assert_eq!((capture.authorization.as_str(), capture.amount), ("att_1", eur(1_000)));
        assert_eq!(capture.payment_reference.as_deref(), Some("PSPPAYMENT000001"));
        assert_eq!((capture.gateway_reference.as_str(), capture.is_final), ("PSPOWN0000000007", true));
        assert_eq!(capture.taken_back.is_some(), fails, "{event}");
    }
    for reference in ["sale/sandbox/att_1", "hold/sandbox/att_1"] {
        for (event, fails) in [("REFUND", false), ("REFUND_FAILED", true), ("REFUNDED_REVERSED", true)] {
            let GatewayFact::RefundedOutside(refund) = told(event, reference, None).fact else {
                panic!("{event}")
            };
            assert_eq!(refund.charge_reference, "PSPPAYMENT000001");
            assert_eq!((refund.gateway_reference.as_str(), refund.amount), ("PSPOWN0000000007", eur(1_000)));
            assert_eq!(refund.taken_back.is_some(), fails, "{event}");
        }
        let refused = told("REFUND", reference, Some("Insufficient balance on payment"));
        assert_eq!(refused.fact, GatewayFact::Other, "nothing happened");
    }
    let let_go = told("CANCELLATION", "hold/sandbox/att_1", None);
    assert_eq!(let_go.fact, ended(CallKind::Void, "att_1/void", approved("PSPOWN0000000007", false)));
}

#[test]
fn a_chargeback_is_told_with_its_payment_and_what_became_of_it() {
    let item = |event: &str, data: &Value| {
        let ids = ("PSPDISPUTE000009", "PSPPAYMENT000001");
        let mut item = notice(event, ids, "sale/sandbox/att_1", &amount(), None);
        for (name, value) in data.as_object().expect("an object") {
            item["additionalData"][name] = value.clone();
        }
        item
    };
    let read = |item: Value| parsed(&body_of(&[item])).expect("signed").remove(0);
    let data = json!({"chargebackSchemeCode": "mc", "chargebackReasonCode": "4855",
        "defensePeriodEndsAt": "2026-12-20T16:00:22+01:00"});
    let event = read(item("CHARGEBACK", &data));
    assert_eq!(event.tenant, Some(TenantId::sandbox()));
    let GatewayFact::Disputed(first) = event.fact else { panic!("a dispute") };
    assert_eq!(
        (first.gateway_reference.as_str(), first.standing),
        ("PSPPAYMENT000001", DisputeStatus::NeedsResponse)
    );
    let told_of = &first.dispute;
    assert_eq!((told_of.processor.as_str(), told_of.fee_minor), ("adyen", None));
    assert_eq!(told_of.processor_reference.as_deref(), Some("PSPDISPUTE000009"));
    assert_eq!((told_of.amount, told_of.network), (eur(1_000), Some(CardNetwork::Mastercard)));
    assert_eq!(told_of.network_reason_code.as_deref(), Some("4855"));
    assert_eq!(told_of.reason, DisputeReason::ProductNotReceived);
    let until = told_of.respond_by.expect("a time to answer");
    assert_eq!(until.to_rfc3339(), "2026-12-20T15:00:22+00:00");
    for (event, standing) in [
        ("INFORMATION_SUPPLIED", DisputeStatus::UnderReview),
        ("CHARGEBACK_REVERSED", DisputeStatus::Won),
        ("PREARBITRATION_WON", DisputeStatus::Won),
        ("SECOND_CHARGEBACK", DisputeStatus::Lost),
        ("PREARBITRATION_LOST", DisputeStatus::Lost),
    ] {
        let GatewayFact::Disputed(later) = read(item(event, &json!({}))).fact else { panic!("{event}") };
        assert_eq!(later.standing, standing, "{event}");
        let is_also_of_inquiries = event == "INFORMATION_SUPPLIED";
        assert_eq!(later.only_if_known, is_also_of_inquiries, "{event}");
        let same = (&later.dispute.processor_reference, later.dispute.amount, later.dispute.fee_minor);
        assert_eq!(
            same,
            (&told_of.processor_reference, told_of.amount, told_of.fee_minor),
            "the same dispute"
        );
        assert_eq!(later.dispute.network, Some(CardNetwork::Visa), "as the payment's method says");
    }
    // What is not signed as ours is nobody's: no money is moved by it.
    let foreign = notice("CHARGEBACK", ("PSPDISPUTE000009", "PSPPAYMENT000001"), "order 7", &amount(), None);
    assert_eq!(read(foreign).fact, GatewayFact::Other);
}

#[test]
fn what_has_no_meaning_is_kept_with_its_payment_and_what_is_not_ours_has_no_tenant() {
    for event in ["REQUEST_FOR_INFORMATION", "NOTIFICATION_OF_CHARGEBACK", "EXPIRE", "OF_TOMORROW"] {
        let kept = told(event, "sale/sandbox/att_1", None);
        assert_eq!((kept.fact, kept.tenant), (GatewayFact::Other, Some(TenantId::sandbox())), "{event}");
        assert_eq!(kept.gateway_reference.as_deref(), Some("PSPPAYMENT000001"));
    }
    // With a colon in it, another notification would have the same signature.
    for reference in ["order 7", "order:7\\x", "sale/sandbox/att:1", ""] {
        let foreign = told("AUTHORISATION", reference, None);
        assert_eq!((foreign.fact, foreign.tenant), (GatewayFact::Other, None), "{reference}");
    }
    let options = AdyenOptions {
        hmac_key: Some(HMAC_KEY.into()),
        ..AdyenOptions::new("http://127.0.0.1:1", API_KEY, "AnotherAccount", RETURN_URL)
    };
    let other = AdyenGateway::new(options).expect("good options");
    let events = other.parse_callback(&CallbackHeaders::default(), SALE.as_bytes(), now()).expect("signed");
    assert_eq!((&events[0].fact, &events[0].tenant), (&GatewayFact::Other, &None));
}

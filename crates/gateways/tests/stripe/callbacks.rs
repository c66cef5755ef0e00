//! What Stripe tells by itself.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus, ToldDispute};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, DeclineCode, GatewayAnswer, GatewayError,
    GatewayEvent, GatewayFact, OutsideCapture, PaymentGateway,
};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::{Double, SECRET_KEY};
use crate::rig::{WEBHOOK_SECRET, approved as approved_at, eur, options, stripe};

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
pub(crate) fn told(event_type: &str, object: &Value) -> GatewayEvent {
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
    let by_a_person = GatewayFact::CapturedOutside(Box::new(OutsideCapture {
        authorization: "att_1".into(),
        payment_reference: Some("pi_1".into()),
        gateway_reference: "ch_1".into(),
        amount: eur(900),
        is_final: true,
        taken_back: None,
    }));
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
            matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::TakenBack { gateway_reference, why }, .. }
                if gateway_reference == "re_1" && why.code == DeclineCode::LostCard),
            "its last word: {failed:?}"
        );
    }
}

#[test]
fn a_refund_of_the_dashboard_is_told_with_its_payment_and_its_own_name() {
    let refund = |status: &str| {
        json!({"id": "re_7", "object": "refund", "amount": 500, "currency": "eur", "status": status,
            "payment_intent": "pi_1", "charge": "ch_1", "failure_reason": "expired_or_canceled_card", "metadata": {}})
    };
    let outside = |event: &GatewayEvent| match &event.fact {
        GatewayFact::RefundedOutside(told) => (**told).clone(),
        other => panic!("{other:?}"),
    };
    let event = told("refund.created", &refund("succeeded"));
    assert_eq!(
        (event.tenant.clone(), event.fact.payment_name()),
        (None, Some("pi_1")),
        "its payment says whose"
    );
    let done = outside(&event);
    assert_eq!((done.charge_reference.as_str(), done.gateway_reference.as_str()), ("pi_1", "re_7"));
    assert_eq!((done.amount, done.taken_back), (eur(500), None));
    let failed = outside(&told("refund.failed", &refund("failed")));
    assert_eq!(failed.taken_back.expect("it failed").code, DeclineCode::ExpiredCard);
    let open = told("refund.created", &refund("pending"));
    assert_eq!(open.fact, GatewayFact::Pending { kind: CallKind::Refund, reference: "re_7".into() });
    let mut foreign = refund("succeeded");
    foreign["payment_intent"] = Value::Null;
    assert_eq!(told("refund.created", &foreign).fact, GatewayFact::Other, "of no payment that we make");
}

/// A dispute as Stripe has it, in a state of its own.
fn dispute(status: &str, withdrawn: bool) -> Value {
    let taken = json!({"id": "txn_1", "amount": -500, "currency": "eur", "fee": 1500, "net": -2000,
        "type": "adjustment"});
    let given_back = json!({"id": "txn_2", "amount": 500, "currency": "eur", "fee": 0, "net": 500});
    let balance = match (withdrawn, status) {
        (false, _) => json!([]),
        (true, "won") => json!([given_back, taken]),
        (true, _) => json!([taken]),
    };
    json!({"id": "du_1", "object": "dispute", "amount": 500, "currency": "eur", "charge": "ch_1",
        "payment_intent": "pi_1", "status": status, "reason": "product_not_received", "metadata": {},
        "created": 1_699_990_000, "balance_transactions": balance, "evidence_details": {"due_by": 1_700_600_000},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "network_reason_code": "13.1"}}})
}

#[test]
fn a_dispute_is_told_with_amount_fee_reason_and_time_to_answer() {
    let event = told("charge.dispute.created", &dispute("needs_response", true));
    let GatewayFact::Disputed(first) = event.fact else { panic!("a dispute: {event:?}") };
    assert_eq!((first.gateway_reference.as_str(), first.standing), ("pi_1", DisputeStatus::NeedsResponse));
    assert_eq!((first.at, event.tenant), (at(1_700_000_000), None));
    let told_of = ToldDispute {
        processor: "stripe".into(),
        processor_reference: Some("du_1".into()),
        amount: eur(500),
        fee_minor: Some(1_500),
        network: Some(CardNetwork::Visa),
        network_reason_code: Some("13.1".into()),
        reason: DisputeReason::ProductNotReceived,
        received_at: at(1_699_990_000),
        respond_by: Some(at(1_700_600_000)),
    };
    assert_eq!(first.dispute, told_of);
    for (event_type, status, standing) in [
        ("charge.dispute.funds_withdrawn", "needs_response", DisputeStatus::NeedsResponse),
        ("charge.dispute.updated", "under_review", DisputeStatus::UnderReview),
        ("charge.dispute.closed", "won", DisputeStatus::Won),
        ("charge.dispute.funds_reinstated", "won", DisputeStatus::Won),
        ("charge.dispute.closed", "lost", DisputeStatus::Lost),
    ] {
        let GatewayFact::Disputed(later) = told(event_type, &dispute(status, true)).fact else {
            panic!("{event_type}")
        };
        assert_eq!(
            (later.standing, later.dispute),
            (standing, told_of.clone()),
            "{event_type}: the same dispute"
        );
    }
}

#[test]
fn what_takes_no_money_is_no_dispute_yet_and_a_fee_in_another_currency_is_not_ours_to_say() {
    for (event_type, status) in [
        ("charge.dispute.created", "needs_response"),
        ("charge.dispute.created", "warning_needs_response"),
        ("charge.dispute.closed", "warning_closed"),
        ("charge.dispute.updated", "prevented"),
    ] {
        assert_eq!(told(event_type, &dispute(status, false)).fact, GatewayFact::Other, "{status}");
    }
    let mut abroad = dispute("needs_response", true);
    abroad["balance_transactions"][0]["currency"] = "usd".into();
    abroad["payment_method_details"] = Value::Null;
    let GatewayFact::Disputed(abroad) = told("charge.dispute.created", &abroad).fact else { panic!("taken") };
    assert_eq!((abroad.dispute.fee_minor, abroad.dispute.amount), (None, eur(500)));
    let reason = (abroad.dispute.network, abroad.dispute.network_reason_code, abroad.dispute.reason);
    assert_eq!(reason, (None, None, DisputeReason::ProductNotReceived), "Stripe's own word");
    let mut other = dispute("lost", true);
    other["payment_method_details"]["card"] =
        json!({"brand": "cartes_bancaires", "network_reason_code": "77"});
    other["reason"] = "fraudulent".into();
    let GatewayFact::Disputed(other) = told("charge.dispute.closed", &other).fact else { panic!("taken") };
    assert_eq!(other.dispute.network_reason_code.as_deref(), Some("77"), "the network's code is kept");
    assert_eq!(
        (other.dispute.network, other.dispute.reason),
        (Some(CardNetwork::Other), DisputeReason::Fraud)
    );
}

#[actix_web::test]
async fn whose_a_payment_is_stripe_is_asked() {
    let double = Double::start();
    let stripe = stripe(&double);
    let id = approved_at(&stripe, "att_1", 1_000, true).await;
    assert_eq!(stripe.owner_of_payment(&id).await.expect("asked"), Some(TenantId::sandbox()));
    for nobodys in ["pi_nobodys", "ch_1", "", "pi_1/../refunds"] {
        assert_eq!(stripe.owner_of_payment(nobodys).await.expect("asked"), None, "{nobodys}");
    }
    double.books().intents.get_mut(&id).expect("it is there")["metadata"] = json!({});
    assert_eq!(stripe.owner_of_payment(&id).await.expect("asked"), None, "another program's payment");
    let away = StripeOptions::new("http://127.0.0.1:1", SECRET_KEY);
    let away = StripeGateway::new(away).expect("good options").owner_of_payment(&id).await;
    assert!(matches!(away, Err(GatewayError::Unknown(_))), "it is asked again later: {away:?}");
}

#[test]
fn what_has_no_word_is_kept_with_its_payment() {
    let charge = json!({"id": "ch_1", "object": "charge", "amount_refunded": 500, "payment_intent": "pi_1",
        "metadata": {"tender_tenant": "sandbox", "tender_reference": "att_1"}});
    let event = told("charge.refunded", &charge);
    assert_eq!((event.fact, event.gateway_reference.as_deref()), (GatewayFact::Other, Some("pi_1")));
    let foreign = intent("succeeded", &json!({"amount_received": 1000, "metadata": {}}));
    let event = told("payment_intent.succeeded", &foreign);
    assert_eq!((event.fact, event.tenant), (GatewayFact::Other, None));
    let payout = told("payout.paid", &json!({"id": "po_1", "object": "payout", "amount": 5}));
    assert_eq!((payout.fact, payout.gateway_reference), (GatewayFact::Other, None));
}

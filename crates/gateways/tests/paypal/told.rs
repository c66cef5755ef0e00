//! What PayPal's webhooks tell of refunds and disputes: of captures, which are asked for their order.

use serde_json::{Value, json};
use tender_domain::disputes::{DisputeReason, DisputeStatus};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CallEnd, CallKind, GatewayAnswer, GatewayFact, PaymentGateway};

use crate::double::Double;
use crate::requests::eur;
use crate::rig::{approved, capture_of};
use crate::webhooks::{at, done, ended, event, told};

/// A refund as events have it.
fn refund(double: &Double, capture: &str, name: &str, status: &str) -> Value {
    json!({"id": "REFUND000009", "status": status, "custom_id": name,
        "amount": {"currency_code": "EUR", "value": "3.00"},
        "links": [{"rel": "self", "href": "https://api.paypal.com/v2/payments/refunds/REFUND000009"},
            {"rel": "up", "href": format!("http://127.0.0.1:{}/v2/payments/captures/{capture}", double.port)}]})
}

#[tokio::test]
async fn refunds_are_told_with_our_names_or_with_the_order_of_their_capture() {
    let double = Double::start();
    let gateway = at(&double);
    let order = approved(&gateway, "att_1", 900, true).await;
    let id = double.books().orders[&order]["purchase_units"][0]["payments"]["captures"][0]["id"].clone();
    let id = id.as_str().expect("an id").to_owned();
    let of = async |kind: &str, resource: &Value| told(&gateway, &double, &event(kind, resource)).await;
    let ours = of("PAYMENT.CAPTURE.REFUNDED", &refund(&double, &id, "sandbox/rf_1", "COMPLETED")).await;
    assert_eq!(ours.fact, ended(CallKind::Refund, "rf_1", done("REFUND000009", 300, false)));
    let failed = of("PAYMENT.REFUND.FAILED", &refund(&double, &id, "sandbox/rf_1", "FAILED")).await;
    assert!(
        matches!(&failed.fact, GatewayFact::Ended { end: CallEnd::TakenBack { gateway_reference, .. }, .. }
            if gateway_reference == "REFUND000009"),
        "{failed:?}"
    );
    let waits = of("PAYMENT.REFUND.PENDING", &refund(&double, &id, "sandbox/rf_1", "PENDING")).await;
    assert!(matches!(waits.fact, GatewayFact::Pending { kind: CallKind::Refund, .. }), "{waits:?}");

    // Made by a person: PayPal repeats the payment's name, or none.
    for name in ["sandbox/att_1", ""] {
        let event = of("PAYMENT.CAPTURE.REFUNDED", &refund(&double, &id, name, "COMPLETED")).await;
        let GatewayFact::RefundedOutside(outside) = &event.fact else { panic!("{event:?}") };
        assert_eq!((outside.charge_reference.as_str(), outside.amount), (order.as_str(), eur(300)));
        assert_eq!(outside.gateway_reference, "REFUND000009");
        assert_eq!((event.tenant, event.gateway_reference), (Some(TenantId::sandbox()), Some(order.clone())));
    }
    let nobodys = of("PAYMENT.CAPTURE.REFUNDED", &refund(&double, "CAPTURE999999", "", "COMPLETED")).await;
    assert_eq!(nobodys.fact, GatewayFact::Other);
    assert_eq!(gateway.owner_of_payment(&order).await.expect("answered"), Some(TenantId::sandbox()));
    assert_eq!(gateway.owner_of_payment("ORDER999999").await.expect("answered"), None);
}

#[tokio::test]
async fn disputes_are_told_with_the_order_of_their_capture_and_an_inquiry_takes_nothing() {
    let double = Double::start();
    let gateway = at(&double);
    let held = approved(&gateway, "att_1", 900, false).await;
    let taken = gateway.capture(&capture_of("cap_1", &held, 900)).await.expect("answered");
    let GatewayAnswer::Approved { gateway_reference: id, .. } = taken else { panic!("{taken:?}") };
    let dispute = |stage: &str, status: &str, outcome: Option<&str>| {
        let mut dispute = json!({"dispute_id": "PP-D-27803", "create_time": "2027-02-18T19:00:00.000Z",
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "status": status,
            "disputed_transactions": [{"seller_transaction_id": id}], "dispute_life_cycle_stage": stage,
            "dispute_amount": {"currency_code": "EUR", "value": "9.00"},
            "seller_response_due_date": "2027-03-01T00:00:00.000Z"});
        if let Some(outcome) = outcome {
            dispute["dispute_outcome"] = json!({"outcome_code": outcome});
        }
        dispute
    };
    for (kind, stage, status, outcome, standing) in [
        ("CREATED", "CHARGEBACK", "WAITING_FOR_SELLER_RESPONSE", None, Some(DisputeStatus::NeedsResponse)),
        ("UPDATED", "PRE_ARBITRATION", "UNDER_REVIEW", None, Some(DisputeStatus::UnderReview)),
        ("RESOLVED", "CHARGEBACK", "RESOLVED", Some("RESOLVED_SELLER_FAVOUR"), Some(DisputeStatus::Won)),
        ("RESOLVED", "CHARGEBACK", "RESOLVED", Some("RESOLVED_BUYER_FAVOUR"), Some(DisputeStatus::Lost)),
        ("RESOLVED", "CHARGEBACK", "RESOLVED", Some("PONDERED"), None),
        ("CREATED", "INQUIRY", "OPEN", None, None),
    ] {
        let body = event(&format!("CUSTOMER.DISPUTE.{kind}"), &dispute(stage, status, outcome));
        let event = told(&gateway, &double, &body).await;
        let found = match &event.fact {
            GatewayFact::Disputed(told) => {
                let what = &told.dispute;
                assert_eq!((told.gateway_reference.as_str(), what.amount), (held.as_str(), eur(900)));
                assert_eq!(what.processor_reference.as_deref(), Some("PP-D-27803"));
                assert_eq!(what.reason, DisputeReason::ProductNotReceived);
                assert_eq!(what.respond_by, "2027-03-01T00:00:00Z".parse().ok());
                assert_eq!(event.tenant, Some(TenantId::sandbox()));
                Some(told.standing)
            }
            _ => None,
        };
        assert_eq!(found, standing, "{kind} {stage} {status} {outcome:?}");
    }
}

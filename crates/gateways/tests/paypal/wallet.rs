//! PayPal's own wallet: a session that its owner approves, and that is paid when the browser comes back.

use serde_json::json;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CompleteChallenge, DeclineCode, GatewayAnswer, PaymentGateway, SessionFlow, SessionPage,
    SessionRequest,
};
use tender_gateways::{PayPalGateway, PayPalOptions};

use crate::double::{Double, Fault, error};
use crate::requests::name_left;
use crate::rig::{
    RETURN_URL, approval, assert_not_done, assert_unknown, authorization, capture_of, options, paypal,
    refund_of,
};

fn session(method: &str) -> SessionRequest {
    SessionRequest {
        method: method.into(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: Timestamp::from_timestamp(1_800_000_000, 0).expect("a time"),
        page: Some(Box::new(SessionPage {
            cancel_url: Some("https://shop.example.com/left".into()),
            reference: Some("Booking 7".into()),
            payer_email: Some("ada@example.com".into()),
            ..SessionPage::default()
        })),
    }
}

fn asked(reference: &str, capture: bool) -> Authorize {
    Authorize { session: Some(session("paypal")), ..authorization(reference, "", 700, capture) }
}

fn complete(reference: &str, order: &str, result: &str) -> CompleteChallenge {
    CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: order.into(),
        result: result.into(),
    }
}

async fn order(paypal: &PayPalGateway, request: &Authorize) -> String {
    match paypal.authorize(request).await.expect("answered") {
        GatewayAnswer::Challenge { url, challenge_reference, .. } => {
            assert!(url.ends_with(&format!("token={challenge_reference}")), "{url}");
            challenge_reference
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_its_owner_approved_is_paid_when_the_browser_comes_back() {
    let double = Double::start();
    let paypal = paypal(&double);
    assert_eq!(paypal.alternative_methods(), ["paypal"]);
    for (reference, capture) in [("att_1", true), ("att_2", false)] {
        let id = order(&paypal, &asked(reference, capture)).await;
        let (path, body) = double.last_asked();
        let wanted = json!({"intent": if capture { "CAPTURE" } else { "AUTHORIZE" },
            "purchase_units": [{"custom_id": format!("sandbox/{reference}"), "description": "Booking 7",
                "amount": {"currency_code": "EUR", "value": "7.00"}}],
            "payment_source": {"paypal": {"email_address": "ada@example.com", "experience_context": {
                "return_url": RETURN_URL, "cancel_url": "https://shop.example.com/left",
                "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING"}}}});
        assert_eq!((path.as_str(), body), ("v2/checkout/orders", wanted));
        assert_eq!(order(&paypal, &asked(reference, capture)).await, id, "asked again it is the same order");
        // Not approved yet: it is still to be.
        let open = paypal.complete_challenge(&complete(reference, &id, "")).await;
        assert!(matches!(open, Ok(GatewayAnswer::Challenge { .. })), "{open:?}");
        double.books().orders.get_mut(&id).expect("it is there")["status"] = "APPROVED".into();
        let brought = format!("{RETURN_URL}&token={id}&PayerID=X");
        assert_unknown(&paypal.complete_challenge(&complete("att_9", &id, &brought)).await);
        approval(&paypal.complete_challenge(&complete(reference, &id, &brought)).await, 700, capture);
        approval(&paypal.complete_challenge(&complete(reference, &id, "")).await, 700, capture);
        if !capture {
            approval(&paypal.capture(&capture_of("cap_1", &id, 600)).await, 600, true);
        }
        approval(&paypal.refund(&refund_of(&format!("rf_{reference}"), &id, 100)).await, 100, false);
    }
}

#[tokio::test]
async fn a_wallet_that_does_not_pay_is_a_decline() {
    let double = Double::start();
    let paypal = paypal(&double);
    let id = order(&paypal, &asked("att_1", true)).await;
    double.books().orders.get_mut(&id).expect("it is there")["status"] = "APPROVED".into();
    double.next(Fault::Refused(422, error("UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED", "")));
    let declined = paypal.complete_challenge(&complete("att_1", &id, "")).await;
    let Ok(GatewayAnswer::Declined(why)) = declined else { panic!("{declined:?}") };
    assert_eq!((why.code, name_left(&why)), (DeclineCode::CardDeclined, Some(id.as_str())));
}

#[tokio::test]
async fn other_methods_and_no_way_back_are_refused_before_anything_is_sent() {
    let double = Double::start();
    let nowhere = PayPalGateway::new(PayPalOptions { return_url: None, ..options(&double) }).expect("good");
    assert_not_done(&nowhere.authorize(&asked("att_1", true)).await);
    let ideal = Authorize { session: Some(session("ideal")), ..asked("att_2", true) };
    assert_not_done(&paypal(&double).authorize(&ideal).await);
    assert!(double.books().orders.is_empty());
}

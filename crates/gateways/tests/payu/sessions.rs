//! Challenges, and PayU's own page. PayU answers with 302 where a customer goes on: nobody follows it but the customer.

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, CompleteChallenge, DeclineCode, GatewayAnswer, PaymentGateway, SessionFlow, SessionPage,
    SessionRequest, ThreeDs,
};
use tender_gateways::{PayUGateway, PayUOptions};

use crate::requests::{
    approval, assert_not_done, assert_still_open, assert_unknown, authorization, name_left, void_of,
};
use crate::rig::{Double, RETURN_URL, at, made, options, payu};

const CHALLENGED: &str = "payu-sandbox/c0ffee/TOKC_challenged";

fn session(return_url: Option<&str>) -> SessionRequest {
    SessionRequest {
        method: SessionRequest::CARD.into(),
        flow: SessionFlow::Redirect,
        return_url: return_url.map(str::to_owned),
        expires_at: at(1_772_625_600 + 900),
        page: Some(Box::new(SessionPage {
            reference: Some("Booking 7".into()),
            payer_name: Some("Ada Byron".into()),
            payer_email: Some("ada@example.com".into()),
            ..SessionPage::default()
        })),
    }
}

async fn challenged(payu: &PayUGateway, request: &Authorize) -> (String, String) {
    let answer = payu.authorize(request).await.expect("answered");
    let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
    (url, challenge_reference)
}

fn complete(reference: &str, challenge: &str) -> CompleteChallenge {
    CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: challenge.into(),
        result: "error=501".into(),
    }
}

#[tokio::test]
async fn a_page_is_paid_on_and_payu_is_asked_when_the_browser_comes_back() {
    let double = Double::start();
    let payu = payu(&double);
    for (reference, capture, paid) in [("att_1", true, true), ("att_2", false, true), ("att_3", true, false)]
    {
        let request =
            Authorize { session: Some(session(None)), ..authorization(reference, "", 700, capture) };
        let (url, challenge) = challenged(&payu, &request).await;
        assert!(url.starts_with("https://merch-prod.snd.payu.com/pay/?orderId="), "{url}");
        let body = double.last_asked().json().expect("JSON");
        assert_eq!(body["payMethods"], json!({"payMethod": {"type": "PBL", "value": "c"}}));
        assert_eq!((&body["validityTime"], &body["description"]), (&json!("900"), &json!("Booking 7")));
        let buyer = json!({"email": "ada@example.com", "firstName": "Ada", "lastName": "Byron"});
        assert_eq!((&body["continueUrl"], &body["buyer"]), (&json!(RETURN_URL), &buyer));
        assert_still_open(&payu.complete_challenge(&complete(reference, &challenge)).await, &challenge);
        double.kept().rules.meet(&challenge, paid);
        for _ in 0..2 {
            let end = payu.complete_challenge(&complete(reference, &challenge)).await;
            match (&end, paid) {
                (Ok(GatewayAnswer::Declined(why)), false) => {
                    assert_eq!(why.code, DeclineCode::AuthenticationFailed);
                    assert_eq!(name_left(why), Some(challenge.as_str()));
                }
                (_, true) => drop(approval(&end, 700, capture)),
                _ => panic!("{end:?}"),
            }
        }
    }
    let taken: i64 = double.kept().rules.orders.values().map(|order| order.taken).sum();
    assert_eq!(taken, 700, "one sale was paid, and one hold");
}

#[tokio::test]
async fn a_challenge_of_another_payment_or_of_none_pays_nothing() {
    let double = Double::start();
    let payu = payu(&double);
    let (_, challenge) = challenged(&payu, &authorization("att_1", CHALLENGED, 700, true)).await;
    double.kept().rules.meet(&challenge, true);
    assert_unknown(&payu.complete_challenge(&complete("att_9", &challenge)).await);
    let other =
        CompleteChallenge { tenant: "stranger".parse().expect("a tenant"), ..complete("att_1", &challenge) };
    assert_unknown(&payu.complete_challenge(&other).await);
    for none in ["", "../orders"] {
        assert_not_done(&payu.complete_challenge(&complete("att_1", none)).await);
    }
    // PayU has made each order that a challenge is: another point of sale is asked.
    for elsewhere in ["nothing", "WZHF5FFDRJ999999GUEST000P01"] {
        assert_unknown(&payu.complete_challenge(&complete("att_1", elsewhere)).await);
    }
    assert!(double.kept().rules.orders.values().all(|order| order.taken == 0));
}

#[tokio::test]
async fn a_challenge_that_nobody_meets_is_canceled_unless_it_was_met_meanwhile() {
    let double = Double::start();
    let payu = payu(&double);
    for (reference, met) in [("att_1", false), ("att_2", true)] {
        let (_, challenge) = challenged(&payu, &authorization(reference, CHALLENGED, 700, false)).await;
        if met {
            double.kept().rules.meet(&challenge, true);
        }
        for _ in 0..2 {
            let given_up = payu.give_up_challenge(&void_of(reference, &challenge)).await;
            let is_given_up = matches!(&given_up, Ok(Some(GatewayAnswer::Approved { .. })));
            let was_met = matches!(&given_up, Ok(Some(GatewayAnswer::Declined(_))));
            assert_eq!((is_given_up, was_met), (!met, met), "{given_up:?}");
        }
        let status = double.kept().rules.orders[&challenge].status;
        assert_eq!(status, if met { "WAITING_FOR_CONFIRMATION" } else { "CANCELED" });
        if !met {
            let end = payu.complete_challenge(&complete(reference, &challenge)).await;
            let Ok(GatewayAnswer::Declined(why)) = end else { panic!("{end:?}") };
            assert_eq!(why.code, DeclineCode::CustomerCanceled);
        }
    }
}

#[tokio::test]
async fn who_has_no_way_back_or_is_away_is_not_sent_to_a_page_and_the_order_is_canceled() {
    let double = Double::start();
    let nowhere = made(PayUOptions { return_url: None, ..options(&double) });
    let request = Authorize { session: Some(session(None)), ..authorization("att_1", "", 700, true) };
    assert_not_done(&nowhere.authorize(&request).await);
    let ideal = SessionRequest { method: "ideal".into(), ..session(Some(RETURN_URL)) };
    assert_not_done(&nowhere.authorize(&Authorize { session: Some(ideal), ..request }).await);
    assert!(double.kept().rules.orders.is_empty());
    let answer = nowhere.authorize(&authorization("att_2", CHALLENGED, 700, true)).await;
    let Ok(GatewayAnswer::Declined(why)) = answer else { panic!("{answer:?}") };
    assert_eq!(why.code, DeclineCode::AuthenticationRequired);
    let order = double.kept().rules.orders.values().next().cloned().expect("it was begun");
    assert_eq!(order.status, "CANCELED");
}

#[tokio::test]
async fn a_page_on_which_the_customer_must_authenticate_is_asked_to_see_to_it() {
    let double = Double::start();
    let payu = payu(&double);
    for (reference, three_ds, asked) in [
        ("att_1", ThreeDs::Force, json!({"challengeRequested": "YES"})),
        ("att_2", ThreeDs::Automatic, serde_json::Value::Null),
    ] {
        let request =
            Authorize { session: Some(session(None)), three_ds, ..authorization(reference, "", 700, true) };
        challenged(&payu, &request).await;
        let body = double.last_asked().json().expect("JSON");
        assert_eq!(body["threeDsAuthentication"], asked);
    }
}

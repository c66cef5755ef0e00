//! Challenges, and Saferpay's own page.

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, CompleteChallenge, DeclineCode, GatewayAnswer, PaymentGateway, SessionFlow, SessionPage,
    SessionRequest, ThreeDs,
};
use tender_gateways::{SaferpayGateway, SaferpayOptions};

use crate::requests::{approval, assert_not_done, assert_still_open, assert_unknown, authorization};
use crate::rig::{Double, RETURN_URL, at, made, options, saferpay};
use crate::rules::error;
use crate::standin::Fault;

fn session(return_url: Option<&str>) -> SessionRequest {
    SessionRequest {
        method: SessionRequest::CARD.into(),
        flow: SessionFlow::Redirect,
        return_url: return_url.map(str::to_owned),
        expires_at: at(1_800_000_000),
        page: Some(Box::new(SessionPage {
            notify_url: Some("https://pay.example.com/hotels/payments/7/notify".into()),
            reference: Some("Booking 7".into()),
            ..SessionPage::default()
        })),
    }
}

async fn challenged(saferpay: &SaferpayGateway, request: &Authorize) -> (String, String) {
    let answer = saferpay.authorize(request).await.expect("answered");
    let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
    (url, challenge_reference)
}

fn complete(reference: &str, challenge: &str) -> CompleteChallenge {
    CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: challenge.into(),
        result: "somebody=else".into(),
    }
}

#[tokio::test]
async fn a_page_is_paid_on_and_saferpay_is_asked_when_the_browser_comes_back() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    for (reference, capture, paid) in [("att_1", true, true), ("att_2", false, true), ("att_3", true, false)]
    {
        let request =
            Authorize { session: Some(session(None)), ..authorization(reference, "", 700, capture) };
        let (url, challenge) = challenged(&saferpay, &request).await;
        assert!(url.starts_with("https://test.saferpay.com/vt2/api/PaymentPage/"));
        assert_still_open(&saferpay.complete_challenge(&complete(reference, &challenge)).await, &challenge);
        let token = challenge.rsplit('/').next().expect("a token").to_owned();
        let body = double.kept().rules.begun[&token].body.clone();
        assert_eq!(body["ReturnUrl"]["Url"], RETURN_URL);
        assert_eq!(body["Payment"]["Description"], "Booking 7");
        let notify = "https://pay.example.com/hotels/payments/7/notify";
        assert_eq!(body["Notification"], json!({"SuccessNotifyUrl": notify, "FailNotifyUrl": notify}));
        double.kept().rules.meet(&challenge, paid);
        for _ in 0..2 {
            let end = saferpay.complete_challenge(&complete(reference, &challenge)).await;
            match (&end, paid) {
                (Ok(GatewayAnswer::Declined(why)), false) => {
                    assert_eq!(why.code, DeclineCode::CustomerCanceled);
                }
                (_, true) => drop(approval(&end, 700, capture)),
                _ => panic!("{end:?}"),
            }
        }
    }
    let taken: Vec<_> = double.kept().rules.transactions.values().map(|one| one.taken).collect();
    assert_eq!(taken, [700, 0]);
}

#[tokio::test]
async fn a_challenge_of_another_payment_pays_nothing() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let request = Authorize { session: Some(session(None)), ..authorization("att_1", "", 700, true) };
    let (_, challenge) = challenged(&saferpay, &request).await;
    double.kept().rules.meet(&challenge, true);
    assert_unknown(&saferpay.complete_challenge(&complete("att_9", &challenge)).await);
    // Nor is it met where it is not.
    let elsewhere = challenge.replace("/page/", "/card/");
    assert_not_done(&saferpay.complete_challenge(&complete("att_9", &elsewhere)).await);
    for none in ["", "nothing", "sale/page/../x"] {
        assert_not_done(&saferpay.complete_challenge(&complete("att_1", none)).await);
    }
    assert!(double.kept().rules.transactions.values().all(|one| one.taken == 0));
}

#[tokio::test]
async fn an_answer_that_was_lost_after_a_challenge_is_told_when_it_is_asked_for_again() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let request = authorization("att_1", "saferpay-sandbox/b7ad567477c8-challenged", 700, true);
    let (_, challenge) = challenged(&saferpay, &request).await;
    assert_still_open(&saferpay.complete_challenge(&complete("att_1", &challenge)).await, &challenge);
    // In a failure of Saferpay's the same word says nothing.
    double.next(Fault::Refused(500, error("TRANSACTION_NOT_STARTED")));
    assert_unknown(&saferpay.complete_challenge(&complete("att_1", &challenge)).await);
    double.kept().rules.meet(&challenge, true);
    double.next(Fault::LostAfter);
    assert_unknown(&saferpay.complete_challenge(&complete("att_1", &challenge)).await);
    // Its token is over, and the payment is there.
    double.next(Fault::Refused(402, error("TOKEN_EXPIRED")));
    approval(&saferpay.complete_challenge(&complete("att_1", &challenge)).await, 700, true);
    assert_eq!(double.kept().rules.transactions.len(), 1);
}

#[tokio::test]
async fn a_page_has_a_way_back_and_is_of_cards() {
    let double = Double::start();
    let nowhere = made(SaferpayOptions { return_url: None, ..options(&double) });
    let request = Authorize { session: Some(session(None)), ..authorization("att_1", "", 700, true) };
    assert_not_done(&nowhere.authorize(&request).await);
    let ideal = SessionRequest { method: "ideal".into(), ..session(Some(RETURN_URL)) };
    assert_not_done(&nowhere.authorize(&Authorize { session: Some(ideal), ..request }).await);
    assert!(double.kept().rules.begun.is_empty());
}

#[tokio::test]
async fn a_page_on_which_the_customer_must_authenticate_is_asked_to_see_to_it() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    for (reference, three_ds, asked) in [
        ("att_1", ThreeDs::Force, json!({"ThreeDsChallenge": "FORCE"})),
        ("att_2", ThreeDs::Automatic, serde_json::Value::Null),
    ] {
        let request =
            Authorize { session: Some(session(None)), three_ds, ..authorization(reference, "", 700, true) };
        let (_, challenge) = challenged(&saferpay, &request).await;
        let token = challenge.rsplit('/').next().expect("a token").to_owned();
        let body = double.kept().rules.begun[&token].body.clone();
        assert_eq!(body["Authentication"], asked);
    }
}

//! Every operation, when all goes well, and what a gateway refuses.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    AgreementKind, Authorize, CardData, DeclineCode, GatewayAnswer, PaymentGateway, ScaRequest, ThreeDs,
};
use tender_gateways::{SaferpayGateway, SaferpayOptions};

use crate::requests::{approval, assert_not_done, authorization, capture_of, payer, refund_of, void_of};
use crate::rig::{Double, RETURN_URL, VISA, made, options, saferpay};
use crate::rules::TERMINAL;

#[tokio::test]
async fn what_is_asked_is_in_saferpays_words() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        payer: payer(),
        ..authorization("att_1", VISA, 1_234, false)
    };
    let answer = saferpay.authorize(&request).await.expect("answered");
    let begun = double.kept().rules.begun.values().next().expect("it was begun").body.clone();
    let address = |first: &str, last: &str, street: &str| {
        let mut told = json!({"LastName": last, "Email": "ada@example.com", "Phone": "+49 30 123456",
            "Street": street, "Zip": "10115", "City": "Berlin", "CountryCode": "DE"});
        if !first.is_empty() {
            told["FirstName"] = first.into();
        }
        told
    };
    let wanted = json!({"TerminalId": TERMINAL,
        "Payment": {"Amount": {"Value": "1234", "CurrencyCode": "EUR"}, "OrderId": "hold:sandbox:att_1",
            "PayerNote": "Seeblick's Hotel"},
        "PaymentMeans": {"Alias": {"Id": "b7ad567477c8-visa"}}, "ReturnUrl": {"Url": RETURN_URL},
        "Payer": {"IpAddress": "203.0.113.7", "BillingAddress": address("Ada King", "Byron", "Hauptstrasse 7"),
            "DeliveryAddress": address("", "Bob", "Weg 1")}});
    assert_eq!(begun, wanted);
    let GatewayAnswer::Approved { sca, acquirer, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(acquirer.as_deref(), Some("Saferpay Test"));
    let authentication = sca.and_then(|sca| sca.authentication).expect("it is told");
    assert!(authentication.liability_shift && authentication.status.as_str() == "Y");

    let away = Authorize { off_session: true, ..authorization("att_2", VISA, 500, false) };
    saferpay.authorize(&away).await.expect("answered");
    let mut body = double.last_asked().json().expect("JSON");
    let header = body.as_object_mut().expect("an object").remove("RequestHeader").expect("a header");
    assert_eq!(header["RequestId"].as_str().map(str::len), Some(40));
    let wanted = json!({"TerminalId": TERMINAL, "Initiator": "MERCHANT",
        "Payment": {"Amount": {"Value": "500", "CurrencyCode": "EUR"}, "OrderId": "hold:sandbox:att_2"},
        "PaymentMeans": {"Alias": {"Id": "b7ad567477c8-visa"}}});
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn money_is_held_taken_in_part_and_given_back() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let held =
        approval(&saferpay.authorize(&authorization("att_1", VISA, 12_345, false)).await, 12_345, false);
    assert_eq!(double.kept().rules.transactions[&held].status, "AUTHORIZED");
    assert_eq!(approval(&saferpay.capture(&capture_of("cap_1", &held, 10_000)).await, 10_000, true), "cap_1");
    assert_not_done(&saferpay.capture(&capture_of("cap_2", &held, 2_345)).await);
    let refund = approval(&saferpay.refund(&refund_of("rf_1", &held, 4_000)).await, 4_000, false);
    assert_eq!(double.kept().rules.given_back(&held), 4_000, "the refund itself is captured");
    assert_eq!(double.kept().rules.transactions[&refund].order, "refund:sandbox:rf_1");
    assert_not_done(&saferpay.refund(&refund_of("rf_2", &held, 6_001)).await);
    approval(&saferpay.refund(&refund_of("rf_3", &held, 6_000)).await, 6_000, false);
    // A refund is no payment: nothing is done with it by its name.
    assert_not_done(&saferpay.void(&void_of("att_1", &refund)).await);
    let taken = saferpay.void(&void_of("att_1", &held)).await;
    assert!(
        matches!(&taken, Ok(GatewayAnswer::Declined(why)) if why.code == DeclineCode::TransactionNotAllowed)
    );
}

#[tokio::test]
async fn a_sale_takes_all_that_it_holds_and_nothing_of_another_amount() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let sold = approval(&saferpay.authorize(&authorization("att_1", VISA, 700, true)).await, 700, true);
    let kept = double.kept().rules.transactions[&sold].clone();
    assert_eq!((kept.status, kept.taken, kept.order.as_str()), ("CAPTURED", 700, "sale:sandbox:att_1"));
    let less =
        saferpay.authorize(&authorization("att_2", "saferpay-sandbox/b7ad567477c8-less", 700, true)).await;
    let held = approval(&less, 699, false);
    assert_eq!(double.kept().rules.transactions[&held].taken, 0);
}

#[tokio::test]
async fn what_must_be_authenticated_is_nowhere_else() {
    let double = Double::start();
    let nowhere = made(SaferpayOptions { return_url: None, ..options(&double) });
    let forced = Authorize { three_ds: ThreeDs::Force, ..authorization("att_1", VISA, 5, true) };
    let answer = nowhere.authorize(&forced).await;
    let required = |answer: &GatewayAnswer| matches!(answer, GatewayAnswer::Declined(why) if why.code == DeclineCode::AuthenticationRequired);
    assert!(answer.as_ref().is_ok_and(required), "{answer:?}");
    assert!(double.kept().asked.is_empty() && double.kept().rules.begun.is_empty());
    // Without a way back it is charged as it is, and the bank may want more.
    let soft = authorization("att_2", "saferpay-sandbox/b7ad567477c8-challenged", 5, true);
    let answer = nowhere.authorize(&soft).await;
    assert!(answer.as_ref().is_ok_and(required), "{answer:?}");
    approval(&nowhere.authorize(&authorization("att_3", VISA, 5, true)).await, 5, true);
}

#[tokio::test]
async fn a_card_becomes_an_alias_of_the_tenants() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let tenant = TenantId::sandbox();
    let card = CardData {
        number: "4111111111111111".into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("123".into()),
        holder_name: Some("Ada".into()),
    };
    let stored = saferpay.tokenise(&tenant, &card).await.expect("an alias");
    let alias = double.kept().rules.aliases.keys().next().cloned().expect("one alias");
    assert!(alias.starts_with("b7ad567477c8-") && alias.len() == 40, "{alias}");
    assert_eq!(stored.token.expose_secret(), format!("saferpay-sandbox/{alias}"));
    let stranger: TenantId = "stranger".parse().expect("a tenant");
    // Another tenant's, under this tenant's name.
    let forged = stored.token.expose_secret().replace("sandbox", "stranger");
    let seen = saferpay.inspect_token(&stranger, &SecretString::from(forged)).await;
    assert!(seen.expect("answered").is_none());
    let gone = SecretString::from("saferpay-sandbox/b7ad567477c8-gone");
    assert!(saferpay.inspect_token(&tenant, &gone).await.expect("answered").is_none());
}

#[tokio::test]
async fn amounts_that_saferpay_may_count_otherwise_are_not_sent() {
    let double = Double::start();
    let krona = Authorize {
        amount: Money::new(500, "ISK".parse::<Currency>().expect("a currency")),
        ..authorization("att_1", VISA, 5, true)
    };
    assert_not_done(&saferpay(&double).authorize(&krona).await);
    let long: TenantId = "t".repeat(40).parse().expect("a tenant");
    let attempt = format!("att_{}", "0".repeat(26));
    let refund = tender_domain::ports::Refund { tenant: long, ..refund_of(&attempt, "tx1", 5) };
    assert_not_done(&saferpay(&double).refund(&refund).await);
    assert!(double.kept().asked.is_empty());
}

#[test]
fn options_that_cannot_be_used_say_so() {
    let refused =
        |options: SaferpayOptions| SaferpayGateway::new(options).err().expect("refused").to_string();
    let good =
        || SaferpayOptions::new("https://test.saferpay.com/api", "API_1", "secret", "123456", TERMINAL);
    assert!(refused(SaferpayOptions { customer_id: "12a".into(), ..good() }).contains("customer_id"));
    assert!(refused(SaferpayOptions { terminal_id: "1".into(), ..good() }).contains("terminal_id"));
    assert!(refused(SaferpayOptions { username: "a:b".into(), ..good() }).contains("username"));
    assert!(refused(SaferpayOptions { api_base: "ftp://x".into(), ..good() }).contains("api_base"));
}

#[tokio::test]
async fn whose_a_payment_is_saferpay_is_asked() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let paid = approval(&saferpay.authorize(&authorization("att_1", VISA, 500, true)).await, 500, true);
    assert_eq!(saferpay.owner_of_payment(&paid).await.expect("asked"), Some(TenantId::sandbox()));
    for nobodys in ["txnobody", "", "../x"] {
        assert_eq!(saferpay.owner_of_payment(nobodys).await.expect("asked"), None, "{nobodys}");
    }
}

#[tokio::test]
async fn the_first_payment_of_a_series_is_told_as_such() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let sca = ScaRequest { begins: Some(AgreementKind::Recurring), ..ScaRequest::default() };
    let first = Authorize { sca, ..authorization("att_1", VISA, 500, false) };
    saferpay.authorize(&first).await.expect("answered");
    let begun = double.kept().rules.begun.values().next().expect("it was begun").body.clone();
    assert_eq!(begun["Payment"]["Recurring"], json!({"Initial": true}), "{begun}");
}

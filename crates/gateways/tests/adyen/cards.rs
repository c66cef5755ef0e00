//! Card data and clients' tokens.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, PaymentGateway};

use crate::double::Double;
use crate::rig::{adyen, approval, authorization};

fn card(number: &str) -> CardData {
    CardData {
        number: number.into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("737".into()),
        holder_name: Some("Ada Lovelace".into()),
    }
}

#[tokio::test]
async fn a_card_is_the_same_token_of_its_tenant_each_time_and_can_be_charged_again() {
    let double = Double::start();
    let adyen = adyen(&double);
    let tenant = TenantId::sandbox();
    let made = adyen.tokenise(&tenant, &card("4111111111111111")).await.expect("answered");
    assert_eq!((made.brand.as_str(), made.last4.as_str()), ("VISA", "1111"));
    assert_eq!((made.exp_month, made.exp_year), (4, 2040));
    let token = made.token.expose_secret().to_owned();
    let again = adyen.tokenise(&tenant, &card("4111111111111111")).await.expect("answered");
    assert_eq!(again.token.expose_secret(), token);
    for reference in ["att_1", "att_2"] {
        approval(&adyen.authorize(&authorization(reference, &token, 300, true)).await, 300, true);
    }
    let stranger: TenantId = "stranger".parse().expect("a tenant");
    let theirs = adyen.tokenise(&stranger, &card("4111111111111111")).await.expect("answered");
    assert_ne!(theirs.token.expose_secret(), token);
    assert!(adyen.inspect_token(&stranger, &made.token).await.expect("answered").is_none());
}

#[tokio::test]
async fn a_token_of_a_shops_own_form_is_known_when_it_is_the_tenants() {
    let double = Double::start();
    let adyen = adyen(&double);
    let stored = json!({"id": "M5N7TQ4TG5PFWR50", "type": "scheme", "brand": "mc", "lastFour": "1111",
        "expiryMonth": "03", "expiryYear": "30"});
    double.books().stored.insert("tender-sandbox-c42".into(), vec![stored]);
    let tenant = TenantId::sandbox();
    let known = SecretString::from("tender-sandbox-c42/M5N7TQ4TG5PFWR50");
    let seen = adyen.inspect_token(&tenant, &known).await.expect("answered").expect("known");
    assert_eq!((seen.brand.as_str(), seen.exp_month, seen.exp_year), ("MASTERCARD", 3, 2030));
    assert_eq!(seen.token.expose_secret(), known.expose_secret());
    for other in ["tender-sandbox-c42/M5N7TQ4TG5PFWR51", "tok_visa", "pm_card_visa", "4111111111111111"] {
        let seen = adyen.inspect_token(&tenant, &SecretString::from(other)).await;
        assert!(matches!(seen, Ok(None)), "{other}: {seen:?}");
    }
}

#[tokio::test]
async fn a_wrong_number_is_not_done_and_is_not_repeated() {
    let double = Double::start();
    let refused = adyen(&double).tokenise(&TenantId::sandbox(), &card("4111111111111112")).await;
    let Err(GatewayError::NotDone(why)) = refused else { panic!("not done: {refused:?}") };
    assert!(!why.contains("41111111111"), "{why}");
}

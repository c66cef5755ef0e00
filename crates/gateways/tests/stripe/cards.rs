//! Card data and clients' tokens.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, PaymentGateway};

use crate::double::{Double, Fault};
use crate::rig::{approval, authorization, stripe};

fn card(number: &str) -> CardData {
    CardData {
        number: number.into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("123".into()),
        holder_name: Some("Ada Lovelace".into()),
    }
}

#[tokio::test]
async fn a_card_becomes_a_token_of_its_tenant_that_can_be_charged_again() {
    let double = Double::start();
    let stripe = stripe(&double);
    let tenant = TenantId::sandbox();
    let made = stripe.tokenise(&tenant, &card("4242424242424242")).await.expect("answered");
    assert_eq!((made.brand.as_str(), made.last4.as_str()), ("VISA", "4242"));
    assert_eq!((made.exp_month, made.exp_year), (4, 2040));
    assert_eq!(made.card_identity.expose_secret(), "fp_visa_4242");
    let token = made.token.expose_secret().to_owned();
    assert!(token.starts_with("cus_") && token.contains("/pm_"), "{token}");

    let seen = stripe.inspect_token(&tenant, &made.token).await.expect("answered").expect("known");
    assert_eq!(seen.token.expose_secret(), token);
    for reference in ["att_1", "att_2"] {
        approval(&stripe.authorize(&authorization(reference, &token, 300, true)).await, 300, true);
    }
    let (_, fields) = double.last_asked();
    let (customer, method) = token.split_once('/').expect("two parts");
    assert_eq!((fields["customer"].as_str(), fields["payment_method"].as_str()), (customer, method));

    let stranger: TenantId = "stranger".parse().expect("a tenant");
    assert!(stripe.inspect_token(&stranger, &made.token).await.expect("answered").is_none());
    let bare = SecretString::from(method);
    assert!(stripe.inspect_token(&stranger, &bare).await.expect("answered").is_none());
    let of_another = SecretString::from(format!("cus_other/{method}"));
    assert!(stripe.inspect_token(&tenant, &of_another).await.expect("answered").is_none());
}

#[tokio::test]
async fn a_clients_token_becomes_the_tenants_own_once() {
    let double = Double::start();
    let stripe = stripe(&double);
    let (tenant, bare) = (TenantId::sandbox(), SecretString::from("pm_of_the_form"));
    let of_the_form = json!({"id": "pm_of_the_form", "object": "payment_method", "customer": null,
        "card": {"brand": "amex", "last4": "0005", "exp_month": 1, "exp_year": 2031, "fingerprint": null}});
    double.books().methods.insert("pm_of_the_form".into(), of_the_form);
    let first = stripe.inspect_token(&tenant, &bare).await.expect("answered").expect("known");
    assert_eq!((first.brand.as_str(), first.last4.as_str()), ("AMEX", "0005"));
    let again = stripe.inspect_token(&tenant, &bare).await.expect("answered").expect("known");
    assert_eq!(again.token.expose_secret(), first.token.expose_secret());
    assert_eq!(double.books().customers.len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_customer() {
    let double = Double::start();
    let stripe = stripe(&double);
    let (tenant, bare) = (TenantId::sandbox(), SecretString::from("pm_of_the_form"));
    let of_the_form = json!({"id": "pm_of_the_form", "object": "payment_method", "customer": null,
        "card": {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2031, "fingerprint": null}});
    double.books().methods.insert("pm_of_the_form".into(), of_the_form);
    double.next(Fault::LostAfter);
    let lost = stripe.inspect_token(&tenant, &bare).await;
    assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
    stripe.inspect_token(&tenant, &bare).await.expect("answered").expect("known");
    assert_eq!(double.books().customers.len(), 1);
}

#[tokio::test]
async fn what_is_no_token_of_stripes_is_not_sent_and_what_it_does_not_know_is_none() {
    let double = Double::start();
    let stripe = stripe(&double);
    for token in ["tok_visa", "pm_nobody_knows", "4242424242424242"] {
        let seen = stripe.inspect_token(&TenantId::sandbox(), &SecretString::from(token)).await;
        assert!(matches!(seen, Ok(None)), "{token}: {seen:?}");
    }
}

#[tokio::test]
async fn a_wrong_number_is_not_done_and_is_not_repeated() {
    let double = Double::start();
    let refused = stripe(&double).tokenise(&TenantId::sandbox(), &card("4242424242424241")).await;
    let Err(GatewayError::NotDone(why)) = refused else { panic!("not done: {refused:?}") };
    assert!(!why.contains("42424242424"), "{why}");
}

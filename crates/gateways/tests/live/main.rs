//! The gateways' own sandboxes, which are asked when the credentials of an account there are in the environment
//! (`TENDER_LIVE_<GATEWAY>_…`); a gateway without them is not asked, and the test says so. Nothing of production is ever
//! asked: the addresses are the sandboxes'.

#[path = "../shared/flow.rs"]
mod flow;

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, CardData, Clock as _, GatewayAnswer, PaymentGateway, SessionFlow, SessionRequest,
};
use tender_gateways::{
    AdyenGateway, AdyenOptions, PayPalGateway, PayPalOptions, PayUGateway, PayUOptions, SaferpayGateway,
    SaferpayOptions, SquareGateway, SquareOptions, StripeGateway, StripeOptions, WorldpayGateway,
    WorldpayOptions,
};
use tender_testkit::SystemClock;

use crate::flow::{authorization, money_moves_and_comes_back, reference};

const BACK: &str = "https://shop.example.com/back";

/// What the environment says of an account at a gateway; none, and a word of it, when something of it is missing.
fn account<const N: usize>(gateway: &str, names: [&str; N]) -> Option<[String; N]> {
    let found: Vec<String> =
        names.iter().filter_map(|name| std::env::var(format!("TENDER_LIVE_{gateway}_{name}")).ok()).collect();
    let account = found.try_into().ok();
    if account.is_none() {
        eprintln!("{gateway}'s sandbox is not asked: set TENDER_LIVE_{gateway}_ with {}", names.join(", "));
    }
    account
}

/// A saved token of a card number that the sandbox publishes.
async fn saved(gateway: &dyn PaymentGateway, number: &str) -> SecretString {
    let card = CardData {
        number: number.into(),
        exp_month: 3,
        exp_year: 2030,
        cvc: Some("737".into()),
        holder_name: Some("Ada Byron".into()),
    };
    gateway.tokenise(&TenantId::sandbox(), &card).await.expect("a token").token
}

/// A saved token of what the gateway's form would make.
async fn taken(gateway: &dyn PaymentGateway, token: &str) -> SecretString {
    let found = gateway.inspect_token(&TenantId::sandbox(), &token.into()).await.expect("answered");
    found.expect("the sandbox publishes it").token
}

/// The page of a gateway on which a customer would pay.
async fn opens_a_page(gateway: &dyn PaymentGateway) {
    let session = SessionRequest {
        method: SessionRequest::CARD.into(),
        flow: SessionFlow::Redirect,
        return_url: Some(BACK.to_owned()),
        expires_at: SystemClock.now() + Duration::from_secs(1_800),
        page: None,
    };
    let asked = authorization(&reference("att"), &SecretString::from(""), 1_000, true);
    let answer = gateway.authorize(&Authorize { session: Some(session), ..asked }).await;
    assert!(
        matches!(&answer, Ok(GatewayAnswer::Challenge { url, .. }) if url.starts_with("https://")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn stripes_sandbox_keeps_what_the_double_does() {
    let Some([key]) = account("STRIPE", ["SECRET_KEY"]) else { return };
    assert!(key.contains("_test_"), "only a key of the sandbox is used");
    let stripe = StripeGateway::new(StripeOptions::new("https://api.stripe.com", key)).expect("good options");
    money_moves_and_comes_back(&stripe, &taken(&stripe, "pm_card_visa").await).await;
}

#[tokio::test]
async fn adyens_sandbox_keeps_what_the_double_does() {
    let Some([key, shop]) = account("ADYEN", ["API_KEY", "MERCHANT_ACCOUNT"]) else { return };
    let options = AdyenOptions::new("https://checkout-test.adyen.com/v71", key, shop, BACK);
    let adyen = AdyenGateway::new(options).expect("good options");
    money_moves_and_comes_back(&adyen, &saved(&adyen, "4111111111111111").await).await;
}

#[tokio::test]
async fn paypals_sandbox_keeps_what_the_double_does() {
    let Some([id, secret]) = account("PAYPAL", ["CLIENT_ID", "CLIENT_SECRET"]) else { return };
    let options = PayPalOptions::new("https://api-m.sandbox.paypal.com", id, secret);
    let paypal = PayPalGateway::new(options).expect("good options");
    money_moves_and_comes_back(&paypal, &saved(&paypal, "4111111111111111").await).await;
}

#[tokio::test]
async fn worldpays_sandbox_keeps_what_the_double_does() {
    let Some([user, password, entity]) = account("WORLDPAY", ["USERNAME", "PASSWORD", "ENTITY"]) else {
        return;
    };
    let options =
        WorldpayOptions::new("https://try.access.worldpay.com", user, password, entity, "Tender test");
    let options = WorldpayOptions { return_url: Some(BACK.to_owned()), ..options };
    let worldpay = WorldpayGateway::new(options, Arc::new(SystemClock)).expect("good options");
    assert!(worldpay.check_reachable().await.is_ok());
    assert!(!saved(&worldpay, "4444333322221111").await.expose_secret().is_empty());
    opens_a_page(&worldpay).await;
}

#[tokio::test]
async fn squares_sandbox_keeps_what_the_double_does() {
    let Some([token, location]) = account("SQUARE", ["ACCESS_TOKEN", "LOCATION_ID"]) else { return };
    let options = SquareOptions::new("https://connect.squareupsandbox.com", token, location);
    let square = SquareGateway::new(options).expect("good options");
    money_moves_and_comes_back(&square, &taken(&square, "cnon:card-nonce-ok").await).await;
}

#[tokio::test]
async fn saferpays_sandbox_keeps_what_the_double_does() {
    let names = ["USERNAME", "PASSWORD", "CUSTOMER_ID", "TERMINAL_ID"];
    let Some([user, password, customer, terminal]) = account("SAFERPAY", names) else { return };
    let options = SaferpayOptions::new("https://test.saferpay.com/api", user, password, customer, terminal);
    let saferpay = SaferpayGateway::new(options).expect("good options");
    money_moves_and_comes_back(&saferpay, &saved(&saferpay, "9010003150000001").await).await;
}

#[tokio::test]
async fn payus_sandbox_keeps_what_the_double_does() {
    let Some([pos, secret]) = account("PAYU", ["POS_ID", "CLIENT_SECRET"]) else { return };
    let options = PayUOptions::new("https://secure.snd.payu.com", pos, secret);
    let options = PayUOptions {
        notify_url: Some("https://shop.example.com/payu".to_owned()),
        return_url: Some(BACK.to_owned()),
        ..options
    };
    let payu = PayUGateway::new(options, Arc::new(SystemClock)).expect("good options");
    assert!(payu.check_reachable().await.is_ok());
    opens_a_page(&payu).await;
}

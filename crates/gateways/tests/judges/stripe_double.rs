//! A published double of Stripe: localstripe, which keeps payments as Stripe documents them.

use serde_json::Value;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CardData, CompleteChallenge, DeclineCode, GatewayAnswer, GatewayError, PaymentGateway,
};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::Double;
use crate::flow::{approval, authorization, money_moves_and_comes_back, reference};
use crate::sdk::script;

/// The double, ended when dropped.
struct LocalStripe(Double);

impl LocalStripe {
    fn start() -> Self {
        Self(Double::start(|python, port| {
            python.arg(script("stripe_double.py")).arg(port);
        }))
    }

    fn gateway(&self) -> StripeGateway {
        let options = StripeOptions {
            return_url: Some("https://shop.example.com/back".to_owned()),
            ..StripeOptions::new(&*self.0.base, "sk_test_judged")
        };
        StripeGateway::new(options).expect("good options")
    }

    /// The customer meets the challenge of a payment, or fails to.
    async fn authenticate(&self, payment: &str, success: bool) {
        let http = reqwest::Client::new();
        let address = format!("{}/v1/payment_intents/{payment}", self.0.base);
        let shown = http.get(&address).bearer_auth("sk_test_judged").send().await.expect("answered");
        let shown: Value = shown.json().await.expect("JSON");
        let secret = shown["client_secret"].as_str().expect("a secret");
        let body = format!("client_secret={secret}&success={success}");
        let sent = http.post(format!("{address}/_authenticate")).bearer_auth("sk_test_judged");
        let met = sent.header("content-type", "application/x-www-form-urlencoded").body(body).send().await;
        assert!(met.expect("answered").status().is_success());
    }
}

fn card(number: &str) -> CardData {
    CardData {
        number: number.into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("123".into()),
        holder_name: Some("Ada".into()),
    }
}

#[tokio::test]
#[ignore = "runs a published double of Stripe, from PyPI: run `make judges`"]
async fn a_shops_day_at_a_published_double_of_stripe() {
    let double = LocalStripe::start();
    let stripe = double.gateway();
    let tenant = TenantId::sandbox();
    let saved = stripe.tokenise(&tenant, &card("4242424242424242")).await.expect("a token");
    assert_eq!((saved.brand.as_str(), saved.last4.as_str(), saved.exp_year), ("VISA", "4242", 2040));
    let known = stripe.inspect_token(&tenant, &saved.token).await.expect("answered");
    assert_eq!(known.map(|card| card.last4).as_deref(), Some("4242"));
    let stranger = "stranger".parse().expect("a tenant");
    assert!(stripe.inspect_token(&stranger, &saved.token).await.expect("answered").is_none());
    money_moves_and_comes_back(&stripe, &saved.token).await;

    let refused = stripe.tokenise(&tenant, &card("4000000000000002")).await;
    assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{refused:?}");
    let declined = stripe.tokenise(&tenant, &card("4000000000000341")).await.expect("a token");
    match stripe.authorize(&authorization(&reference("att"), &declined.token, 700, true)).await {
        Ok(GatewayAnswer::Declined(why)) => assert_eq!(why.code, DeclineCode::CardDeclined),
        other => panic!("declined expected: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "runs a published double of Stripe, from PyPI: run `make judges`"]
async fn a_challenge_at_a_published_double_of_stripe_is_met_or_not() {
    let double = LocalStripe::start();
    let stripe = double.gateway();
    let saved = stripe.tokenise(&TenantId::sandbox(), &card("4000000000003220")).await.expect("a token");
    for success in [true, false] {
        let attempt = reference("att");
        let answer = stripe.authorize(&authorization(&attempt, &saved.token, 900, true)).await;
        let Ok(GatewayAnswer::Challenge { challenge_reference, .. }) = answer else { panic!("{answer:?}") };
        double.authenticate(&challenge_reference, success).await;
        let complete = CompleteChallenge {
            tenant: TenantId::sandbox(),
            reference: attempt,
            challenge_reference: challenge_reference.clone(),
            result: format!("payment_intent={challenge_reference}&redirect_status=succeeded"),
        };
        let end = stripe.complete_challenge(&complete).await;
        if success {
            assert_eq!(approval(&end, 900, true), challenge_reference);
        } else {
            assert!(matches!(end, Ok(GatewayAnswer::Declined(_))), "{end:?}");
        }
    }
}

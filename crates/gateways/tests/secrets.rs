//! What is secret prints nowhere, of no gateway.

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{Authorize, CardData, CheckMethod, ThreeDs};
use tender_domain::vault::MethodType;
use tender_gateways::{
    AdyenOptions, HttpSimulatorOptions, PayPalOptions, PayUOptions, SaferpayOptions, SquareOptions,
    StripeOptions, WorldpayOptions,
};

const NOWHERE: &str = "http://127.0.0.1:1";
const SECRET: &str = "s3cr3t-of-the-account";

fn secret() -> SecretString {
    SecretString::from(SECRET)
}

fn some() -> Option<SecretString> {
    Some(secret())
}

#[test]
fn no_account_prints_its_secrets() {
    let adyen = AdyenOptions::new(NOWHERE, SECRET, "Shop", "https://shop.example.com");
    let worldpay = WorldpayOptions::new(NOWHERE, "user", SECRET, "default", "Shop");
    let printed = [
        format!("{:?}", StripeOptions { webhook_secret: some(), ..StripeOptions::new(NOWHERE, SECRET) }),
        format!("{:?}", AdyenOptions { hmac_key: some(), ..adyen }),
        format!("{:?}", PayPalOptions::new(NOWHERE, "id", SECRET)),
        format!("{:?}", WorldpayOptions { event_keys: some(), ..worldpay }),
        format!(
            "{:?}",
            SquareOptions { signature_key: some(), ..SquareOptions::new(NOWHERE, SECRET, "LOCATION") }
        ),
        format!("{:?}", SaferpayOptions::new(NOWHERE, "user", SECRET, "123456", "12345678")),
        format!("{:?}", PayUOptions { second_key: some(), ..PayUOptions::new(NOWHERE, "300746", SECRET) }),
        format!("{:?}", HttpSimulatorOptions::new(NOWHERE, SECRET)),
    ];
    for text in printed {
        assert!(text.contains(NOWHERE) && !text.contains(SECRET), "{text}");
    }
}

#[test]
fn no_call_prints_a_token_or_a_card() {
    let authorize = Authorize {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        amount: Money::new(1, Currency::EUR),
        capture: true,
        token: secret(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::Automatic,
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    };
    let check = CheckMethod {
        tenant: TenantId::sandbox(),
        reference: "pm_1/verify/1".to_owned(),
        method_type: MethodType::Card,
        token: secret(),
    };
    let card = CardData { number: secret(), exp_month: 1, exp_year: 2040, cvc: some(), holder_name: None };
    for text in [format!("{authorize:?}"), format!("{check:?}"), format!("{card:?}")] {
        assert!(text.contains("REDACTED") && !text.contains(SECRET), "{text}");
    }
}

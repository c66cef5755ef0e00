use std::time::Duration;

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, Capture, GatewayAnswer, GatewayError, PaymentGateway, Refund, ThreeDs, Void,
};
use tender_gateways::{AdyenGateway, AdyenOptions};

use crate::double::{API_KEY, Double, HMAC_KEY, MERCHANT};

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const VISA: &str = "tender-sandbox-c1/VISA000000000001";
pub(crate) const CHALLENGED: &str = "tender-sandbox-c1/CHALLENGE0000001";

pub(crate) type Outcome = Result<GatewayAnswer, GatewayError>;

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> AdyenOptions {
    let api_base = format!("http://127.0.0.1:{}", double.port);
    AdyenOptions {
        hmac_key: Some(HMAC_KEY.into()),
        deadline: Duration::from_millis(500),
        ..AdyenOptions::new(api_base, API_KEY, MERCHANT, RETURN_URL)
    }
}

pub(crate) fn adyen(double: &Double) -> AdyenGateway {
    AdyenGateway::new(options(double)).expect("good options")
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_timestamp(1_795_000_000, 0).expect("an instant")
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(crate) fn authorization(reference: &str, token: &str, minor: i64, capture: bool) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount: eur(minor),
        capture,
        token: SecretString::from(token),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::Automatic,
        sca: Default::default(),
        session: None,
    }
}

pub(crate) fn capture_of(reference: &str, gateway_reference: &str, minor: i64) -> Capture {
    Capture {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        gateway_reference: gateway_reference.to_owned(),
        amount: eur(minor),
        is_final: true,
    }
}

pub(crate) fn void_of(attempt: &str, gateway_reference: &str) -> Void {
    Void {
        tenant: TenantId::sandbox(),
        reference: format!("{attempt}/void"),
        gateway_reference: gateway_reference.to_owned(),
    }
}

pub(crate) fn refund_of(reference: &str, gateway_reference: &str, minor: i64) -> Refund {
    Refund {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        gateway_reference: gateway_reference.to_owned(),
        amount: eur(minor),
    }
}

/// An authorization that is held or taken; what Adyen calls it.
pub(crate) async fn approved(adyen: &AdyenGateway, reference: &str, minor: i64, capture: bool) -> String {
    let answer = adyen.authorize(&authorization(reference, VISA, minor, capture)).await;
    approval(&answer, minor, capture)
}

/// What Adyen calls what it did, which was exactly this.
pub(crate) fn approval(answer: &Outcome, minor: i64, was_captured: bool) -> String {
    match answer {
        Ok(GatewayAnswer::Approved { gateway_reference, amount, captured, .. }) => {
            assert_eq!((*amount, *captured), (eur(minor), was_captured));
            gateway_reference.clone()
        }
        other => panic!("approved expected: {other:?}"),
    }
}

pub(crate) fn assert_not_done(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::NotDone(_))), "{answer:?}");
}

pub(crate) fn assert_unknown(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
}

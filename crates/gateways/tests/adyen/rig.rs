use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_domain::ports::PaymentGateway;
use tender_gateways::{AdyenGateway, AdyenOptions};

use crate::double::{API_KEY, Double, HMAC_KEY, MERCHANT};
pub(crate) use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, eur, payer, refund_of, void_of,
};

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const VISA: &str = "tender-sandbox-c1/VISA000000000001";
pub(crate) const CHALLENGED: &str = "tender-sandbox-c1/CHALLENGE0000001";

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

/// An authorization that is held or taken; what Adyen calls it.
pub(crate) async fn approved(adyen: &AdyenGateway, reference: &str, minor: i64, capture: bool) -> String {
    let answer = adyen.authorize(&authorization(reference, VISA, minor, capture)).await;
    approval(&answer, minor, capture)
}

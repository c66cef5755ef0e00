use std::time::Duration;

use tender_domain::ports::PaymentGateway;
use tender_gateways::{PayPalGateway, PayPalOptions};

use crate::double::{CLIENT_ID, CLIENT_SECRET, Double};
pub(crate) use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, payer, refund_of, void_of,
};

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const VISA: &str = "paypal-sandbox/tokenvisa1";
pub(crate) const CHALLENGED: &str = "paypal-sandbox/tokenchallenge";

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> PayPalOptions {
    PayPalOptions {
        return_url: Some(RETURN_URL.to_owned()),
        deadline: Duration::from_millis(500),
        ..PayPalOptions::new(format!("http://127.0.0.1:{}", double.port), CLIENT_ID, CLIENT_SECRET)
    }
}

pub(crate) fn paypal(double: &Double) -> PayPalGateway {
    PayPalGateway::new(options(double)).expect("good options")
}

/// An authorization that is held or taken; what PayPal calls it.
pub(crate) async fn approved(paypal: &PayPalGateway, reference: &str, minor: i64, capture: bool) -> String {
    let answer = paypal.authorize(&authorization(reference, VISA, minor, capture)).await;
    approval(&answer, minor, capture)
}

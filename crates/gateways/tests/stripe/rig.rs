use std::time::Duration;

use tender_domain::ports::PaymentGateway;
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::{Double, SECRET_KEY};
pub(crate) use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, eur, payer, refund_of, void_of,
};

pub(crate) const WEBHOOK_SECRET: &str = "whsec_test";
pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?from=bank";

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> StripeOptions {
    StripeOptions {
        webhook_secret: Some(WEBHOOK_SECRET.into()),
        return_url: Some(RETURN_URL.to_owned()),
        deadline: Duration::from_millis(500),
        ..StripeOptions::new(format!("http://127.0.0.1:{}", double.port), SECRET_KEY)
    }
}

pub(crate) fn stripe(double: &Double) -> StripeGateway {
    StripeGateway::new(options(double)).expect("good options")
}

/// An authorization that is held or taken; what Stripe calls it.
pub(crate) async fn approved(stripe: &StripeGateway, reference: &str, minor: i64, capture: bool) -> String {
    let answer = stripe.authorize(&authorization(reference, "pm_card_visa", minor, capture)).await;
    approval(&answer, minor, capture)
}

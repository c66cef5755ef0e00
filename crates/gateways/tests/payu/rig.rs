use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_gateways::{PayUGateway, PayUOptions};
use tender_testkit::ManualClock;

use crate::rules::{NOTIFY_URL, POS, PayU, SECRET};

pub(crate) type Double = crate::standin::Double<PayU>;

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const VISA: &str = "payu-sandbox/c0ffee/TOKC_visa";
pub(crate) const SECOND_KEY: &str = "second key";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

/// The options of a point of sale at the double.
pub(crate) fn options(double: &Double) -> PayUOptions {
    PayUOptions {
        second_key: Some(SECOND_KEY.into()),
        notify_url: Some(NOTIFY_URL.to_owned()),
        return_url: Some(RETURN_URL.to_owned()),
        deadline: Duration::from_millis(500),
        ..PayUOptions::new(double.address(), POS, SECRET)
    }
}

pub(crate) fn made(options: PayUOptions) -> PayUGateway {
    PayUGateway::new(options, Arc::new(ManualClock::default())).expect("good options")
}

pub(crate) fn payu(double: &Double) -> PayUGateway {
    made(options(double))
}

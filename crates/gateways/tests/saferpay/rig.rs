use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_gateways::{SaferpayGateway, SaferpayOptions};

use crate::rules::{CUSTOMER, PASSWORD, Saferpay, TERMINAL, USERNAME};

pub(crate) type Double = crate::standin::Double<Saferpay>;

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
/// An alias of the tenant `sandbox`, with its mark.
pub(crate) const VISA: &str = "saferpay-sandbox/b7ad567477c8-visa";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> SaferpayOptions {
    SaferpayOptions {
        return_url: Some(RETURN_URL.to_owned()),
        deadline: Duration::from_millis(500),
        ..SaferpayOptions::new(double.address(), USERNAME, PASSWORD, CUSTOMER, TERMINAL)
    }
}

pub(crate) fn made(options: SaferpayOptions) -> SaferpayGateway {
    SaferpayGateway::new(options).expect("good options")
}

pub(crate) fn saferpay(double: &Double) -> SaferpayGateway {
    made(options(double))
}

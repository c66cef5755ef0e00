use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_gateways::{SquareGateway, SquareOptions};

use crate::rules::{LOCATION, Square, TOKEN};

pub(crate) type Double = crate::standin::Double<Square>;

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const NOTIFICATION_URL: &str = "https://pay.example.com/v1/payments/webhook/gateway/square";
pub(crate) const VISA: &str = "square-sandbox/CUSTvisa/ccof:visa";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> SquareOptions {
    SquareOptions {
        signature_key: Some("key".into()),
        notification_url: Some(NOTIFICATION_URL.to_owned()),
        return_url: Some(RETURN_URL.to_owned()),
        deadline: Duration::from_millis(500),
        ..SquareOptions::new(double.address(), TOKEN, LOCATION)
    }
}

pub(crate) fn square(double: &Double) -> SquareGateway {
    SquareGateway::new(options(double)).expect("good options")
}

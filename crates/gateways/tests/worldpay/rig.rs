use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_gateways::{WorldpayGateway, WorldpayOptions};
use tender_testkit::ManualClock;

use crate::rules::{ENTITY, PASSWORD, USERNAME, Worldpay};

pub(crate) type Double = crate::standin::Double<Worldpay>;

pub(crate) const RETURN_URL: &str = "https://shop.example.com/back?order=7";
pub(crate) const VISA: &str = "worldpay-sandbox/tokenvisa01";
pub(crate) const EVENT_KEYS: &str = "k1:secret";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

/// The options of an account at the double.
pub(crate) fn options(double: &Double) -> WorldpayOptions {
    WorldpayOptions {
        event_keys: Some(EVENT_KEYS.into()),
        return_url: Some(RETURN_URL.to_owned()),
        account_number: Some("0005553123712133".to_owned()),
        deadline: Duration::from_millis(500),
        ..WorldpayOptions::new(double.address(), USERNAME, PASSWORD, ENTITY, "Tender Shop")
    }
}

pub(crate) fn made(options: WorldpayOptions) -> WorldpayGateway {
    WorldpayGateway::new(options, Arc::new(ManualClock::default())).expect("good options")
}

pub(crate) fn worldpay(double: &Double) -> WorldpayGateway {
    made(options(double))
}

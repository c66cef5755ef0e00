//! Signatures of callbacks, in both directions.

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CallbackHeaders, CallbackRefusal, PaymentGateway};
use tender_gateways::{
    AdyenGateway, AdyenOptions, SquareGateway, SquareOptions, StripeGateway, StripeOptions,
};

use crate::sdk::asked;

const NOWHERE: &str = "http://127.0.0.1:1";
const AT: i64 = 1_700_000_000;

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(AT, 0).expect("a time")
}

/// That a callback is taken with this header, and none with another body.
fn is_taken(gateway: &dyn PaymentGateway, (name, value): (&str, &str), body: &str) {
    let headers: CallbackHeaders = [(name.to_owned(), value.to_owned())].into_iter().collect();
    let taken = gateway.parse_callback(&headers, body.as_bytes(), now());
    assert!(taken.is_ok(), "{taken:?}: {body}");
    let other = body.replacen("evt_1", "evt_2", 1);
    assert_ne!(other, body);
    let refused = gateway.parse_callback(&headers, other.as_bytes(), now());
    assert_eq!(refused, Err(CallbackRefusal::BadSignature));
}

#[test]
#[ignore = "asks Stripe's own library, from PyPI: run `make judges`"]
fn what_stripes_library_signs_is_taken_and_it_takes_what_is_signed_so() {
    const SECRET: &str = "whsec_judged";
    let body = r#"{"id":"evt_1","object":"event","type":"customer.created","created":1700000000,"livemode":false,"data":{"object":{"id":"cus_1","object":"customer"}}}"#;
    let ours = format!("t={AT},v1={}", HEXLOWER.encode(&hmac(SECRET.as_bytes(), &format!("{AT}.{body}"))));
    let takes = |payload: &str| json!({ "judge": "stripe_takes", "payload": payload, "header": ours, "secret": SECRET });
    let signs = json!({ "judge": "stripe_signs", "payload": body, "secret": SECRET, "at": AT });
    let [theirs, good, bad] = asked([signs, takes(body), takes("{}")]);
    assert_eq!((good, bad), (json!(true), json!(false)));
    let options =
        StripeOptions { webhook_secret: Some(SECRET.into()), ..StripeOptions::new(NOWHERE, "sk_test_1") };
    let stripe = StripeGateway::new(options).expect("good options");
    is_taken(&stripe, ("Stripe-Signature", theirs.as_str().expect("a header")), body);
    is_taken(&stripe, ("Stripe-Signature", &ours), body);
}

#[test]
#[ignore = "asks Adyen's own library, from PyPI: run `make judges`"]
fn what_adyens_library_signs_is_taken_and_it_takes_what_is_signed_so() {
    const KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    let item = json!({
        "amount": {"currency": "EUR", "value": 1130}, "eventCode": "AUTHORISATION",
        "eventDate": "2023-11-14T22:13:20+00:00", "merchantAccountCode": "Shop",
        "merchantReference": "evt_1", "paymentMethod": "visa", "pspReference": "7914073381342284",
        "reason": "", "success": "true",
    });
    let signed = |signature: &str| {
        let mut item = item.clone();
        item["additionalData"] = json!({ "hmacSignature": signature });
        json!({ "live": "false", "notificationItems": [{ "NotificationRequestItem": item }] })
    };
    let key = HEXUPPER.decode(KEY.as_bytes()).expect("hex");
    let ours = hmac(&key, "7914073381342284::Shop:evt_1:1130:EUR:AUTHORISATION:true");
    let ours = signed(&BASE64.encode(&ours));
    let takes = |told: &Value| json!({ "judge": "adyen_takes", "notification": told, "key": KEY });
    let signs = json!({ "judge": "adyen_signs", "item": item, "key": KEY });
    let [theirs, good, bad] = asked([signs, takes(&ours), takes(&signed("AAAA"))]);
    assert_eq!((good, bad), (json!(true), json!(false)));
    let options = AdyenOptions {
        hmac_key: Some(KEY.into()),
        ..AdyenOptions::new(NOWHERE, "key", "Shop", "https://shop.example.com/back")
    };
    let adyen = AdyenGateway::new(options).expect("good options");
    for told in [signed(theirs.as_str().expect("a signature")), ours] {
        is_taken(&adyen, ("content-type", "application/json"), &told.to_string());
    }
}

#[test]
#[ignore = "asks Square's own library, from PyPI: run `make judges`"]
fn squares_library_takes_what_is_signed_as_it_is_read() {
    const KEY: &str = "judged";
    const URL: &str = "https://pay.example.com/v1/payments/webhook/gateway/square";
    let body = r#"{"merchant_id":"M","type":"payout.sent","event_id":"evt_1","created_at":"2023-11-14T22:13:20Z","data":{"type":"payout","id":"po_1"}}"#;
    let ours = BASE64.encode(&hmac(KEY.as_bytes(), &format!("{URL}{body}")));
    let takes = |body: &str, url: &str| json!({ "judge": "square_takes", "body": body, "header": ours, "key": KEY, "url": url });
    let [good, elsewhere, other] = asked([takes(body, URL), takes(body, NOWHERE), takes("{}", URL)]);
    assert_eq!((good, elsewhere, other), (json!(true), json!(false), json!(false)));
    let options = SquareOptions {
        signature_key: Some(KEY.into()),
        notification_url: Some(URL.to_owned()),
        ..SquareOptions::new(NOWHERE, "token", "LOCATION")
    };
    let square = SquareGateway::new(options).expect("good options");
    is_taken(&square, ("x-square-hmacsha256-signature", &ours), body);
}

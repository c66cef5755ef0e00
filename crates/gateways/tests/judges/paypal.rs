//! Webhooks of PayPal, which are signed under certificates.

use serde_json::{Value, json};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CallbackFault, CallbackHeaders, CallbackRefusal, PaymentGateway};
use tender_gateways::{PayPalGateway, PayPalOptions};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::sdk::asked;
use crate::signed::{GOOD, KEY, ROOT, WEBHOOK_ID, headers};

/// As PayPal writes it; the library judges certificates by its own clock.
const TIME: &str = "2027-02-18T20:01:35Z";
const CERTIFICATE: &str = "/v1/notifications/certs/CERT-1";

type Headers = Vec<(String, String)>;

fn value<'a>(headers: &'a Headers, wanted: &str) -> &'a str {
    &headers.iter().find(|(name, _)| name == wanted).expect("it is there").1
}

/// That a callback is taken with these headers, and none with another body.
async fn is_taken(gateway: &PayPalGateway, headers: &Headers, body: &str) {
    let headers: CallbackHeaders = headers.iter().cloned().collect();
    let now: Timestamp = TIME.parse().expect("a time");
    let taken = gateway.read_callback(&headers, body.as_bytes(), now).await;
    assert!(taken.is_ok(), "{taken:?}");
    let other = body.replacen("WH-1", "WH-2", 1);
    assert_ne!(other, body);
    let refused = gateway.read_callback(&headers, other.as_bytes(), now).await;
    assert!(matches!(refused, Err(CallbackFault::Refused(CallbackRefusal::BadSignature))), "{refused:?}");
}

#[tokio::test]
#[ignore = "asks PayPal's own library, from PyPI: run `make judges`"]
async fn what_is_signed_as_paypals_library_reads_it_is_taken_and_it_takes_what_is_signed_so() {
    let served = MockServer::start().await;
    let certificate = ResponseTemplate::new(200).set_body_string(GOOD);
    Mock::given(path(CERTIFICATE)).respond_with(certificate).mount(&served).await;
    let body = r#"{"id":"WH-1","event_version":"1.0","create_time":"2027-02-18T20:01:35Z","resource_type":"x","event_type":"CUSTOMER.MERCHANT-INTEGRATION.SELLER-EMAIL-CONFIRMED","summary":"café, café","resource":{}}"#;
    let ours: Headers = headers(body, TIME, &format!("{}{CERTIFICATE}", served.uri()));
    let takes = |body: &str, headers: &Headers| -> Value {
        json!({ "judge": "paypal_takes", "headers": headers, "webhook_id": WEBHOOK_ID, "event_body": body,
                "chain": GOOD, "root": ROOT })
    };
    let elsewhere = json!({ "judge": "paypal_takes", "headers": ours, "webhook_id": "another", "event_body": body,
                            "chain": GOOD, "root": ROOT });
    let signs = json!({ "judge": "paypal_signs", "transmission_id": value(&ours, "PAYPAL-TRANSMISSION-ID"),
                        "timestamp": TIME, "webhook_id": WEBHOOK_ID, "event_body": body, "key": KEY });
    let [theirs, good, other, other_hook] = asked([signs, takes(body, &ours), takes("{}", &ours), elsewhere]);
    assert_eq!((good, other, other_hook), (json!(true), json!(false), json!(false)));
    let options = PayPalOptions {
        webhook_id: Some(WEBHOOK_ID.into()),
        webhook_roots: Some(ROOT.into()),
        ..PayPalOptions::new(served.uri(), "id", "secret")
    };
    let paypal = PayPalGateway::new(options).expect("good options");
    is_taken(&paypal, &ours, body).await;
    let theirs = theirs.as_str().expect("a signature");
    let signed_by_them: Headers = ours
        .iter()
        .map(|(name, value)| {
            let value = if name == "PAYPAL-TRANSMISSION-SIG" { theirs } else { value };
            (name.clone(), value.to_owned())
        })
        .collect();
    is_taken(&paypal, &signed_by_them, body).await;
}

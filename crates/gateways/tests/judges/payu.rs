//! A published double of PayU: python-getpaid's simulator, with its own page, its own state of orders and its own
//! signatures; and the same project's reader of notifications. PayU publishes no library that runs here.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, CompleteChallenge, GatewayAnswer,
    GatewayFact, PaymentGateway, Refund, SessionFlow, SessionRequest, Void,
};
use tender_gateways::{PayUGateway, PayUOptions};
use tender_testkit::ManualClock;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::double::Double;
use crate::flow::{approval, authorization, reference};
use crate::sdk::asked;

const SECOND_KEY: &str = "judged";
const SIGNATURE: &str = "OpenPayu-Signature";

/// The double, ended when dropped, and a shop that hears what it tells.
struct Simulator {
    double: Double,
    shop: MockServer,
}

impl Simulator {
    async fn start() -> Self {
        let shop = MockServer::start().await;
        Mock::given(path("/told")).respond_with(ResponseTemplate::new(200)).mount(&shop).await;
        let double = Double::start(|python, port| {
            python.args([
                "-m",
                "getpaid_simulator",
                "--host",
                "127.0.0.1",
                "--log-level",
                "ERROR",
                "--port",
                port,
            ]);
            python.env("SIMULATOR_PAYU_SECOND_KEY", SECOND_KEY);
        });
        Self { double, shop }
    }

    fn gateway(&self) -> PayUGateway {
        let options = PayUOptions {
            second_key: Some(SECOND_KEY.into()),
            notify_url: Some(format!("{}/told", self.shop.uri())),
            return_url: Some("https://shop.example.com/back".to_owned()),
            ..PayUOptions::new(format!("{}/payu", self.double.base), "300746", "secret")
        };
        PayUGateway::new(options, Arc::new(ManualClock::default())).expect("good options")
    }

    /// The customer pays on the double's own page, or declines to; `told` becomes of it at the shop.
    async fn page_is_left(&self, url: &str, action: &str) {
        assert!(url.starts_with(&self.double.base), "{url}");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let sent =
            http.expect("a client").post(url).header("content-type", "application/x-www-form-urlencoded");
        let left = sent.body(format!("action={action}")).send().await.expect("answered");
        assert!(left.status().is_redirection(), "{}", left.status());
        assert_eq!(left.headers()["location"], "https://shop.example.com/back");
    }

    /// The last that the shop was told: header and body.
    async fn told(&self) -> (CallbackHeaders, Vec<u8>) {
        let last =
            self.shop.received_requests().await.expect("they are kept").pop().expect("something was told");
        let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("text").to_owned();
        let headers = last.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        (headers, last.body)
    }
}

fn sale(attempt: &str, minor: i64) -> Authorize {
    let session = SessionRequest {
        method: SessionRequest::CARD.to_owned(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: Timestamp::UNIX_EPOCH + Duration::from_secs(900),
        page: None,
    };
    Authorize { session: Some(session), ..authorization(attempt, &SecretString::from(""), minor, true) }
}

/// Where the customer goes, and the order that is paid there.
async fn page(payu: &PayUGateway, request: &Authorize) -> (String, String) {
    let answer = payu.authorize(request).await;
    let Ok(GatewayAnswer::Challenge { url, challenge_reference, .. }) = answer else { panic!("{answer:?}") };
    (url, challenge_reference)
}

/// The end that a notification tells of a call, taken as it came, and not with another body.
fn told_end(payu: &PayUGateway, (headers, body): &(CallbackHeaders, Vec<u8>)) -> (CallKind, String, CallEnd) {
    let events = payu.parse_callback(headers, body, Timestamp::UNIX_EPOCH).expect("it is taken");
    let mut other = body.clone();
    other.push(b' ');
    let refused = payu.parse_callback(headers, &other, Timestamp::UNIX_EPOCH);
    assert_eq!(refused, Err(CallbackRefusal::BadSignature));
    match &events[..] {
        [event] => match &event.fact {
            GatewayFact::Ended { kind, reference, end } => (*kind, reference.clone(), end.clone()),
            other => panic!("an end expected: {other:?}"),
        },
        other => panic!("one event expected: {other:?}"),
    }
}

#[tokio::test]
#[ignore = "runs a published double of PayU, from PyPI: run `make judges`"]
async fn a_sale_on_the_page_of_a_published_double_of_payu_is_told_and_goes_back() {
    let double = Simulator::start().await;
    let payu = double.gateway();
    payu.check_reachable().await.expect("its session opens");
    let attempt = reference("att");
    let (url, order) = page(&payu, &sale(&attempt, 1_000)).await;
    let complete = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: attempt.clone(),
        challenge_reference: order.clone(),
        result: String::new(),
    };
    let early = payu.complete_challenge(&complete).await;
    assert!(matches!(early, Ok(GatewayAnswer::Challenge { .. })), "{early:?}");

    double.page_is_left(&url, "approve").await;
    let (kind, told, end) = told_end(&payu, &double.told().await);
    assert_eq!((kind, &told), (CallKind::Authorize, &attempt));
    let CallEnd::Answered(answer) = end else { panic!("{end:?}") };
    assert_eq!(approval(&Ok(answer), 1_000, true), order);
    assert_eq!(approval(&payu.complete_challenge(&complete).await, 1_000, true), order);
    assert_eq!(payu.owner_of_payment(&order).await.expect("answered"), Some(TenantId::sandbox()));

    let refund = Refund {
        tenant: TenantId::sandbox(),
        reference: reference("rf"),
        gateway_reference: order,
        amount: Money::new(250, Currency::EUR),
    };
    let _ = approval(&payu.refund(&refund).await, 250, false);
}

#[tokio::test]
#[ignore = "runs a published double of PayU, from PyPI: run `make judges`"]
async fn an_order_that_nobody_pays_at_a_published_double_of_payu_is_let_go_and_told() {
    let double = Simulator::start().await;
    let payu = double.gateway();
    for by_customer in [true, false] {
        let attempt = reference("att");
        let (url, order) = page(&payu, &sale(&attempt, 700)).await;
        if by_customer {
            double.page_is_left(&url, "reject").await;
        } else {
            let void = Void {
                tenant: TenantId::sandbox(),
                reference: format!("{attempt}/void"),
                gateway_reference: order.clone(),
            };
            let given_up =
                payu.give_up_challenge(&void).await.map(|answer| answer.expect("it can be given up"));
            assert_eq!(approval(&given_up, 700, false), order);
        }
        let (kind, told, _) = told_end(&payu, &double.told().await);
        assert_eq!((kind, told), (CallKind::Void, format!("{attempt}/void")));
    }
}

#[test]
#[ignore = "asks a published reader of PayU's notifications, from PyPI: run `make judges`"]
fn a_published_reader_of_payus_notifications_takes_what_is_signed_as_it_is_read() {
    let body = r#"{"order":{"orderId":"O1","extOrderId":"sale/sandbox/evt_1","status":"PENDING"}}"#;
    let signature = HEXLOWER.encode(&Sha256::digest(format!("{body}{SECOND_KEY}")));
    let header = format!("sender=checkout;signature={signature};algorithm=SHA-256;content=DOCUMENT");
    let takes = |body: &str, key: &str| -> Value {
        json!({ "judge": "payu_takes", "body": body, "name": SIGNATURE, "header": header, "key": key })
    };
    let verdicts = asked([takes(body, SECOND_KEY), takes("{}", SECOND_KEY), takes(body, "another")]);
    assert_eq!(verdicts, [json!(true), json!(false), json!(false)]);
}

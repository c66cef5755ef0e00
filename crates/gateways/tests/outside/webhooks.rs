//! Programs of others are called as Standard Webhooks has it, and what they answer is taken for what it is.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64;
use tender_domain::kernel::{NotificationId, Timestamp};
use tender_domain::ports::{NotifyError, Webhook, WebhookSender};
use tender_gateways::{OutboundAllow, SignedWebhooks};
use uuid::Uuid;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn sender(server: &MockServer) -> SignedWebhooks {
    let allow = OutboundAllow::of(&server.address().to_string()).expect("host:port");
    SignedWebhooks::new(b"the platform's secret for tests", allow).expect("a key")
}

fn webhook(url: String) -> Webhook {
    Webhook {
        id: NotificationId::from_uuid(Uuid::from_u128(7)),
        url,
        at: Timestamp::from_timestamp(1_800_000_000, 0).expect("it exists"),
        body: r#"{"type":"payment.completed"}"#.to_owned(),
    }
}

#[tokio::test]
async fn a_call_is_signed_over_its_id_time_and_body_by_a_key_that_stays() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/told"))
        .and(header("content-type", "application/json"))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let (told, sender) = (webhook(format!("{}/told", server.uri())), sender(&server));
    assert_eq!(sender.check(&told.url), Ok(()));
    sender.send(&told).await.expect("it is taken");
    let requests = server.received_requests().await.expect("they are recorded");
    let head = |name: &str| requests[0].headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    assert_eq!((head("webhook-id"), head("webhook-timestamp")), (&*told.id.to_string(), "1800000000"));
    let key = sender.public_key();
    let key = BASE64.decode(key.strip_prefix("whpk_").expect("its prefix").as_bytes()).expect("base64");
    let key = UnparsedPublicKey::new(&ED25519, key);
    let signature = head("webhook-signature").strip_prefix("v1a,").expect("its version").as_bytes();
    let signature = BASE64.decode(signature).expect("base64");
    let signed = format!("{}.1800000000.{}", told.id, told.body);
    assert!(key.verify(signed.as_bytes(), &signature).is_ok());
    assert!(key.verify(signed.replace("completed", "failed").as_bytes(), &signature).is_err());
    let again = SignedWebhooks::new(b"the platform's secret for tests", OutboundAllow::default());
    assert_eq!(again.expect("a key").public_key(), sender.public_key(), "the same after a restart");
}

#[tokio::test]
async fn only_a_2xx_takes_it_and_only_gone_refuses_it_for_good() {
    for (status, taken, refused) in [
        (200, true, false),
        (410, false, true),
        (302, false, false),
        (404, false, false),
        (503, false, false),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        Mock::given(path("/told")).respond_with(answer).expect(1).mount(&server).await;
        let sent = sender(&server).send(&webhook(format!("{}/told", server.uri()))).await;
        assert_eq!(sent.is_ok(), taken, "{status}");
        assert_eq!(matches!(sent, Err(NotifyError::Refused(_))), refused, "{status}: {sent:?}");
    }
}

#[tokio::test]
async fn an_address_inside_is_refused_for_good_and_one_that_is_silent_is_called_again() {
    let server = MockServer::start().await;
    let inside = SignedWebhooks::new(b"a secret", OutboundAllow::default()).expect("a key");
    for url in [format!("{}/told", server.uri()), "https://127.0.0.1:1/told".to_owned()] {
        assert!(inside.check(&url).is_err(), "{url}");
        let sent = inside.send(&webhook(url)).await;
        assert!(matches!(sent, Err(NotifyError::Refused(_))), "{sent:?}");
    }
    assert!(server.received_requests().await.is_some_and(|calls| calls.is_empty()), "nobody was called");
    let sender = sender(&server);
    let url = format!("{}/told", server.uri());
    drop(server);
    let sent = sender.send(&webhook(url)).await;
    assert!(!matches!(sent, Err(NotifyError::Refused(_))), "{sent:?}");
}

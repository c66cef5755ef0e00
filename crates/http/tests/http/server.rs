//! The server over real sockets: what only shows there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tender_http::{Application, ReadinessCheck, RunningServer, Server, ServerSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Toys, key};

struct Started {
    address: std::net::SocketAddr,
    metrics: std::net::SocketAddr,
    running: RunningServer,
}

fn start(application: Application) -> Started {
    let settings = ServerSettings { metrics_port: Some(0), ..ServerSettings::default() };
    let server = Server::bind(settings).expect("free ports");
    let address = server.address().expect("bound");
    let metrics = server.metrics_address().expect("bound").expect("wanted");
    Started { address, metrics, running: server.start(application).expect("it starts") }
}

/// Sends the bytes, closes, and gives what came back: status, head, body.
async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // A server that has refused may close before everything was sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

async fn get(address: std::net::SocketAddr, path: &str) -> (u16, String, String) {
    exchange(address, format!("GET {path} HTTP/1.1\r\nhost: toys\r\nconnection: close\r\n\r\n").as_bytes())
        .await
}

fn code(body: &str) -> String {
    serde_json::from_str::<Value>(body)
        .map_or_else(|_| body.to_owned(), |json| json["code"].as_str().unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn a_panic_is_an_internal_error_with_an_id_and_the_server_lives_on() {
    let server = start(Toys::new().application());
    let (status, head, body) = get(server.address, "/v1/payments/panic").await;
    assert_eq!((status, code(&body).as_str()), (500, "internal_error"), "{head}\n{body}");
    assert!(head.contains("x-request-id: req_") && head.contains("application/problem+json"), "{head}");
    let json: Value = serde_json::from_str(&body).expect("a problem");
    assert_eq!(json["instance"], "/v1/payments/panic");
    assert!(json["trace_id"].as_str().is_some_and(|id| id.len() == 32) && !body.contains("toy broke"));
    assert_eq!(get(server.address, "/livez").await.0, 200);
    server.running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn a_request_whose_time_is_up_is_told_that_its_outcome_is_unknown() {
    let server = start(Toys::new().application().request_timeout(Duration::from_millis(50)));
    let (status, head, body) = get(server.address, "/v1/payments/slow/60000").await;
    assert_eq!((status, code(&body).as_str()), (503, "request_timeout"));
    assert!(head.contains("retry-after: 5") && head.contains("server-timing: "), "{head}");
    server.running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let server = start(Toys::new().application());
    let head_of = |path: &str| format!("HEAD {path} HTTP/1.1\r\nhost: toys\r\nconnection: close\r\n\r\n");
    let (status, head, body) = exchange(server.address, head_of("/v1/payments/numbers/12").as_bytes()).await;
    assert_eq!((status, body.as_str()), (200, ""));
    assert!(head.contains("content-length: 2"), "{head}");
    assert_eq!(exchange(server.address, head_of("/nowhere").as_bytes()).await.0, 404);
    server.running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn a_body_too_large_is_refused_over_the_wire_whether_announced_or_in_chunks() {
    let server = start(Toys::new().application());
    let head = |length: &str| {
        format!(
            "POST /v1/payments/toys HTTP/1.1\r\nhost: toys\r\nauthorization: Bearer {}\r\nidempotency-key: k\r\n\
             content-type: application/json\r\nconnection: close\r\n{length}\r\n\r\n",
            key(1).expose()
        )
    };
    let size = 2 * 1024 * 1024;
    let mut announced = head(&format!("content-length: {size}")).into_bytes();
    announced.resize(announced.len() + size, b' ');
    let mut chunked = head("transfer-encoding: chunked").into_bytes();
    chunked.extend_from_slice(format!("{size:x}\r\n").as_bytes());
    chunked.resize(chunked.len() + size, b' ');
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    for request in [announced, chunked] {
        let (status, _, body) = exchange(server.address, &request).await;
        assert_eq!((status, code(&body).as_str()), (413, "body_too_large"));
    }
    // One that only announces gets its answer without sending.
    let (status, _, body) = exchange(server.address, head("content-length: 99999999999").as_bytes()).await;
    assert_eq!((status, code(&body).as_str()), (413, "body_too_large"));
    server.running.stop().await.expect("it stops");
}

struct Switch(Arc<AtomicBool>);

#[async_trait]
impl ReadinessCheck for Switch {
    fn name(&self) -> &str {
        "switch"
    }

    async fn check(&self) -> Result<(), String> {
        if self.0.load(Ordering::Relaxed) { Ok(()) } else { Err("it is off".to_owned()) }
    }
}

#[actix_web::test]
async fn readiness_says_what_is_missing_and_the_private_port_gives_the_metrics() {
    let on = Arc::new(AtomicBool::new(false));
    let application = Toys::new()
        .application()
        .readiness(Arc::new(Switch(on.clone())))
        .metrics(|| "http_requests_total 1\n".to_owned());
    let server = start(application.clone());
    let (status, _, body) = get(server.address, "/readyz").await;
    assert_eq!(status, 503);
    assert!(body.contains("switch") && body.contains("it is off"), "{body}");
    assert_eq!(get(server.address, "/livez").await.0, 200);
    on.store(true, Ordering::Relaxed);
    assert_eq!(get(server.address, "/readyz").await.0, 200);
    application.drain();
    assert_eq!(get(server.address, "/readyz").await.0, 503);

    let (status, head, body) = get(server.metrics, "/metrics").await;
    assert_eq!((status, body.as_str()), (200, "http_requests_total 1\n"));
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    assert_eq!(get(server.address, "/metrics").await.0, 404);
    server.running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn what_is_in_flight_ends_before_the_server_does() {
    let server = start(Toys::new().application());
    let address = server.address;
    let in_flight = tokio::spawn(async move { get(address, "/v1/payments/slow/500").await });
    // The first call is in flight once its connection has been taken, which a later one shows.
    while get(address, "/livez").await.0 != 200 {}
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.running.stop().await.expect("it stops");
    let (status, _, body) = in_flight.await.expect("no panic");
    assert_eq!((status, body.as_str()), (200, "\"at last\""));
    assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let first = Server::bind(ServerSettings::default()).expect("a free port");
    let port = first.address().expect("bound").port();
    let second = Server::bind(ServerSettings { port, ..ServerSettings::default() });
    let message = second.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains(&format!("127.0.0.1:{port}")), "{message}");
}

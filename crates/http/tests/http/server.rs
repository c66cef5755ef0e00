//! The server over real sockets: what only shows there.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use tender_http::{Application, ReadinessCheck, RunningServer, Server, ServerSettings, TlsFiles};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Toys, key};
use crate::toy::{BEGUN, ENDED};

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
    while !BEGUN.lock().expect("no test panics with it").contains(&500) {
        tokio::task::yield_now().await;
    }
    server.running.stop().await.expect("it stops");
    let (status, _, body) = in_flight.await.expect("no panic");
    assert_eq!((status, body.as_str()), (200, "\"at last\""));
    assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
}

#[actix_web::test]
async fn more_requests_than_there_is_room_for_are_told_to_come_again() {
    let server = start(Toys::new().application().concurrent_requests(1));
    let address = server.address;
    let first = tokio::spawn(async move { get(address, "/v1/payments/slow/602").await });
    while !BEGUN.lock().expect("no test panics with it").contains(&602) {
        tokio::task::yield_now().await;
    }
    let (status, head, body) = get(address, "/v1/payments/slow/0").await;
    assert_eq!((status, code(&body).as_str()), (503, "service_unavailable"));
    assert!(head.contains("retry-after: 1"), "{head}");
    assert_eq!(get(address, "/readyz").await.0, 200, "health is told all the same");
    assert_eq!(first.await.expect("no panic").0, 200);
    assert_eq!(get(address, "/v1/payments/slow/0").await.0, 200);
    server.running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn work_whose_request_is_over_ends_before_the_server_does() {
    let server = start(Toys::new().application().request_timeout(Duration::from_millis(50)));
    let (status, _, body) = get(server.address, "/v1/payments/lasting/601").await;
    assert_eq!((status, code(&body).as_str()), (503, "request_timeout"));
    assert!(!ENDED.lock().expect("no test panics with it").contains(&601), "it goes on");
    server.running.stop().await.expect("it stops");
    assert!(ENDED.lock().expect("no test panics with it").contains(&601));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let first = Server::bind(ServerSettings::default()).expect("a free port");
    let port = first.address().expect("bound").port();
    let second = Server::bind(ServerSettings { port, ..ServerSettings::default() });
    let message = second.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains(&format!("127.0.0.1:{port}")), "{message}");
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/http/tls").join(name)
}

fn tls_files() -> TlsFiles {
    TlsFiles { cert_file: fixture("test-only.cert.pem"), key_file: fixture("test-only.key.pem") }
}

/// One request by a client that trusts only the fixture's certificate.
fn get_by_tls(address: std::net::SocketAddr) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(tls_files().cert_file).expect("a certificate");
    roots.add(certificate).expect("a usable certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let client = rustls::ClientConnection::new(Arc::new(config), name).map_err(std::io::Error::other)?;
    let mut stream = rustls::StreamOwned::new(client, std::net::TcpStream::connect(address)?);
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[actix_web::test]
async fn with_a_certificate_the_listener_speaks_tls_and_nothing_else() {
    let settings = ServerSettings { tls: Some(tls_files()), ..ServerSettings::default() };
    let server = Server::bind(settings).expect("a free port");
    let address = server.address().expect("bound");
    let running = server.start(Toys::new().application()).expect("it starts");
    let answer = tokio::task::spawn_blocking(move || get_by_tls(address)).await.expect("no panic");
    assert_eq!(answer.expect("an answer"), "HTTP/1.1 200");
    running.stop().await.expect("it stops");
}

#[actix_web::test]
async fn a_certificate_that_cannot_be_used_stops_the_start_and_is_named() {
    let missing = TlsFiles { cert_file: fixture("nowhere.pem"), ..tls_files() };
    let swapped = TlsFiles { key_file: fixture("test-only.cert.pem"), ..tls_files() };
    for (files, named) in [(missing, "nowhere.pem"), (swapped, "test-only.cert.pem")] {
        let settings = ServerSettings { tls: Some(files), ..ServerSettings::default() };
        let server = Server::bind(settings).expect("a free port");
        let refused = server.start(Toys::new().application()).err().map(|error| error.to_string());
        assert!(refused.as_deref().is_some_and(|text| text.contains(named)), "{refused:?}");
    }
}

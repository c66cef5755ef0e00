//! What people read of people and payments, and what is asked in somebody else's name, is put down first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::kernel::{CommitError, Scope};
use tender_http::{CallLog, PersonsCall};

use crate::support::{AUDIENCE, ISSUER, NOW, Toys, key};
use crate::tokens::hs256;

const TOY: &str = "/v1/payments/toys/pi_01h2xcejqtf2nbrexx3vqjhp41";

#[derive(Default)]
struct Lines {
    kept: Mutex<Vec<PersonsCall>>,
    away: AtomicBool,
}

#[async_trait]
impl CallLog for Lines {
    async fn put_down(&self, read: PersonsCall) -> Result<(), CommitError> {
        tokio::task::yield_now().await;
        if self.away.load(Ordering::Relaxed) {
            return Err(CommitError::Unavailable("password of the database: hunter2".to_owned()));
        }
        self.kept.lock().expect("no test panics with it").push(read);
        Ok(())
    }
}

impl Lines {
    fn take(&self) -> Vec<PersonsCall> {
        std::mem::take(&mut self.kept.lock().expect("no test panics with it"))
    }
}

/// A token of a person of `acme` who may read and write intents; with these claims beside.
fn ada(more: &Value) -> String {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "exp": NOW + 600,
        "scopes": ["intents:read", "intents:write"],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    hs256(&claims)
}

fn make(amount: i64) -> TestRequest {
    let request = TestRequest::post().uri("/v1/payments/toys").insert_header(("idempotency-key", "k"));
    request.set_json(json!({"amount": amount}))
}

async fn call(lines: &Arc<Lines>, request: TestRequest, bearer: &str) -> (StatusCode, Value) {
    let application = Toys::new().application().call_log(Arc::clone(lines) as _);
    let app = init_service(application.app()).await;
    let request = request.insert_header(("authorization", format!("Bearer {bearer}")));
    let response = call_service(&app, request.to_request()).await;
    let status = response.status();
    (status, serde_json::from_slice(&read_body(response).await).unwrap_or(Value::Null))
}

#[actix_web::test]
async fn a_persons_read_is_put_down_with_who_is_behind_it_and_the_ids_that_it_named() {
    let lines = Arc::new(Lines::default());
    let impersonated = ada(&json!({"act": {"sub": "grace"}}));
    let request = TestRequest::get().uri(TOY).insert_header(("x-request-id", "desk-7"));
    assert_eq!(call(&lines, request, &impersonated).await.0, 200);
    let read = lines.take().pop().expect("it is put down");
    assert_eq!(&*read.caller.subject, "ada");
    assert_eq!(read.caller.actor.as_deref(), Some("grace"), "who impersonates is named as well");
    assert_eq!((read.route, read.scope), ("GET /v1/payments/toys/{id}", Scope::IntentsRead));
    assert_eq!(read.path_ids, [("id".to_owned(), "pi_01h2xcejqtf2nbrexx3vqjhp41".to_owned())]);
    assert_eq!(read.request_id, "desk-7");

    let head = TestRequest::default().method(Method::HEAD).uri(TOY);
    assert_eq!(call(&lines, head, &ada(&json!({}))).await.0, 200);
    assert_eq!(lines.take().len(), 1, "what HEAD tells is read as well");
}

#[actix_web::test]
async fn of_a_query_the_line_has_the_ids_and_of_all_else_the_names_alone() {
    let lines = Arc::new(Lines::default());
    let last = "pi_01h2xcejqtf2nbrexx3vqjhp41";
    let query = "status=open&metadata[name]=Lovelace&metadata[mail]=a%40b.test&customer_id=ada%40b.test";
    let path = format!("{TOY}?starting_after={last}&{query}&customer_id=4242424242424242");
    assert_eq!(call(&lines, TestRequest::get().uri(&path), &ada(&json!({}))).await.0, 200);
    let read = lines.take().pop().expect("it is put down");
    assert_eq!(read.query_ids, [("starting_after".to_owned(), last.to_owned())]);
    assert_eq!(read.filters, ["status", "metadata", "customer_id"]);
    let line = format!("{read:?}");
    for secret in ["Lovelace", "b.test", "mail", "4242424242424242"] {
        assert!(!line.contains(secret), "{line}");
    }
}

#[actix_web::test]
async fn what_stands_in_the_place_of_a_parameters_name_is_put_down_only_where_it_can_be_one() {
    let lines = Arc::new(Lines::default());
    let query =
        "4242424242424242=1&4242424242424242_id=x&ada@b.test=1&%2B447911123456&a%20word=1&bookingId=7";
    let path = format!("{TOY}?{query}&{}=1", "a".repeat(41));
    assert_eq!(call(&lines, TestRequest::get().uri(&path), &ada(&json!({}))).await.0, 200);
    let read = lines.take().pop().expect("it is put down");
    assert_eq!((read.query_ids, read.filters), (Vec::new(), vec!["bookingId".to_owned()]));
}

#[actix_web::test]
async fn what_a_machine_reads_what_is_refused_and_what_is_changed_is_no_persons_read() {
    let lines = Arc::new(Lines::default());
    let person = ada(&json!({}));
    assert_eq!(call(&lines, TestRequest::get().uri(TOY), key(1).expose()).await.0, 200);
    for (request, bearer, status) in [
        (TestRequest::get().uri("/v1/payments/toys/pi_none"), person.clone(), 404),
        (TestRequest::get().uri(TOY), ada(&json!({"scopes": ["refunds:read"]})), 403),
        (TestRequest::get().uri(TOY), ada(&json!({"exp": 1})), 401),
        (make(5), person.clone(), 201),
        (TestRequest::get().uri("/v1/payments/whoami"), person.clone(), 200),
    ] {
        let (answered, body) = call(&lines, request, &bearer).await;
        assert_eq!(answered, status, "{body}");
    }
    assert_eq!(lines.take(), []);
}

#[actix_web::test]
async fn what_cannot_be_put_down_is_not_shown_and_a_machine_reads_on() {
    let lines = Arc::new(Lines::default());
    lines.away.store(true, Ordering::Relaxed);
    let (status, body) = call(&lines, TestRequest::get().uri(TOY), &ada(&json!({}))).await;
    assert_eq!((status.as_u16(), &body["code"]), (503, &json!("service_unavailable")));
    assert_eq!(body["retryable"], true);
    assert!(!body.to_string().contains("acme") && !body.to_string().contains("hunter2"), "{body}");
    assert_eq!(call(&lines, TestRequest::get().uri(TOY), key(1).expose()).await.0, 200);
    lines.away.store(false, Ordering::Relaxed);
    assert_eq!(call(&lines, TestRequest::get().uri(TOY), &ada(&json!({}))).await.0, 200);
}

#[actix_web::test]
async fn what_is_asked_in_anothers_name_is_put_down_before_it_is_done_and_not_done_without() {
    let lines = Arc::new(Lines::default());
    let impersonated = ada(&json!({"act": {"sub": "grace"}}));
    let (status, body) = call(&lines, make(5), &impersonated).await;
    assert_eq!(status, 201, "{body}");
    let asked = lines.take();
    let [line] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((line.route, line.scope), ("POST /v1/payments/toys", Scope::IntentsWrite));
    assert_eq!((&*line.caller.subject, line.caller.actor.as_deref()), ("ada", Some("grace")));
    assert_eq!(call(&lines, make(5), &ada(&json!({}))).await.0, 201);
    assert_eq!(lines.take(), [], "who acts for themselves is put down by what changes");

    lines.away.store(true, Ordering::Relaxed);
    let (status, body) = call(&lines, make(5), &impersonated).await;
    assert_eq!((status.as_u16(), &body["code"]), (503, &json!("service_unavailable")));
}

//! What every request and answer has, whatever the route.

use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures_util::FutureExt;
use opentelemetry::trace::{SpanId, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use serde_json::Value;
use tender_http::trace::{TraceContext, in_trace};
use tender_http::{DeclaredRoute, current_traceparent, to_the_end};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::support::Toys;

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[actix_web::test]
async fn a_sane_request_id_is_kept_and_any_other_replaced() {
    let toys = Toys::new();
    for id in ["abc-1.2_3:4", &"x".repeat(128)] {
        let answer = toys.call(get("/livez").insert_header(("x-request-id", id))).await;
        assert_eq!(answer.header("x-request-id"), id);
    }
    for id in ["", "a b", "a\"b", "käse", &"x".repeat(129)] {
        let answer = toys.call(get("/livez").insert_header(("x-request-id", id))).await;
        assert!(answer.header("x-request-id").starts_with("req_"), "{id}");
    }
    let ids = [toys.call(get("/nowhere")).await, toys.call(get("/nowhere")).await];
    assert_ne!(ids[0].header("x-request-id"), ids[1].header("x-request-id"));
}

#[actix_web::test]
async fn the_clients_trace_goes_on_and_else_one_begins() {
    let toys = Toys::new();
    let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let answer = toys.call(get("/v1/payments/gateway").insert_header(("traceparent", sent))).await;
    let inside = answer.json();
    let inside = inside.as_str().expect("a traceparent");
    assert!(inside.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && inside != sent, "{inside}");
    assert_eq!(answer.header("traceparent"), inside);
    for bad in ["nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-0-0-0"] {
        let answer = toys.call(get("/v1/payments/gateway").insert_header(("traceparent", bad))).await;
        assert!(answer.header("traceparent").parse::<TraceContext>().is_ok(), "{bad}");
    }
    let refused = toys.call(get("/nowhere").insert_header(("traceparent", sent))).await;
    assert_eq!(refused.is_problem(404, "not_found")["trace_id"], "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn only_well_formed_trace_contexts_are_taken() {
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    assert_eq!(good.parse::<TraceContext>().map(|context| context.to_string()).as_deref(), Ok(good));
    let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes";
    assert!(later.parse::<TraceContext>().is_ok());
    for bad in [
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ] {
        assert!(bad.parse::<TraceContext>().is_err(), "{bad}");
    }
}

#[actix_web::test]
async fn every_answer_shows_where_the_time_went() {
    let answer = Toys::new().call(get("/v1/payments/gateway")).await;
    let timing = answer.header("server-timing");
    assert!(timing.starts_with("gateway;dur=2.000, tender;dur="), "{timing}");
    let refused = Toys::new().call(get("/nowhere")).await;
    assert!(refused.header("server-timing").starts_with("gateway;dur=0.000, tender;dur="));
}

#[actix_web::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let answer = Toys::new().call(get("/nowhere")).await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.header(name), value);
    }
}

#[actix_web::test]
async fn where_there_is_no_route_it_is_said_which_methods_there_are() {
    let toys = Toys::new();
    assert_eq!(toys.call(get("/nowhere")).await.is_problem(404, "not_found")["instance"], "/nowhere");
    for (method, path, allow) in [
        (Method::DELETE, "/v1/payments/toys", "GET, HEAD, OPTIONS, POST"),
        (Method::GET, "/v1/payments/toys/x/poke", "OPTIONS, POST"),
        (Method::POST, "/v1/acme/payments/toys/x", "GET, HEAD, OPTIONS, PATCH"),
        (Method::POST, "/openapi.json", "GET, HEAD, OPTIONS"),
    ] {
        let answer = toys.call(TestRequest::with_uri(path).method(method)).await;
        answer.is_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    let options = toys.call(TestRequest::with_uri("/v1/payments/toys").method(Method::OPTIONS)).await;
    assert_eq!((options.status.as_u16(), options.header("allow")), (204, "GET, HEAD, OPTIONS, POST"));
    let nowhere = toys.call(TestRequest::with_uri("/nowhere").method(Method::OPTIONS)).await;
    nowhere.is_problem(404, "not_found");
}

#[actix_web::test]
async fn the_frameworks_own_errors_are_problems_too() {
    let toys = Toys::new();
    toys.call(get("/v1/payments/numbers/twelve")).await.is_problem(404, "not_found");
    assert_eq!(toys.call(get("/v1/payments/numbers/12")).await.json(), 12);
}

#[actix_web::test]
async fn the_document_names_every_route_with_its_scope_and_what_refusals_look_like() {
    let toys = Toys::new();
    let document = toys.call(get("/openapi.json")).await.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    assert_eq!(document["info"]["title"], "Toys");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let problem = &document["components"]["schemas"]["Problem"]["properties"];
    assert!(problem["errors"].is_object() && problem["trace_id"].is_object(), "{problem}");
    let refused = &document["paths"]["/v1/payments/toys"]["post"]["responses"]["503"]["content"];
    let wanted = Value::from("#/components/schemas/Problem");
    assert_eq!(refused["application/problem+json"]["schema"]["$ref"], wanted);
    for reference in references(&document) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }

    let routes = DeclaredRoute::all(&toys.application().openapi());
    assert_eq!(routes.len(), 14);
    let make = routes.iter().find(|route| route.method == "POST" && route.path == "/v1/payments/toys");
    assert_eq!(
        make.map(|route| (route.scopes.join(" "), route.summary.as_str())),
        Some(("intents:write".to_owned(), "Makes a toy."))
    );
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[actix_web::test]
async fn the_page_of_the_document_needs_nothing_from_elsewhere() {
    let toys = Toys::new();
    for path in ["/docs", "/docs/page.js", "/docs/page.css"] {
        let answer = toys.call(get(path)).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status == 200 && !text.contains("://"), "{path}");
        assert!(answer.header("content-security-policy").contains("script-src 'self'"));
    }
}

#[test]
fn every_request_is_counted_by_its_route_and_never_by_its_path() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let rendered = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        actix_web::rt::System::new().block_on(async {
            let toys = Toys::new();
            for number in 0..3 {
                toys.call(get(&format!("/v1/payments/numbers/{number}"))).await;
                toys.call(get(&format!("/nowhere/{number}"))).await;
            }
            let odd = Method::from_bytes(b"BREW").expect("a method");
            toys.call(TestRequest::with_uri("/nowhere").method(odd)).await;
        });
    });
    let text = rendered.render();
    let count =
        |line: &str| text.lines().find_map(|known| known.strip_prefix(line)?.trim().parse::<u64>().ok());
    let served = r#"http_requests_total{route="/v1/payments/numbers/{number}",method="GET",status="200"}"#;
    let missed = r#"http_requests_total{route="unmatched",method="GET",status="404"}"#;
    let brewed = r#"http_requests_total{route="unmatched",method="other",status="404"}"#;
    assert_eq!((count(served), count(missed), count(brewed)), (Some(3), Some(3), Some(1)), "{text}");
    assert!(text.contains("http_request_duration_seconds") && !text.contains("nowhere"), "{text}");
}

#[actix_web::test]
async fn work_for_a_message_goes_on_in_its_trace() {
    let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let inside =
        in_trace("toys", Some(sent), async { current_traceparent() }).await.expect("a place in the trace");
    assert!(inside.starts_with(&sent[..36]) && inside != sent, "{inside}");
    let fresh = in_trace("toys", Some("nonsense"), async { current_traceparent() }).await;
    assert!(fresh.is_some_and(|fresh| !fresh.starts_with(&sent[..36])));
    assert_eq!(current_traceparent(), None);
}

#[actix_web::test]
async fn what_was_begun_with_money_ends_though_nobody_waits_and_keeps_its_trace() {
    let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (done, seen) = tokio::sync::oneshot::channel();
    let begun = in_trace(
        "toys",
        Some(sent),
        to_the_end(async move {
            let _ = wait.await;
            let _ = done.send(current_traceparent());
        }),
    );
    // The client goes away: the request's future is polled once and dropped.
    assert!(begun.now_or_never().is_none());
    go.send(()).expect("the work waits");
    let traceparent = seen.await.expect("the work ends");
    assert!(traceparent.is_some_and(|text| text.starts_with(&sent[..36])));
    let broken = to_the_end(async { panic!("the toy broke") }).await;
    assert_eq!(broken.err().map(|problem| problem.status()), Some(500));
}

/// Exports the spans of the whole process from now on: a subscriber of one thread would miss those spans whose call
/// sites another test, on another thread, was the first to pass.
static EXPORTED: LazyLock<InMemorySpanExporter> = LazyLock::new(|| {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("toys"));
    tracing_subscriber::registry().with(layer).init();
    exporter
});

#[actix_web::test]
async fn what_is_told_and_what_is_exported_is_the_same_trace() {
    let exporter = &*EXPORTED;
    let toys = Toys::new();
    let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let with = toys.call(get("/v1/payments/gateway").insert_header(("traceparent", sent))).await;
    let without = toys.call(get("/v1/payments/gateway")).await;
    let spans = exporter.get_finished_spans().expect("it exported");
    let place = |answer: &crate::support::Answer| answer.header("traceparent").to_owned();
    let exported =
        |place: &str| spans.iter().find(|span| place[36..52] == span.span_context.span_id().to_string());
    let child = exported(&place(&with)).expect("the first request's span");
    assert_eq!(child.span_context.trace_id().to_string(), sent[3..35]);
    assert_eq!(child.parent_span_id.to_string(), sent[36..52]);
    let root = exported(&place(&without)).expect("the second request's span");
    assert_eq!(root.span_context.trace_id().to_string(), place(&without)[3..35]);
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    assert_eq!((with.json(), without.json()), (place(&with).into(), place(&without).into()));
}

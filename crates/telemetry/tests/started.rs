//! Telemetry started for real, once for this process: traces reach a collector, metrics are rendered.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use tender_telemetry::{LogFormat, Telemetry, TelemetryError, TelemetryOptions, continue_trace, traceparent};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A collector that takes what it is sent; gives its URL and the requests.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (sender, requests) = channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Some(request) = connection.ok().and_then(answer) else { continue };
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (url, requests)
}

/// Reads one request to the end its length tells, and accepts it.
fn answer(mut connection: TcpStream) -> Option<Vec<u8>> {
    let mut request = vec![];
    let mut piece = [0; 4096];
    loop {
        let count = connection.read(&mut piece).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some(head) = text.split("\r\n\r\n").next().filter(|head| head.len() < text.len()) else {
            continue;
        };
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let body = request.windows(4).position(|four| four == b"\r\n\r\n").map(|end| request.len() - end - 4);
        if body >= length {
            connection
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .ok()?;
            return Some(request);
        }
    }
}

fn contains(request: &[u8], part: &[u8]) -> bool {
    request.windows(part.len()).any(|window| window == part)
}

/// One test, because a process has one telemetry.
#[test]
fn traces_reach_the_collector_in_the_callers_trace_without_card_numbers_and_metrics_are_rendered() {
    let (url, requests) = collector();
    let options = TelemetryOptions {
        service: "tender-test",
        log_format: LogFormat::Json,
        log_filter: "error",
        otlp_endpoint: Some(&url),
    };
    let telemetry = Telemetry::start(options).expect("started");
    let again = Telemetry::start(TelemetryOptions { otlp_endpoint: None, ..options });
    assert!(matches!(again, Err(TelemetryError::AlreadyStarted)));

    let span = tracing::info_span!("confirm_intent");
    continue_trace(&span, &format!("00-{TRACE}-b7ad6b7169203331-01"), None);
    let onward = span.in_scope(|| traceparent(&tracing::Span::current())).expect("exported");
    assert!(onward.starts_with(&format!("00-{TRACE}-")), "{onward}");
    assert!(!onward.contains("b7ad6b7169203331"), "the span is the parent of what follows: {onward}");
    drop(span);

    // As a careless caller names a request, and a careless gateway a refusal.
    let careless =
        tracing::info_span!("charge", request_id = "4242424242424242", number = 5_555_555_555_554_444_i64);
    careless.in_scope(|| {
        tracing::error!(answer = "card 4000 0566 5566 5556 refused", "it said 4000056655665556")
    });
    drop(careless);

    let alone = tracing::info_span!("malformed");
    continue_trace(&alone, "not a traceparent", None);
    assert!(alone.in_scope(|| traceparent(&alone)).is_some_and(|own| !own.contains(TRACE)));
    drop(alone);

    metrics::counter!("tender_test_total", "outcome" => "approved").increment(2);
    metrics::histogram!("tender_test_seconds").record(0.004);
    let rendered = telemetry.metrics().render();
    assert!(rendered.contains(r#"tender_test_total{outcome="approved"} 2"#), "{rendered}");
    assert!(rendered.contains(r#"tender_test_seconds_bucket{le="0.005"} 1"#), "{rendered}");

    drop(telemetry);
    let request =
        requests.recv_timeout(Duration::from_secs(30)).expect("the end of telemetry sends what is left");
    assert!(request.starts_with(b"POST /v1/traces "));
    assert!(contains(&request, b"tender-test") && contains(&request, b"confirm_intent"));
    assert!(contains(&request, b"************4242"), "the span is there, its number masked");
    for number in ["424242424242", "555555555555", "4000 0566", "40000566"] {
        assert!(!contains(&request, number.as_bytes()), "{number} was exported");
    }
    let trace: Vec<u8> =
        (0..16).map(|at| u8::from_str_radix(&TRACE[2 * at..2 * at + 2], 16).expect("hex")).collect();
    assert!(contains(&request, &trace), "the span is not in the caller's trace");
}

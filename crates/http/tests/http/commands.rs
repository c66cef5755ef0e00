//! What becomes of bodies and idempotency keys.

use actix_web::test::TestRequest;
use proptest::prelude::*;
use serde_json::json;
use tender_domain::kernel::{KeyRecord, KeyState, Timestamp};
use tender_http::{Problem, parse_json};

use crate::support::Toys;
use crate::toy::ToyBody;

fn make(body: impl Into<Vec<u8>>) -> TestRequest {
    TestRequest::post()
        .uri("/v1/payments/toys")
        .insert_header(("content-type", "application/json"))
        .insert_header(("idempotency-key", "k1"))
        .set_payload(body.into())
}

fn poke(id: &str) -> TestRequest {
    TestRequest::post().uri(&format!("/v1/payments/toys/{id}/poke"))
}

const ID: &str = "pi_01h2xcejqtf2nbrexx3vqjhp41";

#[actix_web::test]
async fn a_body_that_is_right_is_taken_and_answered_with_etag_and_location() {
    let answer = Toys::new().call_as_acme(make(r#"{"amount":5,"parts":[{"a/b":2}]}"#)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["amount"]), (201, &json!(7)));
    assert_eq!((answer.header("etag"), answer.header("location")), ("\"1\"", "/v1/payments/toys/7"));
    assert_eq!(answer.header("idempotent-replayed"), "");
}

#[actix_web::test]
async fn each_fault_of_a_body_is_named_with_its_place() {
    let toys = Toys::new();
    for (body, code, pointer) in [
        (r#"{"amount":"5"}"#, "invalid_field", "/amount"),
        (r#"{"amount":5.5}"#, "invalid_field", "/amount"),
        (r#"{"amount":99999999999999999999}"#, "invalid_field", "/amount"),
        (r#"{"amount":5,"parts":[{"a/b":1},{"a/b":-1}]}"#, "invalid_field", "/parts/1/a~1b"),
        (r#"{"amount":5,"colour":1}"#, "unknown_field", "/colour"),
        (r#"{"amount":5,"parts":[{"a/b":1,"x":1}]}"#, "unknown_field", "/parts/0/x"),
        (r#"{"amount":5,"parts":[{}]}"#, "missing_field", "/parts/0/a~1b"),
        ("{}", "missing_field", "/amount"),
        ("[]", "invalid_field", ""),
        ("null", "invalid_field", ""),
    ] {
        let problem = toys.call_as_acme(make(body)).await.is_problem(400, code);
        assert_eq!(problem["errors"][0]["pointer"], json!(pointer), "{body}: {problem}");
    }
    for body in ["{", r#"{"amount":5} x"#, "{\"amount\":5}{}", "nope"] {
        toys.call_as_acme(make(body)).await.is_problem(400, "malformed_json");
    }
    toys.call_as_acme(make(b"{\"amount\":\xff}".to_vec())).await.is_problem(400, "body_not_utf8");
    toys.call_as_acme(make("")).await.is_problem(400, "body_required");
}

#[actix_web::test]
async fn what_was_sent_wrongly_is_not_repeated() {
    let body = r#"{"amount":"4242424242424242"}"#;
    let answer = Toys::new().call_as_acme(make(body)).await;
    answer.is_problem(400, "invalid_field");
    assert!(!String::from_utf8_lossy(&answer.body).contains("4242"), "{:?}", answer.body);
}

#[test]
fn the_type_that_was_sent_is_told_with_the_one_that_is_wanted() {
    let said =
        |body: &str| parse_json::<ToyBody>(body.as_bytes()).expect_err("it is wrong").detail().to_owned();
    assert_eq!(said(r#"{"amount":"x"}"#), "`/amount`: invalid type: string, expected i64");
    assert_eq!(said(r#"{"amount":5.5}"#), "`/amount`: invalid type: floating point, expected i64");
    assert_eq!(said(r#"{"amount":null}"#), "`/amount`: invalid type: null, expected i64");
    assert_eq!(said("[]"), "the body: invalid length 0, expected struct ToyBody with 3 elements");
}

#[actix_web::test]
async fn a_body_nested_three_thousand_deep_is_refused() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let body = format!("{}1{}", open.repeat(3_000), close.repeat(3_000));
        Toys::new().call_as_acme(make(body)).await.is_problem(400, "json_too_deep");
    }
}

#[actix_web::test]
async fn a_body_of_two_mebibytes_is_refused() {
    let body = format!(r#"{{"amount":5,"request_id":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    Toys::new().call_as_acme(make(body)).await.is_problem(413, "body_too_large");
    let fits = format!(r#"{{"amount":5{}}}"#, " ".repeat(1024 * 1024 - 12));
    assert_eq!(Toys::new().call_as_acme(make(fits)).await.status, 201);
}

#[actix_web::test]
async fn only_plain_json_is_taken() {
    let toys = Toys::new();
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let request = make(r#"{"amount":5}"#).insert_header(("content-type", media_type));
        toys.call_as_acme(request).await.is_problem(415, "unsupported_media_type");
    }
    let zipped = make(r#"{"amount":5}"#).insert_header(("content-encoding", "gzip"));
    toys.call_as_acme(zipped).await.is_problem(415, "unsupported_content_encoding");
    let with_charset =
        make(r#"{"amount":5}"#).insert_header(("content-type", "Application/JSON; charset=utf-8"));
    assert_eq!(toys.call_as_acme(with_charset).await.status, 201);
}

#[actix_web::test]
async fn an_optional_body_may_be_left_out_and_is_checked_when_it_is_there() {
    let toys = Toys::new();
    let json_type = ("content-type", "application/json");
    assert_eq!(toys.call(poke(ID)).await.json()["hard"], "false");
    let null = poke(ID).insert_header(json_type).set_payload("null");
    assert_eq!(toys.call(null).await.json()["hard"], "false");
    let hard = poke(ID).insert_header(json_type).set_payload(r#"{"hard":true}"#);
    assert_eq!(toys.call(hard).await.json()["hard"], "true");
    let wrong = poke(ID).insert_header(json_type).set_payload(r#"{"soft":true}"#);
    let problem = toys.call(wrong).await.is_problem(400, "unknown_field");
    assert_eq!(problem["errors"][0]["pointer"], "/soft");
}

#[actix_web::test]
async fn keys_are_taken_quoted_and_plain_and_belong_to_the_routes_pattern() {
    let toys = Toys::new();
    for (sent, meant) in [("abc-1", "abc-1"), (r#""abc-1""#, "abc-1"), (r#""a\"b\\c""#, r#"a"b\c"#)] {
        let said = toys.call(poke(ID).insert_header(("idempotency-key", sent))).await.json();
        assert_eq!(said["key"], meant, "{sent}");
        assert_eq!(said["route"], "POST /v1/payments/toys/{id}/poke");
    }
    let longest = "k".repeat(255);
    let said = toys.call(poke(ID).insert_header(("idempotency-key", longest.clone()))).await.json();
    assert_eq!(said["key"], longest);
}

#[actix_web::test]
async fn malformed_keys_are_refused() {
    let toys = Toys::new();
    let too_long = "k".repeat(256);
    for key in ["", "\"\"", "\"abc", "\"a\"b", "a b", "\"a\\x\"", "käse", &too_long] {
        let request = poke(ID).insert_header(("idempotency-key", key));
        toys.call(request).await.is_problem(400, "invalid_idempotency_key");
    }
    let twice = poke(ID).append_header(("idempotency-key", "a")).append_header(("idempotency-key", "a"));
    toys.call(twice).await.is_problem(400, "invalid_idempotency_key");
}

#[actix_web::test]
async fn a_key_is_required_where_money_moves_and_request_id_stands_in_for_it() {
    let toys = Toys::new();
    let bare = |body: &'static str| {
        TestRequest::post()
            .uri("/v1/payments/toys")
            .insert_header(("content-type", "application/json"))
            .set_payload(body)
    };
    toys.call_as_acme(bare(r#"{"amount":5}"#)).await.is_problem(400, "idempotency_key_required");
    let by_body = r#"{"amount":5,"request_id":"r1"}"#;
    assert_eq!(toys.call_as_acme(bare(by_body)).await.status, 201);
    let both = bare(by_body).insert_header(("idempotency-key", "\"r1\""));
    assert_eq!(toys.call_as_acme(both).await.header("idempotent-replayed"), "true");
    let differ = bare(by_body).insert_header(("idempotency-key", "r2"));
    toys.call_as_acme(differ).await.is_problem(400, "idempotency_key_ambiguous");
    let empty = bare(r#"{"amount":5,"request_id":""}"#);
    toys.call_as_acme(empty).await.is_problem(400, "invalid_idempotency_key");
}

#[actix_web::test]
async fn the_same_request_under_a_key_gets_the_first_answer_and_another_one_is_refused() {
    let toys = Toys::new();
    let first = toys.call_as_acme(make(r#"{"amount":5,"parts":[]}"#)).await;
    let again = toys.call_as_acme(make(r#"{ "parts":[], "amount":5 }"#)).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    toys.call_as_acme(make(r#"{"amount":6}"#)).await.is_problem(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn a_refusal_of_business_is_kept_word_by_word() {
    let toys = Toys::new();
    let first = toys.call_as_acme(make(r#"{"amount":-5}"#)).await;
    let problem = first.is_problem(422, "negative");
    assert_eq!(problem["instance"], "/v1/payments/toys");
    let again = toys.call_as_acme(make(r#"{"amount":-5}"#)).await;
    again.is_problem(422, "negative");
    assert_eq!((again.body, again.headers.contains_key("idempotent-replayed")), (first.body, true));
}

#[actix_web::test]
async fn a_key_that_was_started_is_in_flight_or_gone_on_with_as_the_caller_decides() {
    let toys = Toys::new();
    toys.call_as_acme(make(r#"{"amount":5}"#)).await;
    let set = |resource: &str| {
        let mut kept = toys.keys.0.lock().expect("no test panics with it");
        for record in kept.values_mut() {
            let resource = resource.to_owned();
            *record =
                KeyRecord { resource, state: KeyState::Started, started_at: Timestamp::default(), ..*record };
        }
    };
    set("runs");
    let running = toys.call_as_acme(make(r#"{"amount":5}"#)).await;
    running.is_problem(409, "idempotency_key_in_flight");
    assert_eq!(running.header("retry-after"), "1");
    toys.call_as_acme(make(r#"{"amount":6}"#)).await.is_problem(422, "idempotency_key_reused");
    set("pi_1");
    assert_eq!(toys.call_as_acme(make(r#"{"amount":5}"#)).await.json(), "went on with pi_1");
}

#[actix_web::test]
async fn a_change_names_the_version_it_means() {
    let toys = Toys::new();
    let rename = |body: &'static str, tag: Option<&'static str>| {
        let request = TestRequest::patch()
            .uri("/v1/payments/toys/x")
            .insert_header(("content-type", "application/json"));
        tag.into_iter()
            .fold(request.set_payload(body), |request, tag| request.insert_header(("if-match", tag)))
    };
    for (body, tag) in [
        ("{}", Some("\"3\"")),
        ("{}", Some("W/\"3\"")),
        ("{}", Some("*")),
        ("{}", Some("\"2\", \"3\"")),
        (r#"{"version":3}"#, None),
        (r#"{"version":3}"#, Some("\"3\"")),
    ] {
        let answer = toys.call(rename(body, tag)).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"4\""), "{body} {tag:?}");
    }
    for (body, tag) in
        [("{}", Some("\"2\"")), (r#"{"version":4}"#, None), (r#"{"version":2}"#, Some("\"3\""))]
    {
        let answer = toys.call(rename(body, tag)).await;
        answer.is_problem(412, "stale_version");
        assert_eq!(answer.header("etag"), "\"3\"");
    }
    toys.call(rename("{}", None)).await.is_problem(428, "version_required");
    for tag in ["3", "\"x\"", "\"\"", "\"3", "\"-3\"", "\"99999999999999999999\""] {
        toys.call(rename("{}", Some(tag))).await.is_problem(400, "invalid_if_match");
    }
}

#[actix_web::test]
async fn a_malformed_id_is_as_unknown_as_an_unknown_one() {
    let toys = Toys::new();
    for id in ["7", "ch_01h2xcejqtf2nbrexx3vqjhp41", "pi_01H2XCEJQTF2NBREXX3VQJHP41", "%00"] {
        toys.call(poke(id)).await.is_problem(404, "not_found");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_a_command(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_json::<ToyBody>(&bytes);
        let _ = parse_json::<serde_json::Value>(&bytes);
    }

    #[test]
    fn nothing_like_json_panics_a_command(text in r#"([\[\]{}:,"\\]|"amount"|"parts"|"a/b"|-?[0-9]{1,30}|null|\PC){0,60}"#) {
        let outcome: Result<ToyBody, Problem> = parse_json(text.as_bytes());
        if let Err(problem) = outcome {
            prop_assert_eq!(problem.status(), 400);
        }
    }

    #[test]
    fn no_bytes_make_a_route_fail(body in proptest::collection::vec(any::<u8>(), 0..100), key in "\\PC{0,20}") {
        let request = make(body).insert_header(("idempotency-key", key.into_bytes()));
        let answer = actix_web::rt::System::new().block_on(Toys::new().call_as_acme(request));
        prop_assert!((200..500).contains(&answer.status.as_u16()), "{:?}", answer.body);
    }
}

//! The simulator's HTTP server, beyond what its client puts to the test.

use std::sync::Arc;

use actix_http::Request;
use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use serde_json::{Value, json};
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions, SimulatorServer, browser_routes, routes};
use tender_testkit::SystemClock;

const BEARER: &str = "the bearer of tests";

fn gateway() -> SimulatorGateway {
    let books = Arc::new(MemorySimulatorBooks::new());
    SimulatorGateway::new(books, Arc::new(SystemClock), SimulatorOptions::new("a secret of tests"))
}

async fn app() -> impl Service<Request, Response = ServiceResponse, Error = actix_web::Error> {
    init_service(App::new().configure(routes(SimulatorServer { gateway: gateway(), bearer: BEARER.into() })))
        .await
}

fn authorization() -> Value {
    json!({
        "tenant": "sandbox", "reference": "att_1", "amount": 900, "currency": "EUR", "capture": true,
        "token": "tok_visa"
    })
}

fn trusted(request: TestRequest) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {BEARER}")))
}

async fn post<S>(app: &S, call: &str, body: &Value) -> (StatusCode, Value)
where
    S: Service<Request, Response = ServiceResponse, Error = actix_web::Error>,
{
    let request = trusted(TestRequest::post()).uri(&format!("/simulator/{call}")).set_json(body);
    json_of(call_service(app, request.to_request()).await).await
}

async fn json_of(response: ServiceResponse) -> (StatusCode, Value) {
    let (status, text) = text_of(response).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")))
}

async fn text_of(response: ServiceResponse) -> (StatusCode, String) {
    let status = response.status();
    let bytes = to_bytes(response.into_body()).await.expect("a whole body");
    (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

#[actix_web::test]
async fn nobody_gets_in_without_the_bearer_and_learns_nothing_of_the_body() {
    let app = app().await;
    for header in [None, Some("Bearer wrong"), Some("Basic x"), Some("Bearer ")] {
        let mut request =
            TestRequest::post().uri("/simulator/authorize").set_json(json!({ "nonsense": true }));
        if let Some(header) = header {
            request = request.insert_header(("authorization", header));
        }
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(
            response.headers().get("www-authenticate").and_then(|value| value.to_str().ok()),
            Some("Bearer")
        );
        let (status, body) = json_of(response).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")), "{header:?}");
    }
    let books = TestRequest::get().uri("/simulator/books?tenant=sandbox").to_request();
    assert_eq!(call_service(&app, books).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_call_that_is_not_as_described_is_refused_by_name() {
    let app = app().await;
    for (field, value, says) in [
        ("surprise", json!(1), "unknown field `surprise`"),
        ("amount", json!("900"), "invalid type: string"),
        ("amount", json!(9.5), "invalid type"),
        ("currency", json!("EURO"), "ISO 4217"),
        ("tenant", json!("No Tenant"), "a tenant is named by"),
    ] {
        let mut body = authorization();
        body[field] = value;
        let (status, problem) = post(&app, "authorize", &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{field}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(says), "{detail}");
    }
    let large = json!({ "token": "x".repeat(100_000) });
    assert_eq!(post(&app, "authorize", &large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let plain = trusted(TestRequest::post()).uri("/simulator/authorize").set_payload("x").to_request();
    assert_eq!(call_service(&app, plain).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, body) =
        post(&app, "lookup", &json!({"tenant": "sandbox", "kind": "authorize", "reference": "att_1"})).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "status": "not_found" })));
}

#[actix_web::test]
async fn a_refused_card_is_not_repeated() {
    let app = app().await;
    let body = json!({ "tenant": "sandbox", "card": { "number": "4242424242424241", "exp_month": 1, "exp_year": 2031 } });
    let (status, problem) = post(&app, "tokenise", &body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_done")));
    assert!(!problem.to_string().contains("4242424242424241"));
    let misplaced = json!({ "tenant": "sandbox", "card": { "exp_month": "4242424242424242" } });
    let (status, problem) = post(&app, "tokenise", &misplaced).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!problem.to_string().contains("4242424242424242"), "{problem}");
}

#[actix_web::test]
async fn the_books_list_every_payment_and_its_sums() {
    let app = app().await;
    let mut references = Vec::new();
    for number in 0..3 {
        let mut body = authorization();
        body["reference"] = json!(format!("att_{number}"));
        let (status, answer) = post(&app, "authorize", &body).await;
        assert_eq!((status, &answer["amount"]), (StatusCode::OK, &json!(900)));
        references.push(answer["gateway_reference"].as_str().expect("a reference").to_owned());
    }
    let refund = json!({
        "tenant": "sandbox", "reference": "rf_1", "gateway_reference": references[0], "amount": 400, "currency": "EUR"
    });
    assert_eq!(post(&app, "refund", &refund).await.0, StatusCode::OK);

    let mut seen = Vec::new();
    let mut uri = "/simulator/books?tenant=sandbox&limit=2".to_owned();
    loop {
        let (status, page) =
            json_of(call_service(&app, trusted(TestRequest::get()).uri(&uri).to_request()).await).await;
        assert_eq!(status, StatusCode::OK);
        let sums = json!([{
            "currency": "EUR", "payments": 3, "authorized_minor": 2700, "captured_minor": 2700, "refunded_minor": 400
        }]);
        assert_eq!(page["totals"], sums);
        let rows = page["data"].as_array().expect("rows").iter();
        seen.extend(rows.map(|row| row["gateway_reference"].as_str().expect("a reference").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        uri = format!("/simulator/books?tenant=sandbox&limit=2&starting_after={cursor}");
    }
    references.sort();
    assert_eq!(seen, references);

    for query in ["", "?tenant=sandbox&limit=0", "?tenant=sandbox&limit=1001", "?tenant=sandbox&offset=3"] {
        let request = trusted(TestRequest::get()).uri(&format!("/simulator/books{query}")).to_request();
        assert_eq!(call_service(&app, request).await.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[actix_web::test]
async fn the_challenge_page_needs_no_bearer_and_hands_on_the_result() {
    let app = app().await;
    let mut body = authorization();
    body["token"] = json!("tok_challenge");
    let (_, answer) = post(&app, "authorize", &body).await;
    let url = answer["url"].as_str().expect("a page").to_owned();
    let get = |uri: String| TestRequest::get().uri(&uri).to_request();

    let (status, page) = text_of(call_service(&app, get(url.clone())).await).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("9.00 EUR") && page.contains("value=\"success\"") && page.contains("value=\"failed\"")
    );

    let back = "return_url=https%3A%2F%2Fshop.test%2Fback%3Fid%3D1";
    let (_, page) = text_of(call_service(&app, get(format!("{url}?result=success&{back}"))).await).await;
    assert!(page.contains("href=\"https://shop.test/back?id=1&amp;result=success\""), "{page}");
    let (_, page) =
        text_of(call_service(&app, get(format!("{url}?result=failed&return_url=javascript:x"))).await).await;
    assert!(page.contains("<code>failed</code>") && !page.contains("href"), "{page}");

    let complete = json!({ "tenant": "sandbox", "reference": "att_1", "result": "success" });
    assert_eq!(post(&app, "challenge", &complete).await.1["outcome"], "approved");
    assert_eq!(call_service(&app, get(url)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        call_service(&app, get("/simulator/challenge/chl_x".to_owned())).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn a_challenge_in_the_shops_page_is_posted_its_request_and_posts_its_response_back() {
    let app = app().await;
    let mut body = authorization();
    body["token"] = json!("tok_challenge");
    body["sca"] = json!({ "embeds": true, "return_url": "https://shop.test/back?id=1" });
    let (_, answer) = post(&app, "authorize", &body).await;
    let (url, creq) = (answer["url"].as_str().expect("a page").to_owned(), answer["creq"].clone());
    let submit = |form: Value| call_service(&app, TestRequest::post().uri(&url).set_form(form).to_request());
    for wrong in [json!({}), json!({ "creq": "e30" })] {
        assert_eq!(submit(wrong).await.status(), StatusCode::BAD_REQUEST);
    }
    let as_redirect = url.replace("/acs/", "/challenge/");
    let redirect = call_service(&app, TestRequest::get().uri(&as_redirect).to_request()).await;
    assert_eq!(redirect.status(), StatusCode::NOT_FOUND, "it has one form");

    let (status, page) = text_of(submit(json!({ "creq": creq })).await).await;
    assert!(
        status == StatusCode::OK && page.contains("9.00 EUR") && page.contains("method=\"post\""),
        "{page}"
    );
    let met = submit(json!({ "creq": creq, "result": "success" })).await;
    let policy = met.headers().get("content-security-policy").and_then(|policy| policy.to_str().ok());
    assert!(policy.is_some_and(|policy| policy.ends_with("form-action https://shop.test")), "{policy:?}");
    let (_, page) = text_of(met).await;
    assert!(page.contains("action=\"https://shop.test/back?id=1\""), "{page}");
    let cres = page.split("name=\"cres\" value=\"").nth(1).and_then(|rest| rest.split('"').next());

    let complete = json!({ "tenant": "sandbox", "reference": "att_1", "result": cres.expect("a response") });
    assert_eq!(post(&app, "challenge", &complete).await.1["outcome"], "approved");
    assert_eq!(submit(json!({ "creq": creq })).await.status(), StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn a_process_with_the_simulator_inside_serves_the_pages_only() {
    let app = init_service(App::new().configure(browser_routes(gateway()))).await;
    let page = TestRequest::get().uri("/simulator/challenge/chl_x").to_request();
    assert_eq!(call_service(&app, page).await.status(), StatusCode::NOT_FOUND);
    let page = TestRequest::post().uri("/simulator/acs/chl_x").set_form(json!({})).to_request();
    let (_, page) = text_of(call_service(&app, page).await).await;
    assert!(page.contains("No open challenge"), "{page}");
    for uri in ["/simulator/books?tenant=sandbox", "/livez"] {
        assert_eq!(
            call_service(&app, TestRequest::get().uri(uri).to_request()).await.status(),
            StatusCode::NOT_FOUND
        );
    }
    let call =
        trusted(TestRequest::post()).uri("/simulator/authorize").set_json(authorization()).to_request();
    assert_eq!(call_service(&app, call).await.status(), StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn it_is_alive_and_ready() {
    let app = app().await;
    for uri in ["/livez", "/readyz"] {
        assert_eq!(
            call_service(&app, TestRequest::get().uri(uri).to_request()).await.status(),
            StatusCode::OK
        );
    }
}

#[actix_web::test]
async fn evidence_has_files_and_may_be_larger_than_any_other_call() {
    let app = app().await;
    let evidence = |content: &str| {
        json!({
            "tenant": "sandbox", "reference": "dp_1/evidence/2", "dispute_reference": "sim_dp_none", "evidence": [],
            "files": [{
                "kind": "other", "upload": "up_00000000000000000000000001", "content_type": "application/pdf",
                "content": content,
            }],
        })
    };
    let (status, answer) = post(&app, "disputes/evidence", &evidence(&"QUJD".repeat(100_000))).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("refused")), "{answer}");
    assert_eq!(post(&app, "disputes/evidence", &evidence("no base64")).await.0, StatusCode::BAD_REQUEST);
    let large = evidence(&"QUJD".repeat(300_000));
    assert_eq!(post(&app, "disputes/evidence", &large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

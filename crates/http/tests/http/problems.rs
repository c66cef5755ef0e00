//! What refusals look like.

use actix_web::ResponseError;
use actix_web::body::to_bytes;
use serde_json::{Value, json};
use tender_domain::kernel::{CommitError, StoreError};
use tender_http::Problem;

async fn rendered(problem: &Problem) -> (u16, Value, Option<String>) {
    let response = problem.error_response();
    let retry =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    (status, serde_json::from_slice(&body).unwrap_or_default(), retry)
}

#[actix_web::test]
async fn a_problem_says_everything_it_was_given_and_nothing_else() {
    let problem = Problem::unprocessable("card_declined", "the card was declined")
        .pointer("/payment_method", "use another one")
        .decline("insufficient_funds", Some("51".to_owned()), true);
    let (status, body, _) = rendered(&problem).await;
    assert_eq!(status, 422);
    let wanted = json!({
        "type": "/problems/card_declined", "title": "Unprocessable content", "status": 422, "code": "card_declined",
        "detail": "the card was declined", "decline_code": "insufficient_funds", "network_code": "51",
        "retryable": true, "errors": [{"pointer": "/payment_method", "detail": "use another one"}]
    });
    assert_eq!(body, wanted);
}

#[actix_web::test]
async fn what_is_internal_stays_inside() {
    let secret = "postgres://user:hunter2@db";
    for (problem, status) in [
        (Problem::from(StoreError::Unavailable(secret.to_owned())), 503),
        (Problem::from(StoreError::corrupt("intents", "amount", "7", secret)), 500),
        (Problem::from(CommitError::Unavailable(secret.to_owned())), 503),
        (Problem::from(CommitError::Refused { constraint: secret.to_owned() }), 500),
    ] {
        let (given, body, retry) = rendered(&problem).await;
        assert_eq!((given, retry.is_some()), (status, status == 503));
        assert!(!body.to_string().contains("hunter2"), "{body}");
    }
}

#[actix_web::test]
async fn each_failed_commit_has_its_answer() {
    let claim = CommitError::ClaimTaken { kind: "order", key: "o1".to_owned(), owner: "pi_1".to_owned() };
    let limit = CommitError::LimitReached { kind: "methods", key: "c1".to_owned() };
    for (error, status, code) in [
        (CommitError::Conflict, 409, "concurrent_update"),
        (CommitError::Overloaded, 503, "service_unavailable"),
        (CommitError::Unresolved, 503, "outcome_unknown"),
        (claim, 409, "claim_taken"),
        (limit, 422, "limit_reached"),
    ] {
        let problem = Problem::from(error);
        assert_eq!((problem.status(), problem.code()), (status, code));
    }
}

#[test]
fn a_card_number_in_a_detail_is_masked() {
    let problem =
        Problem::bad_request("x", "no 4242424242424242").pointer("/4242424242424242", "4242424242424242");
    assert!(!problem.to_answer().body.contains("424242424242"), "{}", problem.to_answer().body);
}

#[actix_web::test]
async fn a_header_that_cannot_be_is_left_out() {
    let response = Problem::internal().header("x-odd", "a\nb").error_response();
    assert!(!response.headers().contains_key("x-odd"));
}

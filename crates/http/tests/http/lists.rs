//! What becomes of a list's query, and how one goes through the pages.

use actix_web::test::TestRequest;
use proptest::prelude::*;
use serde_json::{Value, json};
use tender_domain::kernel::IntentId;
use tender_http::{ListQuery, PlainQuery};
use uuid::Uuid;

use crate::support::Toys;
use crate::toy::{Status, ToyFilter};

async fn numbers(toys: &Toys, query: &str) -> (Vec<u64>, Value) {
    let answer = toys.call(TestRequest::get().uri(&format!("/v1/payments/toys?{query}"))).await;
    let json = answer.json();
    assert_eq!(json["object"], "list", "{json}");
    let data = json["data"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
    (data, json)
}

fn row(number: u128) -> String {
    IntentId::from_uuid(Uuid::from_u128(number)).to_string()
}

#[actix_web::test]
async fn following_the_cursor_meets_every_row_once() {
    let toys = Toys::new();
    let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let (data, json) = numbers(&toys, &query).await;
        seen.extend(data);
        assert_eq!(json["has_more"], json!(json["next_cursor"].is_string()));
        let Some(cursor) = json["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    assert_eq!(seen, (1..=10).rev().collect::<Vec<_>>());
}

#[actix_web::test]
async fn one_goes_both_ways_from_a_row() {
    let toys = Toys::new();
    assert_eq!(numbers(&toys, &format!("limit=2&starting_after={}", row(5))).await.0, [4, 3]);
    let (data, json) = numbers(&toys, &format!("limit=2&ending_before={}", row(5))).await;
    assert_eq!(data, [7, 6]);
    let cursor = json["next_cursor"].as_str().expect("there are newer ones");
    assert_eq!(numbers(&toys, &format!("limit=2&cursor={cursor}")).await.0, [9, 8]);
    assert_eq!(numbers(&toys, &format!("ending_before={}", row(9))).await.1["has_more"], false);
}

#[actix_web::test]
async fn the_next_page_is_linked_with_the_filters_kept() {
    let toys = Toys::new();
    let uri = format!("/v1/payments/toys?metadata%5Ba%5D=b%20c&limit=2&starting_after={}", row(9));
    let answer = toys.call(TestRequest::get().uri(&uri)).await;
    let next = answer.json()["next_cursor"].as_str().expect("more").to_owned();
    let link = format!("</v1/payments/toys?metadata%5Ba%5D=b%20c&limit=2&cursor={next}>; rel=\"next\"");
    assert_eq!(answer.header("link"), link);
    let last = toys.call(TestRequest::get().uri("/v1/payments/toys")).await;
    assert_eq!((last.header("link"), &last.json()["next_cursor"]), ("", &Value::Null));
}

#[actix_web::test]
async fn each_fault_of_a_query_is_named() {
    let toys = Toys::new();
    let two = format!("starting_after={}&ending_before={}", row(1), row(2));
    for (query, code, parameter) in [
        ("limit=0", "invalid_parameter", "limit"),
        ("limit=101", "invalid_parameter", "limit"),
        ("limit=ten", "invalid_parameter", "limit"),
        ("limit=-1", "invalid_parameter", "limit"),
        ("limit=1&limit=2", "invalid_parameter", "limit"),
        ("limit[x]=1", "invalid_parameter", "limit"),
        (two.as_str(), "invalid_parameter", "starting_after"),
        ("starting_after=pi_1", "invalid_parameter", "starting_after"),
        ("cursor=abc", "invalid_parameter", "cursor"),
        ("colour=red", "unknown_parameter", "colour"),
        ("created[since]=2026-01-01T00:00:00Z", "unknown_parameter", "created[since]"),
        ("created[gte]=yesterday", "invalid_parameter", "created[gte]"),
        ("created=2026", "invalid_parameter", "created"),
        ("status=closed", "invalid_parameter", "status"),
        ("amount=1.5", "invalid_parameter", "amount"),
        ("broken=yes", "invalid_parameter", "broken"),
        ("intent=rf_01h2xcejqtf2nbrexx3vqjhp41", "invalid_parameter", "intent"),
        ("metadata[a][b]=1", "invalid_parameter", "metadata[a][b]"),
        ("metadata[a=1", "invalid_parameter", "metadata[a"),
        ("expand[]=a&expand[b]=c", "invalid_parameter", "expand[b]"),
    ] {
        let request = TestRequest::get().uri(&format!("/v1/payments/toys?{query}"));
        let problem = toys.call(request).await.is_problem(400, code);
        assert_eq!(problem["errors"][0]["parameter"], json!(parameter), "{query}: {problem}");
    }
    let request = TestRequest::get().uri("/v1/payments/plain-list?status=open");
    toys.call(request).await.is_problem(400, "unknown_parameter");
}

#[test]
fn filters_of_every_kind_are_read() {
    let query = "status=in_use&amount=-12&broken=true&created[gte]=2026-01-01T00:00:00Z&created%5Blt%5D=\
                 2026-02-01T01:00:00%2B01:00&metadata[order]=A%201&metadata[n]=5&expand[]=charge&expand[]=method\
                 &intent=pi_01h2xcejqtf2nbrexx3vqjhp41&limit=7";
    let read = ListQuery::<ToyFilter>::parse(query).expect("a good query");
    let filter = read.filter;
    assert_eq!((filter.status, filter.amount, filter.broken), (Some(Status::InUse), Some(-12), Some(true)));
    let created = filter.created.expect("given");
    assert_eq!(created.gte.expect("given").to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert_eq!(created.lt.expect("given").to_rfc3339(), "2026-02-01T00:00:00+00:00");
    assert_eq!((filter.metadata["order"].as_str(), filter.metadata["n"].as_str()), ("A 1", "5"));
    assert_eq!(filter.expand, ["charge", "method"]);
    assert_eq!(filter.intent.map(|id| id.to_string()).as_deref(), Some("pi_01h2xcejqtf2nbrexx3vqjhp41"));
    assert_eq!(read.page.limit(), 7);
    let empty = ListQuery::<ToyFilter>::parse("").expect("nothing asked");
    assert!(empty.filter.status.is_none() && empty.filter.metadata.is_empty() && empty.page.limit() == 20);
}

#[test]
fn a_query_that_is_no_lists_has_no_page_and_names_what_it_does_not_know() {
    let PlainQuery(read) = PlainQuery::<ToyFilter>::parse("expand[]=charge&amount=3").expect("a good query");
    assert_eq!((read.expand, read.amount), (vec!["charge".to_owned()], Some(3)));
    let refused = PlainQuery::<ToyFilter>::parse("limit=3").expect_err("it is no list");
    assert_eq!((refused.status(), refused.code()), (400, "unknown_parameter"));
}

proptest! {
    #[test]
    fn no_query_panics(query in "(limit|cursor|status|created|metadata|expand|[a-z]|[\\[\\]=&%+]|\\PC){0,40}") {
        let _ = ListQuery::<ToyFilter>::parse(&query);
    }
}

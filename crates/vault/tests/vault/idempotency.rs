//! `Idempotency-Key`.

use futures_util::future::join_all;
use serde_json::json;

use crate::rig::{METHODS, Rig, card_of, delete, example, patch, post};

#[actix_web::test]
async fn the_same_key_and_request_give_the_first_answer_again() {
    let rig = Rig::new();
    let request =
        || post(METHODS, &card_of("cust_1", "4242424242424242")).insert_header(("idempotency-key", "k-1"));
    let first = rig.admin(request()).await;
    let again = rig.admin(request()).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!(rig.count().await, 1);
    let other =
        post(METHODS, &card_of("cust_1", "5555555555554444")).insert_header(("idempotency-key", "k-1"));
    rig.admin(other).await.is_problem(422, "idempotency_key_reused");
    let elsewhere = rig.signed(request(), "other", "a", &["admin"]);
    assert_eq!(
        rig.call(elsewhere).await.header("idempotent-replayed"),
        "",
        "another tenant's key is another key"
    );
}

#[actix_web::test]
async fn a_refusal_is_kept_and_a_malformed_request_is_not() {
    let rig = Rig::new();
    let keyed = |body| post(METHODS, &body).insert_header(("idempotency-key", "k-1"));
    let malformed = json!({ "type": "card", "colour": "red" });
    rig.admin(keyed(malformed)).await.is_problem(400, "unknown_field");
    let refused = json!({ "type": "card", "token": "tok_nobody_knows" });
    rig.admin(keyed(refused.clone())).await.is_problem(422, "token_unknown");
    let again = rig.admin(keyed(refused)).await;
    again.is_problem(422, "token_unknown");
    assert_eq!(again.header("idempotent-replayed"), "true");
    rig.admin(keyed(example())).await.is_problem(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn a_retry_of_a_change_and_of_a_deletion_never_changes_their_outcome() {
    let rig = Rig::new();
    let method = rig.saved(example()).await;
    let change = || {
        patch(&method["id"], &json!({ "metadata": { "a": "b" }, "version": 1 }))
            .insert_header(("idempotency-key", "k-1"))
    };
    let first = rig.admin(change()).await;
    let again = rig.admin(change()).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body), "and not 412");
    let gone = || delete(&method["id"]).insert_header(("idempotency-key", "k-2"));
    let first = rig.admin(gone()).await;
    let again = rig.admin(gone()).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body), "and not 404");
}

#[actix_web::test]
async fn many_calls_at_once_with_one_key_save_one_method() {
    let rig = Rig::new();
    let calls =
        (0..20).map(|_| rig.admin(post(METHODS, &example()).insert_header(("idempotency-key", "k-1"))));
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    assert_eq!(rig.count().await, 1);
}

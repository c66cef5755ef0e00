use serde_json::json;

use crate::rig::{Answer, KEYS, Rig, delete, example, patch, post};

async fn keyed(rig: &Rig, name: &str) -> Answer {
    let body = json!({ "name": name, "scopes": ["intents:read"] });
    rig.admin(post(KEYS, &body).insert_header(("idempotency-key", "once"))).await
}

#[actix_web::test]
async fn the_same_request_again_issues_no_second_key_and_does_not_show_the_secret_again() {
    let rig = Rig::new();
    let first = keyed(&rig, "a").await;
    let again = keyed(&rig, "a").await;
    assert_eq!((first.status, again.status), (again.status, first.status));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    let mut expected = first.json();
    expected.as_object_mut().unwrap().remove("secret").expect("shown the first time");
    assert_eq!(again.json(), expected);
    assert_eq!(rig.told("api-key.changed").len(), 1);
}

#[actix_web::test]
async fn a_key_of_another_request_is_refused() {
    let rig = Rig::new();
    keyed(&rig, "a").await;
    keyed(&rig, "b").await.is_problem(422, "idempotency_key_reused");
    assert_eq!(rig.told("api-key.changed").len(), 1);
}

#[actix_web::test]
async fn a_refusal_of_business_is_kept_and_one_of_rights_is_not() {
    let rig = Rig::new();
    keyed(&rig, "").await.is_problem(422, "invalid_name");
    let again = keyed(&rig, "").await;
    again.is_problem(422, "invalid_name");
    assert_eq!(again.header("idempotent-replayed"), "true");

    let body = json!({ "name": "x", "scopes": ["refunds:write"] });
    let request = || post(KEYS, &body).insert_header(("idempotency-key", "rights"));
    let poor = rig.signed(request(), "acme", &json!({ "scopes": ["keys:write"] }));
    assert_eq!(rig.call(poor).await.status, 403);
    assert_eq!(rig.admin(request()).await.status, 201, "with the right, the same key goes through");
}

#[actix_web::test]
async fn revoking_and_setting_replay_too() {
    let rig = Rig::new();
    let key = rig.issued(example()).await;
    let revoke = || delete(&key["id"]).insert_header(("idempotency-key", "r"));
    let set = || patch(&json!({ "max_attempts": 3, "version": 0 })).insert_header(("idempotency-key", "s"));
    for (first, again) in [
        (rig.admin(revoke()).await, rig.admin(revoke()).await),
        (rig.admin(set()).await, rig.admin(set()).await),
    ] {
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(first.json(), again.json());
    }
}

#[actix_web::test]
async fn many_with_one_key_issue_one_key() {
    let rig = Rig::new();
    let answers = futures_util::future::join_all((0..20).map(|_| keyed(&rig, "a"))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    assert_eq!(rig.told("api-key.changed").len(), 1);
}

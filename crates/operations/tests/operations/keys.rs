use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::{KEYS, Rig, bearer, delete, example, post};

#[actix_web::test]
async fn a_new_key_is_shown_once_and_works_on_its_next_call() {
    let rig = Rig::new();
    let key = rig.issued(json!({ "name": "ops", "scopes": ["keys:read"] })).await;
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("sk_test_"), "{secret}");
    assert_eq!(
        (&key["object"], &key["status"], &key["version"]),
        (&"api_key".into(), &"active".into(), &1.into())
    );
    assert_eq!((&key["prefix"], key["last4"].as_str()), (&"sk_test_".into(), secret.get(secret.len() - 4..)));

    let listed = rig.call(bearer(TestRequest::get().uri(KEYS), &key["secret"])).await;
    assert_eq!(listed.status, 200);
    assert_eq!(listed.json()["data"][0]["id"], key["id"]);
    let body = String::from_utf8(listed.body.to_vec()).unwrap();
    assert!(!body.contains(secret) && !body.contains("\"secret\""), "{body}");
}

#[actix_web::test]
async fn the_requirements_example_works_as_written() {
    let rig = Rig::new();
    let key = rig.issued(example()).await;
    assert_eq!(key["scopes"], json!(["intents:read", "methods:attach"]));
    assert_eq!(key["expires_at"], "2026-04-03T12:00:00Z");
}

#[actix_web::test]
async fn the_text_of_a_key_is_neither_kept_nor_told() {
    let rig = Rig::new();
    let request = post(KEYS, &example()).insert_header(("idempotency-key", "once"));
    let key = rig.admin(request).await.json();
    let secret = key["secret"].as_str().unwrap();
    let kept = format!("{:?}", rig.store);
    assert!(kept.contains(key["id"].as_str().unwrap()), "the debug form shows what is kept");
    assert!(!kept.contains(&secret[8..]), "the store holds the secret");
}

#[actix_web::test]
async fn who_issues_a_key_and_who_takes_it_back_is_in_the_audit_log() {
    let rig = Rig::new();
    let key = rig.issued(example()).await;
    for _ in 0..2 {
        assert_eq!(rig.admin(delete(&key["id"])).await.status, 200);
    }
    let audits: Vec<Value> = rig
        .told("audit.recorded")
        .iter()
        .map(|message| serde_json::from_str(&message.data).expect("JSON"))
        .collect();
    let said = |name: &str| audits.iter().map(|audit| audit[name].clone()).collect::<Vec<_>>();
    assert_eq!(said("action"), ["api_key.issued", "api_key.revoked"], "taken back again, nothing was done");
    assert_eq!(said("resourceId"), [key["id"].clone(), key["id"].clone()]);
    assert_eq!(said("subject"), ["somebody", "somebody"]);
    assert_eq!(audits[0]["details"]["scopes"], "intents:read methods:attach");
}

#[actix_web::test]
async fn a_scope_that_does_not_exist_is_named_with_its_place() {
    let rig = Rig::new();
    for bad in ["moon:land", "service:internal"] {
        let body = json!({ "name": "x", "scopes": ["intents:read", bad] });
        let problem = rig.admin(post(KEYS, &body)).await.is_problem(422, "unknown_scope");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(bad), "{problem}");
        assert!(problem["errors"][0]["pointer"].as_str().unwrap().starts_with("/scopes"), "{problem}");
    }
    assert!(rig.store.messages().is_empty());
}

#[actix_web::test]
async fn nobody_gives_a_scope_they_do_not_have() {
    let rig = Rig::new();
    let body = json!({ "name": "x", "scopes": ["keys:write", "refunds:write"] });
    let rights = json!({ "scopes": ["keys:write"] });
    let problem =
        rig.call(rig.signed(post(KEYS, &body), "acme", &rights)).await.is_problem(403, "insufficient_scope");
    assert!(problem["detail"].as_str().unwrap().contains("refunds:write"), "{problem}");
}

#[actix_web::test]
async fn bad_keys_are_refused_and_nothing_is_kept() {
    let rig = Rig::new();
    let scopes = json!(["intents:read"]);
    for (body, status, code, pointer) in [
        (json!({ "name": "", "scopes": scopes }), 422, "invalid_name", "/name"),
        (json!({ "name": "4242 4242 4242 4242", "scopes": scopes }), 422, "card_number_detected", "/name"),
        (json!({ "name": "x", "scopes": [] }), 422, "scope_required", "/scopes"),
        (
            json!({ "name": "x", "scopes": scopes, "expires_in": "soon" }),
            400,
            "invalid_lifetime",
            "/expires_in",
        ),
        (
            json!({ "name": "x", "scopes": scopes, "expires_in": "9999d" }),
            422,
            "invalid_lifetime",
            "/expires_in",
        ),
        (
            json!({ "name": "x", "scopes": scopes, "publishable": true }),
            422,
            "scope_not_publishable",
            "/scopes",
        ),
    ] {
        let problem = rig.admin(post(KEYS, &body)).await.is_problem(status, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    for body in [
        json!({ "name": "x", "scopes": scopes, "color": 1 }),
        json!({ "name": "x", "scopes": "all" }),
        json!([]),
    ] {
        assert_eq!(rig.admin(post(KEYS, &body)).await.status, 400, "{body}");
    }
    assert!(rig.store.messages().is_empty());
}

#[actix_web::test]
async fn a_publishable_key_may_attach_methods_and_nothing_else() {
    let rig = Rig::new();
    let key = rig.issued(json!({ "name": "web", "scopes": ["methods:attach"], "publishable": true })).await;
    assert!(key["secret"].as_str().unwrap().starts_with("pk_test_"));
    assert_eq!(rig.call(bearer(TestRequest::get().uri(KEYS), &key["secret"])).await.status, 403);
}

#[actix_web::test]
async fn a_revoked_key_stops_at_once_and_revoking_again_changes_nothing() {
    let rig = Rig::new();
    let key = rig.issued(json!({ "name": "ops", "scopes": ["keys:read"] })).await;
    let list = || bearer(TestRequest::get().uri(KEYS), &key["secret"]);
    assert_eq!(rig.call(list()).await.status, 200);
    let first = rig.admin(delete(&key["id"])).await;
    assert_eq!(
        (first.status.as_u16(), &first.json()["status"], first.header("etag")),
        (200, &"revoked".into(), "\"2\"")
    );
    assert_eq!(rig.call(list()).await.status, 401);
    rig.clock.advance(Duration::from_secs(60));
    let again = rig.admin(delete(&key["id"])).await;
    assert_eq!(again.json(), first.json());
    assert_eq!(rig.told("api-key.changed").len(), 2, "issued and revoked, once each");
}

#[actix_web::test]
async fn an_expired_key_does_not_count_and_is_listed_as_expired() {
    let rig = Rig::new();
    let key = rig.issued(json!({ "name": "brief", "scopes": ["keys:read"], "expires_in": "5m" })).await;
    let list = || bearer(TestRequest::get().uri(KEYS), &key["secret"]);
    assert_eq!(rig.call(list()).await.status, 200);
    rig.clock.advance(Duration::from_secs(300));
    assert_eq!(rig.call(list()).await.status, 401);
    let expired = rig.admin(TestRequest::get().uri("/v1/payments/keys?status=expired")).await.json();
    assert_eq!(
        (expired["data"].as_array().map(Vec::len), &expired["data"][0]["status"]),
        (Some(1), &"expired".into())
    );
}

#[actix_web::test]
async fn keys_are_listed_newest_first_page_by_page() {
    let rig = Rig::new();
    for n in 1..=3 {
        rig.issued(json!({ "name": format!("key {n}"), "scopes": ["keys:read"] })).await;
    }
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = rig.admin(TestRequest::get().uri("/v1/payments/keys?limit=2")).await.json();
    assert_eq!(
        (names(&first), &first["has_more"]),
        (vec!["key 3".to_owned(), "key 2".to_owned()], &true.into())
    );
    let next = format!("/v1/payments/keys?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = rig.admin(TestRequest::get().uri(&next)).await.json();
    assert_eq!((names(&second), &second["has_more"]), (vec!["key 1".to_owned()], &false.into()));
    rig.admin(TestRequest::get().uri("/v1/payments/keys?color=red"))
        .await
        .is_problem(400, "unknown_parameter");
}

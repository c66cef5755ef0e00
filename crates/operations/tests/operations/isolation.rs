use actix_web::test::TestRequest;
use serde_json::json;

use crate::rig::{KEYS, Rig, SETTINGS, delete, example, patch, post};

/// Makes a request anew: one can be sent once.
type Request = fn() -> TestRequest;

#[actix_web::test]
async fn another_tenant_sees_and_revokes_nothing() {
    let rig = Rig::new();
    let key = rig.issued(example()).await;
    rig.admin(patch(&json!({ "max_attempts": 3, "version": 0 }))).await;
    let admin = json!({ "roles": ["admin"] });
    rig.call(rig.signed(delete(&key["id"]), "other", &admin)).await.is_problem(404, "not_found");
    let keys = rig.call(rig.signed(TestRequest::get().uri(KEYS), "other", &admin)).await.json();
    assert_eq!(keys["data"], json!([]));
    let settings = rig.call(rig.signed(TestRequest::get().uri(SETTINGS), "other", &admin)).await.json();
    assert_eq!((&settings["max_attempts"], &settings["version"]), (&5.into(), &0.into()));
    assert_eq!(rig.told("api-key.changed").len(), 1);
}

#[actix_web::test]
async fn a_malformed_id_is_not_found_like_an_unknown_one() {
    let rig = Rig::new();
    for id in ["key_00000000000000000000000000", "pi_01h2xcejqtf2nbrexx3vqjhp41", "nonsense"] {
        rig.admin(delete(&id.into())).await.is_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn every_route_asks_for_its_scope() {
    let rig = Rig::new();
    let requests: [(&str, Request); 7] = [
        ("keys:write", || post(KEYS, &example())),
        ("keys:read", || TestRequest::get().uri(KEYS)),
        ("keys:write", || delete(&"key_00000000000000000000000000".into())),
        ("settings:read", || TestRequest::get().uri(SETTINGS)),
        ("settings:write", || patch(&json!({ "version": 0 }))),
        ("diagnostics:read", || TestRequest::get().uri("/v1/payments/health")),
        ("service:internal", || TestRequest::get().uri(&format!("/internal/keys/{}", "00".repeat(32)))),
    ];
    for (scope, request) in requests {
        assert_eq!(rig.call(request()).await.status, 401, "{scope}");
        let others: Vec<&str> = tender_domain::kernel::Scope::ALL
            .iter()
            .map(|known| known.as_str())
            .filter(|known| *known != scope)
            .collect();
        let rights = json!({ "scopes": others });
        let answer = rig.call(rig.signed(request(), "acme", &rights)).await;
        let problem = answer.is_problem(403, "insufficient_scope");
        assert!(problem["detail"].as_str().unwrap().contains(scope), "{problem}");
    }
}

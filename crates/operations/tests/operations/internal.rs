use std::sync::Arc;

use actix_web::test::TestRequest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tender_http::ApiKeyText;

use crate::rig::{PEPPER, Rig, delete, example, intents_signer};

fn question(rig: &Rig, hash: &str) -> TestRequest {
    let signer = intents_signer(Arc::clone(&rig.clock) as _);
    let token = signer.sign("operations", &"platform".parse().expect("a name")).expect("a token");
    let bearer = format!("Bearer {}", token.expose_secret());
    TestRequest::get().uri(&format!("/internal/keys/{hash}")).insert_header(("authorization", bearer))
}

fn hash_of(key: &Value) -> String {
    let text = key["secret"].as_str().and_then(ApiKeyText::parse).expect("a key with its secret");
    text.hash(PEPPER).to_hex()
}

#[actix_web::test]
async fn a_service_learns_what_a_key_may_do_also_when_it_is_revoked() {
    let rig = Rig::new();
    let key = rig.issued(example()).await;
    let answer = rig.call(question(&rig, &hash_of(&key))).await;
    let grant = answer.json()["key"].clone();
    assert_eq!(
        (answer.status.as_u16(), &grant["key_id"], &grant["tenant_id"]),
        (200, &key["id"], &"acme".into())
    );
    assert_eq!((&grant["scopes"], &grant["version"]), (&key["scopes"], &1.into()));
    rig.admin(delete(&key["id"])).await;
    let grant = rig.call(question(&rig, &hash_of(&key))).await.json()["key"].clone();
    assert_eq!((&grant["version"], grant["revoked_at"].is_string()), (&2.into(), true));
}

#[actix_web::test]
async fn no_such_key_is_an_answer_and_no_hash_is_a_400() {
    let rig = Rig::new();
    let none = rig.call(question(&rig, &"00".repeat(32))).await;
    assert_eq!((none.status.as_u16(), none.json()), (200, json!({ "key": null })));
    rig.call(question(&rig, "00")).await.is_problem(400, "invalid_hash");
}

#[actix_web::test]
async fn no_token_of_a_person_and_no_key_is_taken_for_a_service() {
    let rig = Rig::new();
    let path = format!("/internal/keys/{}", "00".repeat(32));
    for rights in [json!({ "scopes": ["service:internal"] }), json!({ "roles": ["admin"] })] {
        let request = rig.signed(TestRequest::get().uri(&path), "acme", &rights);
        rig.call(request).await.is_problem(403, "insufficient_scope");
    }
}

//! What other services ask, and the client they ask with.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::ports::{MethodLookupError, MethodVault, ServiceTokens};
use tender_gateways::VaultClient;
use uuid::Uuid;

use crate::rig::{Rig, card_of, intents_signer, post};

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

#[actix_web::test]
async fn a_service_gets_the_tokens_of_its_tenants_method_and_no_cache_keeps_them() {
    let rig = Rig::new();
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let signer = intents_signer(rig.clock.clone());
    let ask = |tenant_name: &str, audience: &str| {
        let token = signer.token(audience, &tenant(tenant_name)).expect("it signs");
        let path = format!("/internal/methods/{}/charge-material", method["id"].as_str().expect("an id"));
        let header = ("authorization", format!("Bearer {}", token.expose_secret()));
        rig.call(post(&path, &json!({})).insert_header(header))
    };
    let answer = ask("acme", "vault").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert!(answer.json()["tokens"]["simulator"].is_string());
    ask("other", "vault").await.is_problem(404, "method_not_found");
    ask("acme", "refunds").await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn the_client_says_what_the_service_says_and_calls_silence_unavailable() {
    let rig = Rig::new();
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let id: MethodId = method["id"].as_str().expect("an id").parse().expect("an id");
    let application = rig.application.clone();
    let server =
        actix_web::HttpServer::new(move || application.app()).workers(1).bind("127.0.0.1:0").expect("a port");
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);

    let client = |base: String| {
        let tokens = Arc::new(intents_signer(rig.clock.clone()));
        VaultClient::new(reqwest::Client::new(), &base, tokens, Duration::from_secs(5))
    };
    let vault = client(format!("http://{address}/"));
    let direct = rig.service.method_for_charge(&tenant("acme"), id).await.expect("chargeable");
    let remote = vault.method_for_charge(&tenant("acme"), id).await.expect("chargeable");
    assert_eq!(format!("{direct:?}"), format!("{remote:?}"), "both ways say the same");
    assert_eq!(direct.tokens[0].1.expose_secret(), remote.tokens[0].1.expose_secret());
    let unknown = MethodId::from_uuid(Uuid::from_u128(1));
    for (tenant_name, id) in [("other", id), ("acme", unknown)] {
        let refused = vault.method_for_charge(&tenant(tenant_name), id).await;
        assert!(matches!(refused, Err(MethodLookupError::NotFound(named)) if named == id), "{refused:?}");
    }
    let astray = client(format!("http://{address}/nowhere")).method_for_charge(&tenant("acme"), id).await;
    assert!(matches!(astray, Err(MethodLookupError::Unavailable(_))), "a wrong address: {astray:?}");
    handle.stop(false).await;
    // Takes connections and never says a word.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = mute.local_addr().expect("bound");
    let tokens = Arc::new(intents_signer(rig.clock.clone()));
    let deadline = Duration::from_millis(100);
    let vault = VaultClient::new(reqwest::Client::new(), &format!("http://{address}"), tokens, deadline);
    let silent = vault.method_for_charge(&tenant("acme"), id).await;
    assert!(matches!(silent, Err(MethodLookupError::Unavailable(_))), "{silent:?}");
}

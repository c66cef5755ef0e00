//! The numbers of methods, as other services ask for them.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::{NumberKind, NumberLookup, Numbering, ServiceTokens};
use tender_gateways::NumbersClient;
use uuid::Uuid;

use crate::rig::{Rig, intents_signer};

#[actix_web::test]
async fn the_client_finds_what_the_book_has_and_calls_a_wrong_address_unavailable() {
    let rig = Rig::new();
    let acme: TenantId = "acme".parse().expect("a tenant's name");
    let id = Uuid::from_u128(7);
    let given = rig.numbers.numbers(&acme, NumberKind::Method, &[id]).await.expect("memory can be written");
    assert_eq!(given, [1]);
    let application = rig.application.clone();
    let server =
        actix_web::HttpServer::new(move || application.app()).workers(1).bind("127.0.0.1:0").expect("a port");
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let client = |base: &str| {
        let tokens = Arc::new(intents_signer(rig.clock.clone()));
        let vault = ("vault", base, "methods");
        NumbersClient::new(reqwest::Client::new(), vault, tokens, Duration::from_secs(5))
    };
    let vault = client(&format!("http://{address}/"));
    for (number, expected) in [(1, Some(id)), (2, None), (-1, None), (i64::MAX, None)] {
        let found = vault.find(&acme, NumberKind::Method, number).await.expect("it answers");
        assert_eq!(found, expected, "{number}");
    }
    let other: TenantId = "other".parse().expect("a tenant's name");
    assert_eq!(vault.find(&other, NumberKind::Method, 1).await.expect("it answers"), None);
    let astray = client(&format!("http://{address}/nowhere")).find(&acme, NumberKind::Method, 1).await;
    assert!(matches!(astray, Err(StoreError::Unavailable(_))), "{astray:?}");
    handle.stop(false).await;
    // Its worker may still answer for a moment on the connection that is open.
    let given_up = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let silent = vault.find(&acme, NumberKind::Method, 1).await;
        if matches!(silent, Err(StoreError::Unavailable(_))) {
            break;
        }
        assert!(std::time::Instant::now() < given_up, "{silent:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn only_services_ask_which_method_a_number_is() {
    let rig = Rig::new();
    let request = || actix_web::test::TestRequest::get().uri("/internal/methods/numbers/1");
    rig.admin(request()).await.is_problem(403, "insufficient_scope");
    let acme: TenantId = "acme".parse().expect("a tenant's name");
    let token = intents_signer(rig.clock.clone()).token("vault", &acme).expect("it signs");
    let header = ("authorization", format!("Bearer {}", token.expose_secret()));
    rig.call(request().insert_header(header)).await.is_problem(404, "number_not_given");
}

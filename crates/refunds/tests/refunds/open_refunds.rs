//! Refunds whose outcome is open, as other services ask for them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::Clock;
use tender_domain::refunds::{OpenRefund, OpenRefunds, OpenRefundsOf};
use tender_gateways::OpenRefundsClient;
use tender_http::{ServiceKey, ServiceTokenSigner};

use crate::http::{application, call, service_key};
use crate::support::{Script, Stage, id_of};

#[actix_web::test]
async fn the_client_is_told_what_is_open_or_ended_just_now_as_the_store_has_it() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutBefore);
    let open = id_of(&stage.refund(&charge, Some(100), "open").await.expect("it is begun"));
    stage.clock.advance(Duration::from_secs(1));
    let ended = id_of(&stage.refund(&charge, Some(200), "ended").await.expect("it is done"));
    let served = application(&stage);
    let server =
        actix_web::HttpServer::new(move || served.app()).workers(1).bind("127.0.0.1:0").expect("a port");
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let client = |key: &ServiceKey| {
        let tokens = Arc::new(ServiceTokenSigner::new("intents", key, stage.clock.clone()));
        let base = format!("http://{address}/");
        OpenRefundsClient::new(reqwest::Client::new(), &base, tokens, Duration::from_secs(5))
    };
    let refunds = client(&service_key());
    let (sandbox, now) = (TenantId::sandbox(), stage.clock.now());
    let customer = OpenRefundsOf::Customer("cust_1".to_owned());
    for (of, since) in [
        (customer.clone(), None),
        (customer.clone(), Some(now)),
        (customer.clone(), Some(now + chrono::Duration::seconds(1))),
        (OpenRefundsOf::Intent(charge.intent_id), Some(now)),
        (OpenRefundsOf::Customer("cust 2&".to_owned()), Some(now)),
        (OpenRefundsOf::Queue, None),
    ] {
        let told = refunds.open_refunds(&sandbox, &of, since, 10).await.expect("it answers");
        let stored = stage.store.open_refunds(&sandbox, &of, since, 10).await.expect("in memory");
        assert_eq!(told, stored, "{of:?} {since:?}");
    }
    let told = refunds.open_refunds(&sandbox, &customer, Some(now), 10).await.expect("it answers");
    let ids =
        |told: &[OpenRefund]| told.iter().map(|open| open.id).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids(&told), [open, ended].into());
    let stranger = client(&ServiceKey::from_seed([8; 32]));
    let refused = stranger.open_refunds(&sandbox, &customer, None, 10).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_client_of_the_platforms_own_api_is_not_told() {
    let stage = Stage::new();
    let asked = TestRequest::get().uri("/internal/refunds/open?queued=true&limit=1");
    call(&stage, 1, asked).await.is_problem(403, "insufficient_scope");
}

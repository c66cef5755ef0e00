//! The numbers of refunds, as other services ask for them.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::{NumberKind, Numbering};
use tender_gateways::NumbersClient;
use tender_http::{ServiceKey, ServiceTokenSigner};
use uuid::Uuid;

use crate::http::{application, service_key};
use crate::support::Stage;

#[actix_web::test]
async fn the_client_gets_the_numbers_that_the_book_gives() {
    let stage = Stage::new();
    let served = application(&stage);
    let server =
        actix_web::HttpServer::new(move || served.app()).workers(1).bind("127.0.0.1:0").expect("a port");
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let client = |key: &ServiceKey| {
        let tokens = Arc::new(ServiceTokenSigner::new("intents", key, stage.clock.clone()));
        let base = format!("http://{address}");
        let refunds = ("refunds", base.as_str(), "refunds");
        NumbersClient::new(reqwest::Client::new(), refunds, tokens, Duration::from_secs(5))
    };
    let refunds = client(&service_key());
    let (sandbox, ids) = (TenantId::sandbox(), [9_u128, 7, 9].map(Uuid::from_u128));
    let ask = async |ids: &[Uuid]| refunds.numbers(&sandbox, NumberKind::Refund, ids).await;
    assert_eq!(ask(&ids).await.expect("it answers"), [2, 1, 2]);
    assert_eq!(ask(&ids[..1]).await.expect("it answers"), [2], "as the book has them");
    assert_eq!(ask(&[]).await.expect("nothing is asked"), Vec::<i64>::new());
    let stranger = client(&ServiceKey::from_seed([8; 32])).numbers(&sandbox, NumberKind::Refund, &ids).await;
    assert!(matches!(stranger, Err(StoreError::Unavailable(_))), "{stranger:?}");
    handle.stop(false).await;
}

//! How intents hands over what gateways tell of disputes: by a direct call, and over HTTP, with the same promises.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use tender_domain::disputes::{
    CardNetwork, DisputeFilter, DisputeIntake, DisputeIntakeError, DisputeReason, DisputeStatus,
    DisputeStore, DisputeTaken, ToldChargeback, ToldDispute,
};
use tender_domain::kernel::{Currency, Money, PageRequest, TenantId};
use tender_gateways::DisputesClient;
use tender_http::{ServiceKey, ServiceTokenSigner};

use crate::http::{application, service_key};
use crate::support::Stage;

fn told(reference: &str, gateway_reference: &str, minor: i64) -> ToldChargeback {
    let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 123_456_000).expect("an instant");
    ToldChargeback {
        gateway_reference: gateway_reference.into(),
        dispute: ToldDispute {
            processor: "simulator".into(),
            processor_reference: Some(reference.into()),
            amount: Money::new(minor, Currency::EUR),
            fee_minor: Some(1_500),
            network: Some(CardNetwork::Mastercard),
            network_reason_code: Some("4855".into()),
            reason: DisputeReason::ProductNotReceived,
            received_at: at(1),
            respond_by: Some(at(9)),
        },
        standing: DisputeStatus::UnderReview,
        at: at(2),
        only_if_known: false,
    }
}

/// What everyone who takes disputes in promises to intents.
async fn keeps_its_promises(intake: &dyn DisputeIntake, stage: &Stage) {
    let tenant = TenantId::sandbox();
    let charge = stage.charge(&[10_000]);
    stage.refund(&charge, Some(1_000), "makes it known").await.unwrap();
    let news = told("dp_1", "sim_ch_1", 5_000);
    let answered = ToldChargeback { only_if_known: true, ..news.clone() };
    let of_nobody = ToldChargeback { gateway_reference: "sim_ch_9".into(), ..answered.clone() };
    for word in [&answered, &of_nobody] {
        let taken = intake.take_dispute(&tenant, word).await;
        assert_eq!(taken, Ok(DisputeTaken::Unknown), "it takes nothing, so it opens none");
    }
    let opened = ToldChargeback { standing: DisputeStatus::NeedsResponse, ..news.clone() };
    assert_eq!(intake.take_dispute(&tenant, &opened).await, Ok(DisputeTaken::Known));
    for _ in 0..2 {
        assert_eq!(intake.take_dispute(&tenant, &answered).await, Ok(DisputeTaken::Known));
    }
    let page = PageRequest::default();
    let stored = stage.store.disputes(&tenant, &DisputeFilter::default(), &page).await.unwrap().data;
    assert_eq!(stored.iter().map(|one| one.status).collect::<Vec<_>>(), [DisputeStatus::UnderReview]);
    for _ in 0..2 {
        assert_eq!(intake.take_dispute(&tenant, &news).await, Ok(DisputeTaken::Known));
    }
    let lost = ToldChargeback { standing: DisputeStatus::Lost, ..news.clone() };
    assert_eq!(intake.take_dispute(&tenant, &lost).await, Ok(DisputeTaken::Known));
    assert_eq!(intake.take_dispute(&tenant, &answered).await, Ok(DisputeTaken::Known));
    let stored = stage.store.disputes(&tenant, &DisputeFilter::default(), &page).await.unwrap().data;
    let [dispute] = stored.as_slice() else { panic!("{stored:?}") };
    assert_eq!((&dispute.told, dispute.status), (&news.dispute, DisputeStatus::Lost));
    let other = told("dp_1", "sim_ch_1", 5_001);
    let refused = intake.take_dispute(&tenant, &other).await;
    assert!(matches!(refused, Err(DisputeIntakeError::Refused(_))), "{refused:?}");
    let nobodys = told("dp_2", "sim_ch_unknown", 100);
    assert_eq!(intake.take_dispute(&tenant, &nobodys).await, Ok(DisputeTaken::Waiting));
    let topics = stage.topics();
    assert_eq!(topics.iter().filter(|topic| **topic == "chargeback.received").count(), 1, "{topics:?}");
}

#[actix_web::test]
async fn the_service_itself_keeps_the_promises_of_an_intake() {
    let stage = Stage::new();
    keeps_its_promises(&*stage.service, &stage).await;
}

#[actix_web::test]
async fn the_client_keeps_the_promises_of_an_intake_and_asks_with_its_own_key() {
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
        DisputesClient::new(reqwest::Client::new(), &base, tokens, Duration::from_secs(5))
    };
    keeps_its_promises(&client(&service_key()), &stage).await;
    let tenant = TenantId::sandbox();
    let stranger = client(&ServiceKey::from_seed([8; 32]));
    let refused = stranger.take_dispute(&tenant, &told("dp_3", "sim_ch_1", 1)).await;
    assert!(matches!(refused, Err(DisputeIntakeError::Unavailable(_))), "{refused:?}");
    handle.stop(false).await;
    let away = client(&service_key()).take_dispute(&tenant, &told("dp_3", "sim_ch_1", 1)).await;
    assert!(matches!(away, Err(DisputeIntakeError::Unavailable(_))), "{away:?}");
}

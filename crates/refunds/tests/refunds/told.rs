//! What gateways tell of refunds by themselves: taken in by a direct call and over HTTP, with the same promises.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::{Currency, Money, RefundId, TenantId};
use tender_domain::ports::{
    Avs, CallEnd, Decline, DeclineCode, GatewayAnswer, OutsideRefund, UnknownOutcome,
};
use tender_domain::refunds::{
    RefundIntake, RefundIntakeError, RefundNews, RefundOrigin, RefundStatus, RefundTaken, ToldRefund,
};
use tender_gateways::RefundsIntakeClient;
use tender_http::{ServiceKey, ServiceTokenSigner};

use crate::http::{application, service_key};
use crate::support::{Script, Stage, body, id_of, new_id};

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn no() -> Decline {
    Decline {
        code: DeclineCode::CardDeclined,
        network_code: Some("05".into()),
        message: "no".into(),
        sca: None,
    }
}

fn done(amount: Money) -> CallEnd {
    CallEnd::Answered(GatewayAnswer::Approved {
        gateway_reference: "gw_1".into(),
        amount,
        captured: false,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    })
}

fn taken_back() -> CallEnd {
    CallEnd::TakenBack { gateway_reference: "gw_1".into(), why: no() }
}

fn ours(refund: RefundId, end: CallEnd) -> ToldRefund {
    ToldRefund { connector: "simulator".into(), news: RefundNews::Ours { call: refund.into(), end } }
}

fn outside(name: &str, minor: i64) -> ToldRefund {
    let refund = OutsideRefund {
        charge_reference: "sim_ch_1".into(),
        gateway_reference: name.into(),
        amount: eur(minor),
        taken_back: None,
    };
    ToldRefund { connector: "simulator".into(), news: RefundNews::Outside(refund) }
}

/// A refund that its gateway has only accepted: nothing but its callback ends it.
async fn accepted(stage: &Stage, minor: i64, key: &str) -> RefundId {
    *stage.gateway.unknown_refund.lock().unwrap() = UnknownOutcome::CallbackOnly;
    let known = stage.charges.known.lock().unwrap().first().cloned();
    let charge = known.unwrap_or_else(|| stage.charge(&[10_000]));
    stage.gateway.next(Script::TimeoutAfter);
    let answered = stage.refund(&charge, Some(minor), key).await.unwrap();
    assert_eq!(body(&answered)["status"], "processing");
    id_of(&answered)
}

/// What everyone who takes refunds in promises to intents.
async fn keeps_its_promises(intake: &dyn RefundIntake, stage: &Stage) {
    let tenant = TenantId::sandbox();
    let take = |told: ToldRefund| {
        let tenant = tenant.clone();
        async move { intake.take_refund(&tenant, &told).await }
    };
    let first = accepted(stage, 1_000, "1").await;
    assert_eq!(take(ours(first, done(eur(1_000)))).await, Ok(RefundTaken::Applied));
    assert_eq!(take(ours(first, done(eur(1_000)))).await, Ok(RefundTaken::Known));
    assert_eq!(stage.stored(first).await.status(), RefundStatus::Succeeded);
    let other = take(ours(first, done(eur(999)))).await;
    assert!(matches!(other, Err(RefundIntakeError::Refused(_))), "{other:?}");

    let second = accepted(stage, 2_000, "2").await;
    let declined = CallEnd::Answered(GatewayAnswer::Declined(no()));
    assert_eq!(take(ours(second, declined)).await, Ok(RefundTaken::Applied));
    assert_eq!(stage.stored(second).await.failure().unwrap().network_code.as_deref(), Some("05"));
    let third = accepted(stage, 2_500, "3").await;
    assert_eq!(take(ours(third, CallEnd::NotDone("lost".into()))).await, Ok(RefundTaken::Applied));
    assert_eq!(stage.stored(third).await.status(), RefundStatus::Failed);

    assert_eq!(take(ours(first, taken_back())).await, Ok(RefundTaken::Applied), "after it had succeeded");
    assert_eq!(take(ours(first, taken_back())).await, Ok(RefundTaken::Known));
    assert_eq!(stage.stored(first).await.status(), RefundStatus::Failed);

    let fourth = accepted(stage, 3_000, "4").await;
    let way = GatewayAnswer::Challenge {
        url: "https://bank.example".into(),
        challenge_reference: "c".into(),
        creq: None,
    };
    assert_eq!(take(ours(fourth, CallEnd::Answered(way))).await, Ok(RefundTaken::Applied));
    assert_eq!(stage.stored(fourth).await.status(), RefundStatus::RequiresAction);
    assert_eq!(
        take(ours(fourth, done(eur(2_999)))).await,
        Ok(RefundTaken::Applied),
        "a conflict, which is kept"
    );
    assert!(stage.stored(fourth).await.attempt().unwrap().conflict.is_some());

    assert!(matches!(take(ours(new_id(), done(eur(1)))).await, Ok(RefundTaken::Unmatched(_))));
    let elsewhere = ToldRefund { connector: "adyen".into(), ..ours(first, done(eur(1_000))) };
    assert!(matches!(take(elsewhere).await, Ok(RefundTaken::Unmatched(_))), "no other's word counts");

    assert_eq!(take(outside("gw_out", 500)).await, Ok(RefundTaken::Applied));
    assert_eq!(take(outside("gw_out", 500)).await, Ok(RefundTaken::Known));
    let differs = take(outside("gw_out", 501)).await;
    assert!(matches!(differs, Err(RefundIntakeError::Refused(_))), "{differs:?}");
    let early = ToldRefund {
        news: RefundNews::Outside(OutsideRefund {
            charge_reference: "sim_ch_9".into(),
            gateway_reference: "gw_out".into(),
            amount: eur(1),
            taken_back: Some(no()),
        }),
        connector: "simulator".into(),
    };
    let early = take(early).await;
    assert!(matches!(early, Err(RefundIntakeError::Unavailable(_))), "its charge may still come: {early:?}");

    let topics = stage.topics();
    let count = |topic: &str| topics.iter().filter(|told| **told == topic).count();
    assert_eq!((count("refund.processed"), count("refund-failed")), (2, 3), "{topics:?}");
    assert_eq!(count("alert.raised"), 1, "the conflict: {topics:?}");
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
        RefundsIntakeClient::new(reqwest::Client::new(), &base, tokens, Duration::from_secs(5))
    };
    keeps_its_promises(&client(&service_key()), &stage).await;
    let tenant = TenantId::sandbox();
    let stranger = client(&ServiceKey::from_seed([8; 32]));
    let refused = stranger.take_refund(&tenant, &outside("gw_out_2", 1)).await;
    assert!(matches!(refused, Err(RefundIntakeError::Unavailable(_))), "{refused:?}");
    handle.stop(false).await;
    let away = client(&service_key()).take_refund(&tenant, &outside("gw_out_2", 1)).await;
    assert!(matches!(away, Err(RefundIntakeError::Unavailable(_))), "{away:?}");
}

#[actix_web::test]
async fn a_callback_while_the_call_is_on_its_way_ends_the_refund_once() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Hang);
    let (called, told) = futures_util::join!(stage.refund(&charge, Some(4_000), "k"), async {
        let calls = || stage.gateway.calls.lock().unwrap().first().cloned();
        while calls().is_none() {
            tokio::task::yield_now().await;
        }
        let id: RefundId = calls().unwrap().reference.parse().unwrap();
        let told = stage.service.take_refund(&TenantId::sandbox(), &ours(id, done(eur(4_000)))).await;
        stage.gateway.release();
        told
    });
    assert_eq!(told, Ok(RefundTaken::Applied));
    assert_eq!(body(&called.unwrap())["status"], "succeeded");
    assert_eq!(stage.topics(), ["refund.processed"], "told once");
}

#[actix_web::test]
async fn of_ours_and_one_of_the_dashboard_both_land_and_what_is_missing_is_told() {
    let stage = Stage::new();
    let id = accepted(&stage, 9_000, "k").await;
    let tenant = TenantId::sandbox();
    let news = outside("gw_out", 2_000);
    let tells = (0..8).map(|_| stage.service.take_refund(&tenant, &news));
    let taken = futures_util::future::join_all(tells).await;
    let applied = taken.iter().filter(|one| **one == Ok(RefundTaken::Applied)).count();
    assert_eq!(applied, 1, "{taken:?}");
    let charge = tender_domain::refunds::RefundStore::charge_of_refund(&*stage.store, &tenant, id);
    let charge = charge.await.unwrap().expect("it is there");
    let adopted: Vec<_> = charge.refunds.iter().filter(|one| one.origin == RefundOrigin::Gateway).collect();
    assert_eq!((adopted.len(), charge.shortfall()), (1, eur(1_000)));
    let told = stage.told();
    let shortfall = told.iter().filter(|(_, data)| data["code"] == "charge_shortfall").count();
    assert_eq!(shortfall, 1, "{told:?}");
    let processed = told.iter().find(|(_, data)| data["refundId"] == adopted[0].id.to_string());
    assert_eq!(processed.expect("the ledger hears of it").1["origin"], "gateway");
    let known = stage.charges.known.lock().unwrap()[0].clone();
    let refused = stage.refund(&known, Some(1), "more").await;
    assert_eq!(refused.unwrap().answer.status, 422, "nothing is left");
}

//! What a restart keeps, and what is said while the books are away.

use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, Refund, ThreeDs,
};
use tender_domain::simulator::SimulatorBooks;
use tender_simulator_store::PgSimulatorBooks;

use crate::rig;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn authorization() -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        amount: eur(900),
        capture: true,
        token: "tok_visa".into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::default(),
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

#[tokio::test]
async fn a_restarted_simulator_gives_the_first_answers_again() {
    let database = rig::database().await;
    let before = rig::simulator(PgSimulatorBooks::new(rig::pool(&database).await));
    let request = authorization();
    let answer = before.authorize(&request).await.expect("answered");
    let GatewayAnswer::Approved { gateway_reference, .. } = answer.clone() else {
        panic!("approved: {answer:?}")
    };
    let refund = Refund {
        tenant: TenantId::sandbox(),
        reference: "rf_1".to_owned(),
        gateway_reference: gateway_reference.clone(),
        amount: eur(400),
    };
    let refunded = before.refund(&refund).await.expect("answered");
    drop(before);

    let books = PgSimulatorBooks::new(rig::pool(&database).await);
    let after = rig::simulator(books.clone());
    assert_eq!(after.authorize(&request).await.expect("answered"), answer);
    assert_eq!(after.refund(&refund).await.expect("answered"), refunded);
    let lookup =
        LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Refund, reference: "rf_1".to_owned() };
    assert_eq!(after.lookup(&lookup).await.expect("answered"), Lookup::Answered(refunded));
    let payment = books.payment(&TenantId::sandbox(), &gateway_reference).await.expect("books are there");
    let payment = payment.expect("it was booked");
    assert_eq!((payment.captured_minor, payment.refunded_minor), (900, 400));
}

#[tokio::test]
async fn without_its_books_the_simulator_knows_nothing() {
    let database = rig::database().await;
    let pool = rig::pool(&database).await;
    let simulator = rig::simulator(PgSimulatorBooks::new(pool.clone()));
    pool.close().await;
    let answer = simulator.authorize(&authorization()).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
    let lookup = LookupRequest {
        tenant: TenantId::sandbox(),
        kind: CallKind::Authorize,
        reference: "att_1".to_owned(),
    };
    let found = simulator.lookup(&lookup).await;
    assert!(matches!(found, Err(GatewayError::Unknown(_))), "not found must not be said: {found:?}");
}

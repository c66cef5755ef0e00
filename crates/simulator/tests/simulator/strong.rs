//! Authentication, exemptions and sessions, as the simulated issuers and banks have them.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    AgreementKind, AuthenticationFlow, AuthenticationStatus, Authorize, CallKind, Clock, CompleteChallenge,
    DeclineCode, Exemption, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, ScaAnswer,
    ScaRequest, SessionFlow, SessionRequest, ThreeDs,
};
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_testkit::ManualClock;

struct Bank {
    simulator: SimulatorGateway,
    books: Arc<MemorySimulatorBooks>,
    clock: Arc<ManualClock>,
}

fn bank() -> Bank {
    let (books, clock) = (Arc::new(MemorySimulatorBooks::new()), Arc::new(ManualClock::default()));
    let options = SimulatorOptions::new("a secret of tests").with_delay(Duration::ZERO);
    let simulator = SimulatorGateway::new(books.clone(), clock.clone(), options);
    Bank { simulator, books, clock }
}

fn authorization(token: &str) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: format!("att_{token}"),
        amount: Money::new(1_000, Currency::EUR),
        capture: true,
        token: token.into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::Automatic,
        sca: ScaRequest::default(),
        payer: Default::default(),
        session: None,
    }
}

fn told(answer: &GatewayAnswer) -> ScaAnswer {
    match answer {
        GatewayAnswer::Approved { sca, .. } => sca.as_deref().cloned().unwrap_or_default(),
        GatewayAnswer::Declined(decline) => decline.sca.as_deref().cloned().unwrap_or_default(),
        GatewayAnswer::Challenge { .. } => ScaAnswer::default(),
    }
}

async fn complete(bank: &Bank, reference: &str, result: &str) -> GatewayAnswer {
    let request = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        challenge_reference: String::new(),
        result: result.to_owned(),
    };
    bank.simulator.complete_challenge(&request).await.expect("answered")
}

async fn became(bank: &Bank, reference: &str) -> Lookup {
    let request = LookupRequest {
        tenant: TenantId::sandbox(),
        kind: CallKind::Authorize,
        reference: reference.to_owned(),
    };
    bank.simulator.lookup(&request).await.expect("answered")
}

#[tokio::test]
async fn each_status_of_an_authentication_without_a_challenge_has_its_token() {
    use AuthenticationStatus as S;
    let bank = bank();
    for (token, status, eci, shifted, approved) in [
        ("tok_3ds_frictionless", S::Y, "05", true, true),
        ("tok_3ds_attempted", S::A, "06", true, true),
        ("tok_3ds_unavailable", S::U, "07", false, true),
        ("tok_3ds_not_authenticated", S::N, "07", false, false),
        ("tok_3ds_rejected", S::R, "07", false, false),
    ] {
        let answer = bank.simulator.authorize(&authorization(token)).await.expect("answered");
        assert_eq!(matches!(answer, GatewayAnswer::Approved { .. }), approved, "{token}: {answer:?}");
        let known = told(&answer).authentication.expect("it was tried");
        assert_eq!((known.status, known.eci.as_deref(), known.liability_shift), (status, Some(eci), shifted));
        assert_eq!(known.flow, AuthenticationFlow::Frictionless);
        let again = bank.simulator.authorize(&authorization(token)).await.expect("answered");
        assert_eq!(again, answer, "a repetition is told the same");
        assert_eq!(became(&bank, &authorization(token).reference).await, Lookup::Answered(answer));
    }
}

#[tokio::test]
async fn a_challenge_leaves_what_it_came_to_and_a_plain_payment_nothing() {
    let bank = bank();
    for (token, result, status) in [
        ("tok_challenge", "success", AuthenticationStatus::Y),
        ("tok_challenge_fail", "success", AuthenticationStatus::N),
    ] {
        let asked = authorization(token);
        let answer = bank.simulator.authorize(&asked).await.expect("answered");
        assert!(matches!(answer, GatewayAnswer::Challenge { .. }), "{answer:?}");
        let known =
            told(&complete(&bank, &asked.reference, result).await).authentication.expect("it was met");
        assert_eq!((known.status, known.flow), (status, AuthenticationFlow::Challenge));
        assert_eq!(known.liability_shift, status == AuthenticationStatus::Y);
    }
    let plain = bank.simulator.authorize(&authorization("tok_visa")).await.expect("answered");
    assert_eq!(told(&plain), ScaAnswer::default());
}

#[tokio::test]
async fn an_exemption_is_granted_or_answered_with_a_challenge() {
    let bank = bank();
    let asked = |token| {
        let sca = ScaRequest { exemption: Some(Exemption::LowValue), ..ScaRequest::default() };
        Authorize { sca, ..authorization(token) }
    };
    let granted = bank.simulator.authorize(&asked("tok_visa")).await.expect("answered");
    assert_eq!(told(&granted).exemption_granted, Some(true));
    let refused = bank.simulator.authorize(&asked("tok_exemption_refused")).await.expect("answered");
    assert!(matches!(refused, GatewayAnswer::Challenge { .. }), "{refused:?}");
    let ended = complete(&bank, "att_tok_exemption_refused", "success").await;
    assert_eq!(told(&ended).exemption_granted, Some(false));
    let other = Authorize { amount: Money::new(999, Currency::EUR), ..asked("tok_visa") };
    assert!(matches!(bank.simulator.authorize(&other).await, Err(GatewayError::NotDone(_))));
    let without = authorization("tok_visa");
    let without = bank.simulator.authorize(&without).await;
    assert!(
        matches!(without, Err(GatewayError::NotDone(_))),
        "another request under the reference: {without:?}"
    );
}

#[tokio::test]
async fn a_soft_decline_asks_for_authentication_and_a_mandate_gets_the_networks_name() {
    let bank = bank();
    let soft = bank.simulator.authorize(&authorization("tok_soft_decline")).await.expect("answered");
    let GatewayAnswer::Declined(decline) = &soft else { panic!("{soft:?}") };
    assert_eq!(
        (decline.code, decline.network_code.as_deref()),
        (DeclineCode::AuthenticationRequired, Some("1A"))
    );
    let forced = Authorize {
        reference: "att_2".to_owned(),
        three_ds: ThreeDs::Force,
        sca: ScaRequest { begins: Some(AgreementKind::Recurring), ..ScaRequest::default() },
        ..authorization("tok_soft_decline")
    };
    let forced = bank.simulator.authorize(&forced).await.expect("answered");
    assert!(matches!(forced, GatewayAnswer::Challenge { .. }), "{forced:?}");
    assert!(told(&complete(&bank, "att_2", "success").await).network_transaction_id.is_some());
}

fn session(bank: &Bank, method: &str) -> Authorize {
    let session = SessionRequest {
        method: method.to_owned(),
        flow: SessionFlow::Redirect,
        return_url: Some("https://shop.test/back".to_owned()),
        expires_at: bank.clock.now() + Duration::from_secs(60),
        page: None,
    };
    Authorize { session: Some(session), ..authorization("") }
}

fn page(answer: &GatewayAnswer) -> String {
    match answer {
        GatewayAnswer::Challenge { challenge_reference, .. } => challenge_reference.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_is_ended_by_its_customer_and_by_nobody_who_comes_back() {
    let bank = bank();
    let begun = bank.simulator.authorize(&session(&bank, "ideal")).await.expect("answered");
    assert_eq!(complete(&bank, "att_", "success").await, begun, "who comes back without having paid");
    assert!(bank.simulator.end_session(&page(&begun), "success").await.expect("books are there"));
    assert!(
        !bank.simulator.end_session(&page(&begun), "failed").await.expect("books are there"),
        "it is over"
    );
    let paid = complete(&bank, "att_", "").await;
    assert!(matches!(paid, GatewayAnswer::Approved { captured: true, .. }), "{paid:?}");
    assert_eq!(became(&bank, "att_").await, Lookup::Answered(paid));
    let due =
        tender_domain::simulator::SimulatorBooks::due_callbacks(&*bank.books, bank.clock.now(), 9).await;
    assert_eq!(due.expect("books are there").len(), 1, "it is told by callback, once");
}

#[tokio::test]
async fn a_session_that_nobody_pays_in_time_can_never_be_paid() {
    let bank = bank();
    let begun = bank.simulator.authorize(&session(&bank, "klarna")).await.expect("answered");
    bank.clock.advance(Duration::from_secs(60));
    assert!(!bank.simulator.end_session(&page(&begun), "success").await.expect("books are there"));
    let Lookup::Answered(GatewayAnswer::Declined(decline)) = became(&bank, "att_").await else {
        panic!("declined")
    };
    assert_eq!(decline.code, DeclineCode::AuthenticationAbandoned);
}

#[tokio::test]
async fn a_method_that_it_does_not_have_is_not_done() {
    let bank = bank();
    let answer = bank.simulator.authorize(&session(&bank, "bizum")).await;
    assert!(matches!(answer, Err(GatewayError::NotDone(_))), "{answer:?}");
}

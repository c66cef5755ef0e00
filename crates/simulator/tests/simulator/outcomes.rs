//! What each test token, card and amount leads to.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, CardData, CompleteChallenge, DeclineCode, GatewayAnswer, GatewayError, Lookup,
    LookupRequest, PaymentGateway, ThreeDs,
};
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{SimulatorGateway, SimulatorOptions, test_cards};
use tender_testkit::ManualClock;

const DELAY: Duration = Duration::from_millis(30);

fn simulator() -> (SimulatorGateway, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options =
        SimulatorOptions::new("a secret of tests").with_delay(DELAY).with_public_url("https://pay.test/");
    (SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), clock.clone(), options), clock)
}

fn authorization(reference: &str, token: &str, amount: Money) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount,
        capture: true,
        token: token.into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::default(),
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn card(number: &str, exp_month: u8, exp_year: u16) -> CardData {
    CardData { number: number.into(), exp_month, exp_year, cvc: None, holder_name: None }
}

/// An answer in a word.
fn word(answer: &Result<GatewayAnswer, GatewayError>) -> String {
    match answer {
        Ok(GatewayAnswer::Approved { amount, captured: true, .. }) => format!("approved {amount}"),
        Ok(GatewayAnswer::Approved { amount, .. }) => format!("held {amount}"),
        Ok(GatewayAnswer::Declined(decline)) => {
            format!("{} {}", decline.code.as_str(), decline.network_code.as_deref().unwrap_or("-"))
        }
        Ok(GatewayAnswer::Challenge { url, .. }) => {
            assert!(url.starts_with("https://pay.test/simulator/challenge/chl_"), "{url}");
            "challenge".to_owned()
        }
        Err(GatewayError::NotDone(_)) => "not done".to_owned(),
        Err(GatewayError::NotNow(_)) => "not now".to_owned(),
        Err(GatewayError::Unknown(_)) => "unknown".to_owned(),
    }
}

const EXPECTED: &[(&str, &str)] = &[
    ("tok_visa", "approved 10.00 EUR"),
    ("tok_mastercard", "approved 10.00 EUR"),
    ("tok_amex", "approved 10.00 EUR"),
    ("tok_declined", "card_declined 05"),
    ("tok_insufficient_funds", "insufficient_funds 51"),
    ("tok_expired_card", "expired_card 54"),
    ("tok_stolen", "stolen_card 43"),
    ("tok_challenge", "challenge"),
    ("tok_challenge_fail", "challenge"),
    ("tok_slow", "approved 10.00 EUR"),
    ("tok_timeout_before", "unknown"),
    ("tok_timeout_after", "unknown"),
    ("tok_error", "not done"),
    ("tok_wrong_amount", "approved 10.01 EUR"),
    ("tok_dispute", "approved 10.00 EUR"),
    ("tok_server_error", "unknown"),
    ("tok_malformed", "unknown"),
    ("tok_callback_duplicate", "approved 10.00 EUR"),
    ("tok_callback_late", "approved 10.00 EUR"),
    ("tok_callback_out_of_order", "approved 10.00 EUR"),
    ("tok_callback_before_answer", "approved 10.00 EUR"),
    ("tok_callback_only", "unknown"),
    ("tok_3ds_frictionless", "approved 10.00 EUR"),
    ("tok_3ds_attempted", "approved 10.00 EUR"),
    ("tok_3ds_unavailable", "approved 10.00 EUR"),
    ("tok_3ds_not_authenticated", "authentication_failed -"),
    ("tok_3ds_rejected", "authentication_failed -"),
    ("tok_soft_decline", "authentication_required 1A"),
    ("tok_exemption_refused", "approved 10.00 EUR"),
    ("tok_refund_pending", "approved 10.00 EUR"),
    ("tok_refund_fails", "approved 10.00 EUR"),
    ("tok_refund_taken_back", "approved 10.00 EUR"),
    ("tok_refund_retried", "approved 10.00 EUR"),
    ("tok_refund_unfunded", "approved 10.00 EUR"),
    ("tok_refund_needs_action", "approved 10.00 EUR"),
    ("tok_lookup_fails", "unknown"),
    ("tok_lookup_other_amount", "unknown"),
    ("tok_challenge_answer_lost", "challenge"),
];

#[tokio::test]
async fn every_test_token_and_its_card_lead_to_what_is_published() {
    let (simulator, _) = simulator();
    assert_eq!(EXPECTED.len(), test_cards().len(), "every test card has an expectation");
    for (token, expected) in EXPECTED {
        let answer = simulator.authorize(&authorization(token, token, eur(1_000))).await;
        assert_eq!(word(&answer), *expected, "{token}");

        let published = test_cards().iter().find(|card| card.token == *token).expect("published");
        let made =
            simulator.tokenise(&TenantId::sandbox(), &card(published.number, 1, 2030)).await.expect("a card");
        let reference = format!("card of {token}");
        let answer =
            simulator.authorize(&authorization(&reference, made.token.expose_secret(), eur(1_000))).await;
        assert_eq!(word(&answer), *expected, "{}", published.description);
    }
}

#[tokio::test]
async fn an_amount_that_carries_a_response_code_is_answered_with_it() {
    let (simulator, _) = simulator();
    for (minor, expected) in [
        (990_000, "approved 9900.00 EUR"),
        (990_005, "do_not_honor 05"),
        (995_151, "insufficient_funds 51"),
        (990_054, "expired_card 54"),
        (999_991, "issuer_unavailable 91"),
        (999_999, "card_declined 99"),
        (1_000_005, "approved 10000.05 EUR"),
    ] {
        let answer =
            simulator.authorize(&authorization(&format!("att_{minor}"), "tok_visa", eur(minor))).await;
        assert_eq!(word(&answer), expected);
    }
    let yen = Money::new(9_905, Currency::JPY);
    assert_eq!(word(&simulator.authorize(&authorization("yen", "tok_visa", yen)).await), "approved 9905 JPY");
}

#[tokio::test]
async fn a_card_is_good_to_the_end_of_its_month() {
    // The clock stands in March 2026.
    let (simulator, _) = simulator();
    for (month, year, expected) in
        [(3, 2026, "approved 10.00 EUR"), (2, 2026, "expired_card 54"), (12, 2025, "expired_card 54")]
    {
        let made = simulator.tokenise(&TenantId::sandbox(), &card("4111111111111111", month, year)).await;
        let token = made.expect("a card").token;
        let reference = format!("{month}/{year}");
        let answer = simulator.authorize(&authorization(&reference, token.expose_secret(), eur(1_000))).await;
        assert_eq!(word(&answer), expected, "{reference}");
    }
}

#[tokio::test]
async fn a_slow_authorization_is_pending_until_its_delay_has_passed() {
    let (simulator, clock) = simulator();
    let request = authorization("att_slow", "tok_slow", eur(1_000));
    let answer = simulator.authorize(&request).await.expect("answered after the delay");
    let lookup = LookupRequest {
        tenant: TenantId::sandbox(),
        kind: CallKind::Authorize,
        reference: "att_slow".to_owned(),
    };
    // By the simulator's clock, which stands still, no time has passed.
    assert_eq!(simulator.lookup(&lookup).await.expect("answered"), Lookup::Pending);
    clock.advance(DELAY);
    assert_eq!(simulator.lookup(&lookup).await.expect("answered"), Lookup::Answered(answer));
}

#[tokio::test]
async fn a_challenge_that_always_fails_and_an_amount_that_declines_end_declined() {
    let (simulator, _) = simulator();
    for (token, minor, code) in [
        ("tok_challenge_fail", 1_000, DeclineCode::AuthenticationFailed),
        ("tok_challenge", 990_051, DeclineCode::InsufficientFunds),
    ] {
        let request = authorization(token, token, eur(minor));
        assert_eq!(word(&simulator.authorize(&request).await), "challenge");
        let complete = CompleteChallenge {
            tenant: request.tenant.clone(),
            reference: request.reference.clone(),
            challenge_reference: String::new(),
            result: "success".to_owned(),
        };
        let answer = simulator.complete_challenge(&complete).await.expect("answered");
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
}

#[tokio::test]
async fn references_that_the_books_cannot_hold_are_not_done() {
    let (simulator, _) = simulator();
    for reference in [String::new(), "x".repeat(256), "a\0b".to_owned()] {
        let answer = simulator.authorize(&authorization(&reference, "tok_visa", eur(1_000))).await;
        assert_eq!(word(&answer), "not done", "{reference:?}");
        let lookup = LookupRequest {
            tenant: TenantId::sandbox(),
            kind: CallKind::Authorize,
            reference: reference.clone(),
        };
        assert_eq!(simulator.lookup(&lookup).await.expect("answered"), Lookup::NotFound);
    }
}

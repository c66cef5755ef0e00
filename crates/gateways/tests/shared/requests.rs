//! What the tests of every gateway ask for, and how they look at answers.

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Address, Authorize, Browser, Capture, Contact, Decline, GatewayAnswer, GatewayError, Payer,
    PaymentGateway, Refund, ThreeDs, Void,
};

pub(crate) type Outcome = Result<GatewayAnswer, GatewayError>;

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(crate) fn authorization(reference: &str, token: &str, minor: i64, capture: bool) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount: eur(minor),
        capture,
        token: SecretString::from(token),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::Automatic,
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

/// Somebody whole: with an address to bill, one to send to, and a browser.
pub(crate) fn payer() -> Payer {
    let contact = |name: &str, line1: &str| {
        Box::new(Contact {
            name: Some(name.into()),
            email: Some("ada@example.com".into()),
            phone: Some("+49 30 123456".into()),
            address: Some(Address {
                line1: Some(line1.into()),
                line2: None,
                city: Some("Berlin".into()),
                state: None,
                postal_code: Some("10115".into()),
                country: Some("DE".into()),
            }),
        })
    };
    Payer {
        billing: Some(contact("Ada King Byron", "Hauptstrasse 7")),
        shipping: Some(contact("Bob", "Weg 1")),
        browser: Some(Box::new(Browser {
            ip: Some([203, 0, 113, 7].into()),
            user_agent: Some("Lynx/2.9".into()),
            accept_header: Some("text/html".into()),
            language: Some("de-DE".into()),
            color_depth: Some(24),
            screen_height: Some(1_080),
            screen_width: Some(1_920),
            timezone_offset_minutes: Some(-60),
            java_enabled: Some(false),
            javascript_enabled: Some(true),
        })),
    }
}

pub(crate) fn capture_of(reference: &str, gateway_reference: &str, minor: i64) -> Capture {
    Capture {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        gateway_reference: gateway_reference.to_owned(),
        amount: eur(minor),
        is_final: true,
        is_again: false,
    }
}

pub(crate) fn void_of(attempt: &str, gateway_reference: &str) -> Void {
    Void {
        tenant: TenantId::sandbox(),
        reference: format!("{attempt}/void"),
        gateway_reference: gateway_reference.to_owned(),
    }
}

pub(crate) fn refund_of(reference: &str, gateway_reference: &str, minor: i64) -> Refund {
    Refund {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        gateway_reference: gateway_reference.to_owned(),
        amount: eur(minor),
    }
}

/// What a gateway calls what it did, which was exactly this.
pub(crate) fn approval(answer: &Outcome, minor: i64, was_captured: bool) -> String {
    match answer {
        Ok(GatewayAnswer::Approved { gateway_reference, amount, captured, .. }) => {
            assert_eq!((*amount, *captured), (eur(minor), was_captured));
            gateway_reference.clone()
        }
        other => panic!("approved expected: {other:?}"),
    }
}

/// What the gateway calls what it declined; none when it left nothing.
#[allow(dead_code, reason = "not each gateway declines in more ways than the promises show")]
pub(crate) fn name_left(why: &Decline) -> Option<&str> {
    why.sca.as_ref()?.declined.as_ref()?.gateway_reference.as_deref()
}

/// Surely without an effect, for good or for now.
pub(crate) fn assert_not_done(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::NotDone(_) | GatewayError::NotNow(_))), "{answer:?}");
}

pub(crate) fn assert_unknown(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
}

/// That a challenge is still to be met, where it was.
#[allow(dead_code, reason = "not each gateway has challenges that stay open")]
pub(crate) fn assert_still_open(answer: &Outcome, challenge: &str) {
    let url = String::new();
    let open = GatewayAnswer::Challenge { url, challenge_reference: challenge.to_owned(), creq: None };
    assert!(answer.as_ref().is_ok_and(|answer| *answer == open), "{answer:?}");
}

/// How the next effect is answered with nothing of the gateway's own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Silence {
    /// It is done, and never answered.
    Lost,
    /// It is done, and somebody between us answers with a page.
    Page,
    /// It is not done, and somebody between us answers that all is well.
    Foreign,
}

/// Nothing but a gateway's own words ends a capture, a void or a refund; `befall` says how the next effect is answered.
pub(crate) async fn what_says_nothing_is_unknown(
    gateway: &dyn PaymentGateway,
    token: &str,
    befall: impl Fn(Silence),
) {
    for silence in [Silence::Lost, Silence::Page, Silence::Foreign] {
        let name = |what: &str| format!("{what}_{silence:?}");
        let attempt = name("att_capture");
        let held =
            approval(&gateway.authorize(&authorization(&attempt, token, 900, false)).await, 900, false);
        befall(silence);
        assert_unknown(&gateway.capture(&capture_of(&name("cap"), &held, 900)).await);
        let attempt = name("att_void");
        let held =
            approval(&gateway.authorize(&authorization(&attempt, token, 900, false)).await, 900, false);
        befall(silence);
        assert_unknown(&gateway.void(&void_of(&attempt, &held)).await);
        let attempt = name("att_refund");
        let taken = approval(&gateway.authorize(&authorization(&attempt, token, 900, true)).await, 900, true);
        befall(silence);
        assert_unknown(&gateway.refund(&refund_of(&name("rf"), &taken, 300)).await);
    }
}

//! What the tests of every gateway ask for, and how they look at answers.

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{Authorize, Capture, GatewayAnswer, GatewayError, Refund, ThreeDs, Void};

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
        session: None,
    }
}

pub(crate) fn capture_of(reference: &str, gateway_reference: &str, minor: i64) -> Capture {
    Capture {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        gateway_reference: gateway_reference.to_owned(),
        amount: eur(minor),
        is_final: true,
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

pub(crate) fn assert_not_done(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::NotDone(_))), "{answer:?}");
}

pub(crate) fn assert_unknown(answer: &Outcome) {
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
}

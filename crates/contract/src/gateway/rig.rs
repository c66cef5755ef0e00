//! What a gateway is put to the test with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, Capture, DeclineCode, GatewayAnswer, GatewayError, Lookup, LookupRequest,
    PaymentGateway, Refund, ThreeDs, Void,
};

/// A gateway with what is needed to put it to the test.
pub struct GatewayRig {
    /// The gateway.
    pub gateway: Arc<dyn PaymentGateway>,
    /// The tenant it is asked for.
    pub tenant: TenantId,
    /// A token that is approved.
    pub approved: &'static str,
    /// A token that is declined, and why.
    pub declined: (&'static str, DeclineCode),
    /// A token that is challenged, and what a challenge that is met ends with.
    pub challenged: (&'static str, &'static str),
    /// A token whose authorization is done but whose answer is lost.
    pub lost_after: &'static str,
    /// A token whose authorization is lost on the way.
    pub lost_before: &'static str,
    /// A token whose call the gateway refuses.
    pub refused: &'static str,
    /// A token that is approved for another amount.
    pub wrong_amount: &'static str,
    /// The number of a card that is approved, its scheme and last four digits.
    pub card: (&'static str, &'static str, &'static str),
    references: AtomicU64,
}

impl GatewayRig {
    /// A rig with the simulator's test tokens.
    #[must_use]
    pub fn simulator(gateway: Arc<dyn PaymentGateway>, tenant: TenantId) -> Self {
        Self {
            gateway,
            tenant,
            approved: "tok_visa",
            declined: ("tok_insufficient_funds", DeclineCode::InsufficientFunds),
            challenged: ("tok_challenge", "success"),
            lost_after: "tok_timeout_after",
            lost_before: "tok_timeout_before",
            refused: "tok_error",
            wrong_amount: "tok_wrong_amount",
            card: ("4242424242424242", "VISA", "4242"),
            references: AtomicU64::new(0),
        }
    }

    pub(super) fn reference(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.references.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn authorization(&self, token: &str, minor: i64, capture: bool) -> Authorize {
        Authorize {
            tenant: self.tenant.clone(),
            reference: self.reference("att"),
            amount: eur(minor),
            capture,
            token: SecretString::from(token),
            statement_descriptor: None,
            off_session: false,
            three_ds: ThreeDs::default(),
            sca: Default::default(),
            session: None,
        }
    }

    pub(super) fn captures(&self, gateway_reference: &str, minor: i64, is_final: bool) -> Capture {
        Capture {
            tenant: self.tenant.clone(),
            reference: self.reference("cap"),
            gateway_reference: gateway_reference.to_owned(),
            amount: eur(minor),
            is_final,
        }
    }

    pub(super) fn refunds(&self, gateway_reference: &str, minor: i64) -> Refund {
        Refund {
            tenant: self.tenant.clone(),
            reference: self.reference("rf"),
            gateway_reference: gateway_reference.to_owned(),
            amount: eur(minor),
        }
    }

    pub(super) fn voids(&self, gateway_reference: &str) -> Void {
        let reference = self.reference("void");
        Void { tenant: self.tenant.clone(), reference, gateway_reference: gateway_reference.to_owned() }
    }

    pub(super) async fn held(&self, minor: i64) -> String {
        let answer = self.gateway.authorize(&self.authorization(self.approved, minor, false)).await;
        gateway_reference(&answer.expect("an authorization is answered"))
    }

    pub(super) async fn taken(&self, minor: i64) -> String {
        let answer = self.gateway.authorize(&self.authorization(self.approved, minor, true)).await;
        gateway_reference(&answer.expect("an authorization is answered"))
    }

    pub(super) async fn became(&self, kind: CallKind, reference: &str) -> Lookup {
        let request = LookupRequest { tenant: self.tenant.clone(), kind, reference: reference.to_owned() };
        self.gateway.lookup(&request).await.expect("a lookup is answered")
    }
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn gateway_reference(answer: &GatewayAnswer) -> String {
    match answer {
        GatewayAnswer::Approved { gateway_reference, .. } => gateway_reference.clone(),
        other => panic!("approved expected: {other:?}"),
    }
}

pub(super) fn assert_approved(answer: &GatewayAnswer, minor: i64, taken: bool) {
    match answer {
        GatewayAnswer::Approved { amount, captured, .. } => {
            assert_eq!((*amount, *captured), (eur(minor), taken))
        }
        other => panic!("approved expected: {other:?}"),
    }
}

pub(super) fn assert_not_done<T: std::fmt::Debug>(answer: &Result<T, GatewayError>) {
    assert!(matches!(answer, Err(GatewayError::NotDone(_))), "not done expected: {answer:?}");
}

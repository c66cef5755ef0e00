//! What a gateway is put to the test with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallEnd, CallKind, CallbackHeaders, Capture, DeclineCode, GatewayAnswer, GatewayError,
    GatewayFact, Lookup, LookupRequest, NEVER_FINAL, PaymentGateway, Refund, ThreeDs, UnknownOutcome, Void,
};

use super::declines::ToldOfDecline;

/// What is to become of the next authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is done, and its answer is lost.
    AnswerLost,
    /// It is lost on the way.
    CallLost,
    /// The gateway refuses the call itself.
    Refused,
    /// It is approved for another amount.
    WrongAmount,
}

/// Prepares a trouble; gives the token to authorize with.
type Troubling = Box<dyn Fn(Trouble) -> &'static str + Send + Sync>;
/// Has the customer meet a challenge, or fail it; gives what the browser brings back. What ended before stays as it is.
type Meeting = Box<dyn Fn(&str, bool) -> String + Send + Sync>;
/// The callbacks that the gateway sent until now: headers and body.
pub type Sent = Box<dyn Fn() -> Vec<(Vec<(String, String)>, Vec<u8>)> + Send + Sync>;

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
    /// What it tells of that decline beside.
    pub told_of_decline: ToldOfDecline,
    /// A token that is challenged; none where no token is, because challenges are met on the gateway's own page alone.
    pub challenged: Option<&'static str>,
    /// How a challenge is met.
    pub meet: Meeting,
    /// How a call gets into trouble.
    pub trouble: Troubling,
    /// The number of a card that is approved, its scheme and last four digits; none where no card numbers are taken.
    pub card: Option<(&'static str, &'static str, &'static str)>,
    /// Whether the gateway itself knows whose a payment is. Where all tenants share an account, only our own store does.
    pub knows_tenants: bool,
    /// Whether it names the amount of what it did. Where it does not, what was done is what was asked.
    pub names_amounts: bool,
    /// Whether it knows a repetition of a call by our reference. Where it does not, nobody calls twice.
    pub knows_repetitions: bool,
    /// What it sent by callback, and when; for a gateway that ends by callback.
    pub sent: Option<(Sent, Timestamp)>,
    /// The number of the next reference.
    pub references: AtomicU64,
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
            told_of_decline: ToldOfDecline {
                response_code: Some("51"),
                acquirer: Some("simulator"),
                avs: Some("Y"),
                cvv: Some("M"),
            },
            challenged: Some("tok_challenge"),
            meet: Box::new(|_, met| if met { "success" } else { "failed" }.to_owned()),
            trouble: Box::new(|trouble| match trouble {
                Trouble::AnswerLost => "tok_timeout_after",
                Trouble::CallLost => "tok_timeout_before",
                Trouble::Refused => "tok_error",
                Trouble::WrongAmount => "tok_wrong_amount",
            }),
            card: Some(("4242424242424242", "VISA", "4242")),
            knows_tenants: true,
            names_amounts: true,
            knows_repetitions: true,
            sent: None,
            references: AtomicU64::new(0),
        }
    }

    /// Whether it can be asked by our reference, and says also that something never was.
    pub(super) fn can_be_asked(&self) -> bool {
        let capabilities = self.gateway.capabilities();
        capabilities.unknown_outcome == UnknownOutcome::Lookup
            && capabilities.not_found_is_final_after < NEVER_FINAL
    }

    /// Whether the same request can be sent again to learn its outcome.
    pub(super) fn replays(&self) -> bool {
        matches!(self.gateway.capabilities().unknown_outcome, UnknownOutcome::Replay { .. })
            || self.can_be_asked()
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
            payer: Default::default(),
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
            is_again: false,
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
        let reference = format!("{}/void", self.reference("att"));
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

    /// How a capture ended.
    pub(super) async fn capture(&self, capture: &Capture) -> Ended {
        let answer = self.gateway.capture(capture).await;
        self.ended(CallKind::Capture, &capture.reference, answer)
    }

    /// How a refund ended.
    pub(super) async fn refund(&self, refund: &Refund) -> Ended {
        let answer = self.gateway.refund(refund).await;
        self.ended(CallKind::Refund, &refund.reference, answer)
    }

    /// How a void ended.
    pub(super) async fn void(&self, void: &Void) -> Ended {
        let answer = self.gateway.void(void).await;
        self.ended(CallKind::Void, &void.reference, answer)
    }

    /// How a call ended: as its answer says; where the gateway only accepts it first, as its callback says, and nothing
    /// before.
    fn ended(&self, kind: CallKind, reference: &str, answer: Ended) -> Ended {
        if !self.gateway.capabilities().ends_by_callback {
            return answer;
        }
        match answer {
            Err(GatewayError::Unknown(_)) => self.told(kind, reference),
            Err(not_done) => Err(not_done),
            Ok(answer) => panic!("told before its callback: {answer:?}"),
        }
    }

    /// How a call ended, as the callbacks tell that were sent until now.
    fn told(&self, kind: CallKind, reference: &str) -> Ended {
        let (sent, at) = self.sent.as_ref().expect("a gateway that ends by callback sends some");
        let events = sent().into_iter().flat_map(|(headers, body)| {
            let headers: CallbackHeaders = headers.into_iter().collect();
            self.gateway.parse_callback(&headers, &body, *at).expect("it is signed and understood")
        });
        let ends: Vec<CallEnd> = events
            .filter_map(|event| match event.fact {
                GatewayFact::Ended { kind: told, reference: about, end }
                    if told == kind && about == reference =>
                {
                    assert_eq!(event.tenant.as_ref(), Some(&self.tenant), "whose it is");
                    Some(end)
                }
                _ => None,
            })
            .collect();
        match ends.as_slice() {
            [CallEnd::Answered(answer)] => Ok(answer.clone()),
            [CallEnd::TakenBack { why, .. }] => Ok(GatewayAnswer::Declined(why.clone())),
            [CallEnd::NotDone(why)] => Err(GatewayError::NotDone(why.clone())),
            ends => panic!("one end of {reference} was to be told: {ends:?}"),
        }
    }

    pub(super) async fn became(&self, kind: CallKind, reference: &str) -> Lookup {
        let request = LookupRequest { tenant: self.tenant.clone(), kind, reference: reference.to_owned() };
        self.gateway.lookup(&request).await.expect("a lookup is answered")
    }

    /// That an outcome is told again, in the way that the gateway lets an outcome be asked for.
    pub(super) async fn assert_told_again(&self, request: &Authorize, answer: &GatewayAnswer) {
        if self.can_be_asked() {
            let known = self.became(CallKind::Authorize, &request.reference).await;
            assert_eq!(known, Lookup::Answered(answer.clone()));
        } else if self.replays() {
            assert_eq!(self.gateway.authorize(request).await.expect("answered"), *answer);
        }
    }

    /// That a call never was, as far as the gateway says so at all.
    pub(super) async fn assert_never_was(&self, kind: CallKind, reference: &str) {
        let became = self.became(kind, reference).await;
        if self.can_be_asked() {
            assert_eq!(became, Lookup::NotFound, "{} {reference}", kind.as_str());
        } else {
            assert_ne!(became, Lookup::NotFound, "who cannot be asked does not know that it never was");
        }
    }
}

/// How a call ended.
pub(super) type Ended = Result<GatewayAnswer, GatewayError>;

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

/// Approved for this amount.
pub(super) fn assert_done(ended: &Ended, minor: i64, taken: bool) {
    assert_approved(ended.as_ref().expect("it is known"), minor, taken);
}

pub(super) fn assert_not_done<T: std::fmt::Debug>(answer: &Result<T, GatewayError>) {
    let not_done = matches!(answer, Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)));
    assert!(not_done, "not done expected: {answer:?}");
}

/// Surely without an effect: not done, or declined.
pub(super) fn assert_refused(ended: &Ended) {
    let refused = matches!(
        ended,
        Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) | Ok(GatewayAnswer::Declined(_))
    );
    assert!(refused, "no effect expected: {ended:?}");
}

/// No second effect: refused, or the first one told again.
pub(super) fn assert_no_other_effect(ended: &Ended, first: &GatewayAnswer) {
    match ended {
        Ok(again @ GatewayAnswer::Approved { .. }) => assert_eq!(again, first),
        other => assert_refused(other),
    }
}

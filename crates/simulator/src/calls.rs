//! The calls: each decides one and writes it, in the manner that token and script plan.

use secrecy::ExposeSecret;
use tender_domain::kernel::{Money, Save, TenantId};
use tender_domain::ports::{Authorize, CallKind, Capture, CompleteChallenge, Refund, ThreeDs, Void};
use tender_domain::simulator::{
    BookEntry, BookRefusal, BookedOperation, BookedOutcome, BookedPayment, LateRefund,
};

use crate::callbacks::{refused_refund, taken_before, unfunded_refund};
use crate::card_token::TokenCard;
use crate::decide::{self, Decided};
use crate::engine::{Call, approved, books_away, payment_of};
use crate::fault::{Answered, Fault};
use crate::lookups::otherwise;
use crate::method_token::TokenMethod;
use crate::misbehaviour::Plan;
use crate::sca;
use crate::script::{Scripted, ScriptedCall};
use crate::sessions::METHODS;
use crate::{Behaviour, SimulatorGateway, challenge};

/// The longest reference that fits the books.
const REFERENCE_CHARS_MAX: usize = 255;

/// Whether the books can hold the text as a reference.
pub(crate) fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= REFERENCE_CHARS_MAX && !text.chars().any(char::is_control)
}

fn check_reference(reference: &str) -> Result<(), Fault> {
    if is_reference(reference) {
        return Ok(());
    }
    Err(Fault::NotDone(format!("a reference has 1 to {REFERENCE_CHARS_MAX} printable characters")))
}

fn check_amount(amount: Money) -> Result<(), Fault> {
    match Money::positive(amount.minor(), amount.currency()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::NotDone(error.to_string())),
    }
}

impl SimulatorGateway {
    pub(crate) async fn authorization(&self, request: &Authorize) -> Answered {
        check_amount(request.amount)?;
        check_reference(&request.reference)?;
        let token = request.token.expose_secret();
        let scripted = self.plan(&Scripted {
            tenant: &request.tenant,
            call: ScriptedCall::Authorize,
            reference: &request.reference,
            token: Some(token),
            amount_minor: Some(request.amount.minor()),
        });
        self.lost_on_the_way(&scripted).await?;
        let digest = self.digest(&[
            &request.amount.minor().to_be_bytes(),
            request.amount.currency().code().as_bytes(),
            &[u8::from(request.capture), u8::from(request.off_session)],
            // Nothing where it is not asked for, as in the books of before it could be.
            if request.three_ds == ThreeDs::Force { &b"three_ds"[..] } else { &[] },
            &asked_beside(request),
            token.as_bytes(),
        ]);
        let card = self.charged(&request.tenant, token);
        let decided = self.decided(request, card.as_ref())?;
        let disputed = card.as_ref().is_some_and(|card| card.behaviour == Behaviour::Dispute);
        let late_refunds = card.as_ref().and_then(|card| card.behaviour.late_refunds());
        let plan = Plan { disputed, late_refunds, ..scripted.and(decided.misbehaves) };
        let sca = sca::answer(self, request, card.as_ref(), decided.authenticated, decided.granted());
        let outcome = if plan.other_amount { one_more(decided.outcome) } else { decided.outcome };
        let entry = self.entry_of_authorization(request, digest, (outcome, sca), &plan);
        match self.record(&entry).await? {
            Some(booked) => {
                if let Some(card) = card.filter(|_| booked.first) {
                    self.script_later(&booked.operation, card.behaviour);
                }
                self.answer_as_planned(&booked, Some(digest), &plan).await
            }
            None => Err(Fault::Unknown("the books have a payment without its authorization".to_owned())),
        }
    }

    /// What is charged by a token: a card, or what the engine treats like one.
    pub(crate) fn charged(&self, tenant: &TenantId, token: &str) -> Option<TokenCard> {
        let secret = &self.options.secret;
        TokenCard::of_token(secret, tenant, token)
            .or_else(|| Some(TokenMethod::of_token(secret, tenant, token)?.charged(secret, tenant)))
    }

    fn decided(&self, request: &Authorize, card: Option<&TokenCard>) -> Result<Decided, Fault> {
        match &request.session {
            None => {
                let reference =
                    self.gateway_reference(&request.tenant, CallKind::Authorize, &request.reference);
                Ok(decide::authorize(request, card, reference, self.clock.now()))
            }
            Some(session) if METHODS.contains(&&*session.method) => Ok(decide::session(request, session)),
            Some(session) => Err(Fault::NotDone(format!("there is no payment method `{}`", session.method))),
        }
    }

    pub(crate) async fn capturing(&self, request: &Capture) -> Answered {
        check_amount(request.amount)?;
        check_reference(&request.reference)?;
        check_reference(&request.gateway_reference)?;
        let call = Call {
            tenant: &request.tenant,
            kind: CallKind::Capture,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            digest: self.digest(&[
                request.gateway_reference.as_bytes(),
                &request.amount.minor().to_be_bytes(),
                request.amount.currency().code().as_bytes(),
                &[u8::from(request.is_final)],
            ]),
            plan: self.plan(&Scripted {
                tenant: &request.tenant,
                call: ScriptedCall::Capture,
                reference: &request.reference,
                token: None,
                amount_minor: Some(request.amount.minor()),
            }),
        };
        let amount = planned(request.amount, &call.plan);
        let capture = |payment: &BookedPayment| {
            let after = payment.capture(amount, request.is_final)?;
            Ok((after, approved(&payment.gateway_reference, amount, true)))
        };
        self.on_payment(call, capture).await
    }

    pub(crate) async fn voiding(&self, request: &Void) -> Answered {
        check_reference(&request.reference)?;
        check_reference(&request.gateway_reference)?;
        let call = Call {
            tenant: &request.tenant,
            kind: CallKind::Void,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            digest: self.digest(&[request.gateway_reference.as_bytes()]),
            plan: self.plan(&Scripted {
                tenant: &request.tenant,
                call: ScriptedCall::Void,
                reference: &request.reference,
                token: None,
                amount_minor: None,
            }),
        };
        let void = |payment: &BookedPayment| {
            Ok(match payment.void() {
                Ok((after, released)) => (after, approved(&payment.gateway_reference, released, false)),
                // As real gateways have it: what was taken cannot be let go, what was let go is.
                Err(BookRefusal::NothingHeld) if payment.captured_minor > 0 => {
                    (payment.clone(), BookedOutcome::Declined(taken_before()))
                }
                Err(BookRefusal::NothingHeld) => {
                    (payment.clone(), approved(&payment.gateway_reference, payment.authorized, false))
                }
                Err(refusal) => return Err(refusal),
            })
        };
        self.on_payment(call, void).await
    }

    pub(crate) async fn refunding(&self, request: &Refund) -> Answered {
        check_amount(request.amount)?;
        check_reference(&request.reference)?;
        check_reference(&request.gateway_reference)?;
        let scripted = self.plan(&Scripted {
            tenant: &request.tenant,
            call: ScriptedCall::Refund,
            reference: &request.reference,
            token: None,
            amount_minor: Some(request.amount.minor()),
        });
        let ends_late = self.late_refunds_of(&request.tenant, &request.gateway_reference).await?;
        let payment = || format!("{}/{}", request.tenant, request.gateway_reference);
        if ends_late == Some(LateRefund::Retried) && self.refused_refunds.is_first(payment()) {
            return Err(Fault::NotNow("too many requests; try again later (tok_refund_retried)".to_owned()));
        }
        let call = Call {
            tenant: &request.tenant,
            kind: CallKind::Refund,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            digest: self.digest(&[
                request.gateway_reference.as_bytes(),
                &request.amount.minor().to_be_bytes(),
                request.amount.currency().code().as_bytes(),
            ]),
            plan: Plan { ends_late, ..scripted },
        };
        let amount = planned(request.amount, &call.plan);
        let refund_reference = self.gateway_reference(&request.tenant, CallKind::Refund, &request.reference);
        let refund = |payment: &BookedPayment| {
            let after = payment.refund(amount)?;
            Ok(match ends_late {
                Some(LateRefund::Fails) => (payment.clone(), BookedOutcome::Declined(refused_refund())),
                Some(LateRefund::Unfunded) => (payment.clone(), BookedOutcome::Declined(unfunded_refund())),
                Some(LateRefund::TakenBack) => (payment.clone(), approved(&refund_reference, amount, false)),
                Some(LateRefund::Succeeds | LateRefund::NeedsAction | LateRefund::Retried) | None => {
                    (after, approved(&refund_reference, amount, false))
                }
            })
        };
        self.on_payment(call, refund).await
    }

    /// How refunds of a payment end, when its card does not have them simply done.
    async fn late_refunds_of(
        &self,
        tenant: &TenantId,
        gateway_reference: &str,
    ) -> Result<Option<LateRefund>, Fault> {
        let payment = self.books.payment(tenant, gateway_reference).await;
        let Some(payment) = payment.map_err(|error| books_away(&error))? else { return Ok(None) };
        let made = self.books.operation(tenant, CallKind::Authorize, &payment.reference).await;
        Ok(made.map_err(|error| books_away(&error))?.and_then(|made| made.late_refunds))
    }

    pub(crate) async fn completion(&self, request: &CompleteChallenge) -> Answered {
        let (tenant, reference) = (&request.tenant, &request.reference);
        check_reference(reference)?;
        let found = self.books.operation(tenant, CallKind::Authorize, reference).await;
        let challenged = found.map_err(|error| books_away(&error))?;
        let plan = self.plan(&Scripted {
            tenant,
            call: ScriptedCall::Challenge,
            reference,
            token: None,
            amount_minor: challenged.as_ref().and_then(BookedOperation::amount_minor),
        });
        self.lost_on_the_way(&plan).await?;
        let Some(challenged) = challenged else {
            return Err(Fault::NotDone(format!("there is no authorization with the reference {reference}")));
        };
        if challenged.session.is_some() {
            // Who comes back from a session has not ended it: the customer did, on its page, or not yet.
            let operation = self.with_session_ended(challenged).await?;
            self.asked_about(&operation, &plan).await?;
            return self.answer(&operation, None).map(|answer| otherwise(answer, &plan));
        }
        let challenge_reference = challenge::reference_of(tenant, reference);
        let result = challenge::result_of(&request.result, &challenge_reference);
        match self.end_challenge(&challenged, result, &plan).await? {
            Some(booked) => self.answer_as_planned(&booked, None, &plan).await,
            None => self.answer(&challenged, None),
        }
    }

    /// Ends an open challenge, with what tells of it; none when it is not open.
    pub(crate) async fn end_challenge(
        &self,
        challenged: &BookedOperation,
        result: &str,
        plan: &Plan,
    ) -> Result<Option<crate::engine::Booked>, Fault> {
        let BookedOutcome::Challenged { amount, capture, fails } = challenged.outcome else {
            return Ok(None);
        };
        let (tenant, reference) = (&challenged.tenant, &challenged.reference);
        let gateway_reference = self.gateway_reference(tenant, CallKind::Authorize, reference);
        let outcome = decide::challenge(amount, capture, fails, result, gateway_reference);
        let outcome = if plan.other_amount { one_more(outcome) } else { outcome };
        let payment = payment_of(tenant, reference, &outcome);
        let mut sca = sca::after_challenge(challenged.sca.clone(), result == "success" && !fails);
        if let Some(told) = sca.as_mut().filter(|_| challenged.session.is_some()) {
            // Whether the exemption was granted is known of a page when its customer has paid there.
            let granted = matches!(outcome, BookedOutcome::Approved { .. });
            told.exemption_granted = told.exemption_granted.map(|_| granted);
        }
        let after = BookedOperation { outcome, sca, visible_at: self.visible_at(plan), ..challenged.clone() };
        let callbacks = self.callbacks_of(&after, plan);
        let entry = BookEntry { operation: Save::changed(challenged.clone(), after), payment, callbacks };
        match self.record(&entry).await? {
            Some(booked) => Ok(Some(booked)),
            None => Err(Fault::Unknown("the challenge is being completed by another call".to_owned())),
        }
    }

    /// Moves money that nobody asked for: by a person, in a dashboard that this simulator would have.
    pub(crate) async fn move_from_outside(
        &self,
        operation: BookedOperation,
        payment: &BookedPayment,
        decide: impl FnOnce(&BookedPayment) -> Result<BookedPayment, BookRefusal>,
        callbacks: Vec<tender_domain::simulator::BookedCallback>,
    ) -> Result<(), Fault> {
        let after = decide(payment).map_err(|refusal| Fault::NotDone(refusal.to_string()))?;
        let payment = Some(Save::changed(payment.clone(), after));
        match self.record(&BookEntry { operation: Save::new(operation), payment, callbacks }).await? {
            Some(booked) if booked.first => Ok(()),
            _ => Err(Fault::Unknown("the payment was changed meanwhile".to_owned())),
        }
    }
}

/// The session, exemption and agreement that are asked for, in bytes; none where none is.
fn asked_beside(request: &Authorize) -> Vec<u8> {
    if request.sca.is_empty() && request.session.is_none() {
        return Vec::new();
    }
    serde_json::to_vec(&(&request.sca, &request.session)).expect("texts and instants have a JSON form")
}

/// An approval for one minor unit more.
fn one_more(outcome: BookedOutcome) -> BookedOutcome {
    match outcome {
        BookedOutcome::Approved { gateway_reference, amount, captured } => {
            BookedOutcome::Approved { gateway_reference, amount: decide::one_more(amount), captured }
        }
        other => other,
    }
}

/// What is taken or given back: one minor unit less when that is planned and leaves something.
fn planned(amount: Money, plan: &Plan) -> Money {
    let less = plan.other_amount && amount.minor() > 1;
    if less { Money::new(amount.minor() - 1, amount.currency()) } else { amount }
}

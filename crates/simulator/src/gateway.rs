//! The engine as the port sees it: each method decides one call and writes it.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{Money, Save, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallKind, Capabilities, Capture, CardData, CompleteChallenge, GatewayAnswer, GatewayError,
    Lookup, LookupRequest, PaymentGateway, Refund, TokenisedCard, UnknownOutcome, Void,
};
use tender_domain::simulator::{BookEntry, BookedOperation, BookedOutcome, BookedPayment};

use crate::SimulatorGateway;
use crate::card_token::TokenCard;
use crate::decide::{self, Manner};
use crate::engine::{Call, approved, books_away, payment_of};

/// The longest reference that fits the books.
const REFERENCE_CHARS_MAX: usize = 255;

/// Whether the books can hold the text as a reference.
pub(crate) fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= REFERENCE_CHARS_MAX && !text.chars().any(char::is_control)
}

fn check_reference(reference: &str) -> Result<(), GatewayError> {
    if is_reference(reference) {
        return Ok(());
    }
    Err(GatewayError::NotDone(format!("a reference has 1 to {REFERENCE_CHARS_MAX} printable characters")))
}

fn check_amount(amount: Money) -> Result<(), GatewayError> {
    match Money::positive(amount.minor(), amount.currency()) {
        Ok(_) => Ok(()),
        Err(error) => Err(GatewayError::NotDone(error.to_string())),
    }
}

#[async_trait]
impl PaymentGateway for SimulatorGateway {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            not_found_is_final_after: Duration::from_secs(2),
            partial_capture: true,
        }
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        check_amount(request.amount)?;
        check_reference(&request.reference)?;
        let now = self.clock.now();
        let token = request.token.expose_secret();
        let digest = self.digest(&[
            &request.amount.minor().to_be_bytes(),
            request.amount.currency().code().as_bytes(),
            &[u8::from(request.capture), u8::from(request.off_session)],
            token.as_bytes(),
        ]);
        let card = TokenCard::of_token(&self.options.secret, &request.tenant, token);
        let gateway_reference =
            self.gateway_reference(&request.tenant, CallKind::Authorize, &request.reference);
        let (outcome, manner) = decide::authorize(request, card.as_ref(), gateway_reference, now);
        let visible_at = if manner == Manner::Slow { now + self.options.delay } else { now };
        let entry = self.entry_of_authorization(request, digest, outcome, visible_at);
        let Some(booked) = self.record(&entry).await? else {
            return Err(GatewayError::Unknown(
                "the books have a payment without its authorization".to_owned(),
            ));
        };
        if booked.first && manner == Manner::Lost {
            tokio::time::sleep(self.options.delay).await;
            return Err(GatewayError::Unknown("the gateway did not answer in time".to_owned()));
        }
        self.wait_until_visible(&booked.operation).await;
        self.answer(&booked.operation, Some(digest))
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
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
        };
        let capture = |payment: &BookedPayment| {
            let after = payment.capture(request.amount, request.is_final)?;
            Ok((after, approved(&payment.gateway_reference, request.amount, true)))
        };
        self.on_payment(call, capture).await
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        check_reference(&request.reference)?;
        check_reference(&request.gateway_reference)?;
        let call = Call {
            tenant: &request.tenant,
            kind: CallKind::Void,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            digest: self.digest(&[request.gateway_reference.as_bytes()]),
        };
        let void = |payment: &BookedPayment| {
            let (after, released) = payment.void()?;
            Ok((after, approved(&payment.gateway_reference, released, false)))
        };
        self.on_payment(call, void).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        check_amount(request.amount)?;
        check_reference(&request.reference)?;
        check_reference(&request.gateway_reference)?;
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
        };
        let refund_reference = self.gateway_reference(&request.tenant, CallKind::Refund, &request.reference);
        let refund = |payment: &BookedPayment| {
            let after = payment.refund(request.amount)?;
            Ok((after, approved(&refund_reference, request.amount, false)))
        };
        self.on_payment(call, refund).await
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let (tenant, reference) = (&request.tenant, &request.reference);
        check_reference(reference)?;
        let found = self.books.operation(tenant, CallKind::Authorize, reference).await.map_err(books_away)?;
        let Some(challenged) = found else {
            return Err(GatewayError::NotDone(format!(
                "there is no authorization with the reference {reference}"
            )));
        };
        let BookedOutcome::Challenged { amount, capture, fails } = challenged.outcome else {
            return self.answer(&challenged, None);
        };
        let gateway_reference = self.gateway_reference(tenant, CallKind::Authorize, reference);
        let outcome = decide::challenge(amount, capture, fails, &request.result, gateway_reference);
        let payment = payment_of(tenant, reference, &outcome);
        let after = BookedOperation { outcome, visible_at: self.clock.now(), ..challenged.clone() };
        let entry = BookEntry { operation: Save::changed(challenged, after), payment };
        match self.record(&entry).await? {
            Some(booked) => self.answer(&booked.operation, None),
            None => Err(GatewayError::Unknown("the challenge is being completed by another call".to_owned())),
        }
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        let now = self.clock.now();
        let found = self
            .books
            .operation(&request.tenant, request.kind, &request.reference)
            .await
            .map_err(books_away)?;
        let operation = match found {
            Some(operation) => operation,
            None => self.declare_not_found(request, now).await?,
        };
        if operation.visible_at > now {
            return Ok(Lookup::Pending);
        }
        // The one error of an answer is that it was refused: nothing was done, and never will be.
        Ok(self.answer(&operation, None).map_or(Lookup::NotFound, Lookup::Answered))
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        if !(1..=12).contains(&card.exp_month) || !(2000..=2199).contains(&card.exp_year) {
            return Err(GatewayError::NotDone(
                "the card's date of expiry is not a month and a year".to_owned(),
            ));
        }
        let found = TokenCard::of_card(&self.options.secret, tenant, card)
            .ok_or_else(|| GatewayError::NotDone("the card number is incorrect".to_owned()))?;
        Ok(found.tokenised(found.seal(&self.options.secret, tenant)))
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        let found = TokenCard::of_token(&self.options.secret, tenant, token.expose_secret());
        Ok(found.map(|card| card.tokenised(token.clone())))
    }
}

impl SimulatorGateway {
    /// Leaves a mark, so that the call is not done should it arrive after it was declared not found.
    async fn declare_not_found(
        &self,
        request: &LookupRequest,
        now: Timestamp,
    ) -> Result<BookedOperation, GatewayError> {
        let reason = "the reference was looked up before it arrived and declared not found";
        let mark = BookedOperation {
            tenant: request.tenant.clone(),
            kind: request.kind,
            reference: request.reference.clone(),
            request_digest: None,
            outcome: BookedOutcome::Refused(reason.to_owned()),
            visible_at: now,
        };
        let entry = BookEntry { operation: Save::new(mark), payment: None };
        match self.record(&entry).await? {
            Some(booked) => Ok(booked.operation),
            None => Err(GatewayError::Unknown("the simulator could not write its books".to_owned())),
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{Money, Save, StoreError, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, Avs, CallKind, Capabilities, Capture, CardData, Clock, CompleteChallenge, GatewayAnswer,
    GatewayError, Lookup, LookupRequest, PaymentGateway, Refund, TokenisedCard, UnknownOutcome, Void,
};
use tender_domain::simulator::{
    BookEntry, BookRefusal, BookedOperation, BookedOutcome, BookedPayment, Recorded, SimulatorBooks,
};

use crate::card_token::TokenCard;
use crate::decide::{self, Manner};
use crate::secret::derive;
use crate::{SimulatorOptions, challenge};

/// How often a call decides again because another call changed the same payment in between.
const DECISIONS_MAX: usize = 64;

/// The simulated gateway, as a [`PaymentGateway`] of the process it runs in.
///
/// Every call is in the books before it is answered, once by (tenant, kind, reference): the same reference again
/// gets the first answer, the same reference with anything else asked is `NotDone`, and a reference that a lookup
/// declared not found is never done afterwards. A capture and a void are answered with the authorization's own
/// gateway reference, so a refund may name either.
#[derive(Clone)]
pub struct SimulatorGateway {
    books: Arc<dyn SimulatorBooks>,
    clock: Arc<dyn Clock>,
    options: Arc<SimulatorOptions>,
}

impl SimulatorGateway {
    /// A simulator with these books.
    #[must_use]
    pub fn new(books: Arc<dyn SimulatorBooks>, clock: Arc<dyn Clock>, options: SimulatorOptions) -> Self {
        Self { books, clock, options: Arc::new(options) }
    }

    /// The books, to be compared with others'.
    #[must_use]
    pub fn books(&self) -> &dyn SimulatorBooks {
        &*self.books
    }

    /// The amount a challenge is about, while it is open; none when there is no such challenge.
    ///
    /// # Errors
    /// When the books cannot be read.
    pub async fn open_challenge(&self, challenge_reference: &str) -> Result<Option<Money>, StoreError> {
        let Some((tenant, reference)) = challenge::authorization_of(challenge_reference) else {
            return Ok(None);
        };
        let operation = self.books.operation(&tenant, CallKind::Authorize, &reference).await?;
        Ok(operation.and_then(|operation| match operation.outcome {
            BookedOutcome::Challenged { amount, .. } => Some(amount),
            _ => None,
        }))
    }

    fn gateway_reference(&self, tenant: &TenantId, kind: CallKind, reference: &str) -> String {
        let parts = [tenant.as_str().as_bytes(), kind.as_str().as_bytes(), reference.as_bytes()];
        let derived = derive(&self.options.secret, "gateway reference", &parts);
        format!("sim_{}", BASE32_NOPAD.encode(&derived[..16]).to_ascii_lowercase())
    }

    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        derive(&self.options.secret, "request", parts)
    }

    /// Writes the entry; `None` when another call was faster with the same payment.
    async fn record(&self, entry: &BookEntry) -> Result<Option<Booked>, GatewayError> {
        let recorded = self.books.record(entry).await.map_err(books_away)?;
        Ok(match recorded {
            Recorded::Written => Some(Booked { operation: (*entry.operation.after).clone(), first: true }),
            Recorded::Existing(operation) => Some(Booked { operation, first: false }),
            Recorded::Stale => None,
        })
    }

    /// Writes a call on an existing payment: `decide` says what it does to it.
    async fn on_payment<D>(&self, call: Call<'_>, decide: D) -> Result<GatewayAnswer, GatewayError>
    where
        D: Fn(&BookedPayment) -> Result<(BookedPayment, BookedOutcome), BookRefusal> + Send + Sync,
    {
        for _ in 0..DECISIONS_MAX {
            let loaded = self.books.payment(call.tenant, call.gateway_reference).await.map_err(books_away)?;
            let decided = match &loaded {
                Some(payment) => decide(payment),
                None => {
                    Err(BookRefusal::NoSuchPayment { gateway_reference: call.gateway_reference.to_owned() })
                }
            };
            let (outcome, payment) = match decided {
                Ok((after, outcome)) => {
                    (outcome, Some(Save { before: loaded.map(Arc::new), after: Arc::new(after) }))
                }
                Err(refusal) => (BookedOutcome::Refused(refusal.to_string()), None),
            };
            let operation = BookedOperation {
                tenant: call.tenant.clone(),
                kind: call.kind,
                reference: call.reference.to_owned(),
                request_digest: Some(call.digest),
                outcome,
                visible_at: self.clock.now(),
            };
            let entry = BookEntry { operation: Save::new(operation), payment };
            if let Some(booked) = self.record(&entry).await? {
                return self.answer(&booked.operation, Some(call.digest));
            }
        }
        Err(GatewayError::Unknown("the simulator is busy with other calls on the same payment".to_owned()))
    }

    /// What the caller is told of an operation. `digest` is of what is asked now.
    fn answer(
        &self,
        operation: &BookedOperation,
        digest: Option<[u8; 32]>,
    ) -> Result<GatewayAnswer, GatewayError> {
        if operation.request_digest.is_some() && digest.is_some() && operation.request_digest != digest {
            return Err(GatewayError::NotDone(format!(
                "the reference {} was used for another {} before",
                operation.reference,
                operation.kind.as_str()
            )));
        }
        match &operation.outcome {
            BookedOutcome::Approved { gateway_reference, amount, captured } => Ok(GatewayAnswer::Approved {
                gateway_reference: gateway_reference.clone(),
                amount: *amount,
                captured: *captured,
                response_code: Some("00".to_owned()),
                acquirer: Some("simulator".to_owned()),
                avs: match operation.kind {
                    CallKind::Authorize => {
                        Avs { avs_result: Some("Y".to_owned()), cvv_result: Some("M".to_owned()) }
                    }
                    _ => Avs::default(),
                },
            }),
            BookedOutcome::Declined(decline) => Ok(GatewayAnswer::Declined(decline.clone())),
            BookedOutcome::Challenged { .. } => {
                let challenge_reference = challenge::reference_of(&operation.tenant, &operation.reference);
                let url = challenge::url_of(&self.options.public_url, &challenge_reference);
                Ok(GatewayAnswer::Challenge { url, challenge_reference })
            }
            BookedOutcome::Refused(reason) => Err(GatewayError::NotDone(reason.clone())),
        }
    }

    /// Waits until the operation may be told, by the clock; never longer than the delay.
    async fn wait_until_visible(&self, operation: &BookedOperation) {
        let left = (operation.visible_at - self.clock.now()).to_std().unwrap_or(Duration::ZERO);
        tokio::time::sleep(left.min(self.options.delay)).await;
    }

    fn entry_of_authorization(
        &self,
        request: &Authorize,
        digest: [u8; 32],
        outcome: BookedOutcome,
        visible_at: Timestamp,
    ) -> BookEntry {
        let payment = payment_of(&request.tenant, &request.reference, &outcome);
        let operation = BookedOperation {
            tenant: request.tenant.clone(),
            kind: CallKind::Authorize,
            reference: request.reference.clone(),
            request_digest: Some(digest),
            outcome,
            visible_at,
        };
        BookEntry { operation: Save::new(operation), payment }
    }
}

/// A call on an existing payment.
struct Call<'a> {
    tenant: &'a TenantId,
    kind: CallKind,
    reference: &'a str,
    gateway_reference: &'a str,
    digest: [u8; 32],
}

/// An operation of the books, and whether this call wrote it.
struct Booked {
    operation: BookedOperation,
    first: bool,
}

/// The payment that an approved authorization makes.
fn payment_of(tenant: &TenantId, reference: &str, outcome: &BookedOutcome) -> Option<Save<BookedPayment>> {
    let BookedOutcome::Approved { gateway_reference, amount, captured } = outcome else { return None };
    let made = BookedPayment::approved(
        tenant.clone(),
        gateway_reference.clone(),
        reference.to_owned(),
        *amount,
        *captured,
    );
    Some(Save::new(made))
}

fn approved(gateway_reference: &str, amount: Money, captured: bool) -> BookedOutcome {
    BookedOutcome::Approved { gateway_reference: gateway_reference.to_owned(), amount, captured }
}

/// The books failed: whether the call was written is open.
fn books_away(error: StoreError) -> GatewayError {
    tracing::error!(%error, "the simulator's books failed");
    GatewayError::Unknown("the simulator cannot reach its books".to_owned())
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

//! What the sandbox's tools ask for: cards, fresh tokens, events on demand.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::BASE32_NOPAD;
use secrecy::SecretString;
use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{
    CallEnd, CallKind, Decline, DeclineCode, GatewayAnswer, RaiseEvent, SandboxCard, SandboxError,
    SandboxEventKind, SandboxGateway,
};
use tender_domain::simulator::{BookedCallback, BookedOperation, BookedOutcome, BookedPayment};

use crate::card_token::TokenCard;
use crate::engine::books_away;
use crate::event_body::EventBody;
use crate::fault::Fault;
use crate::misbehaviour::Plan;
use crate::secret::derive;
use crate::{Behaviour, SimulatorGateway, test_cards};

/// How old a late event says that it is.
const LATE_BY: Duration = Duration::from_secs(3600);

#[async_trait]
impl SandboxGateway for SimulatorGateway {
    async fn cards(&self) -> Result<Vec<SandboxCard>, SandboxError> {
        let card = |card: &crate::TestCard| SandboxCard {
            number: card.number.to_owned(),
            token: card.token.to_owned(),
            brand: card.brand.to_owned(),
            behaviour: card.behaviour.as_str().to_owned(),
            description: card.description.to_owned(),
        };
        Ok(test_cards().iter().map(card).collect())
    }

    async fn issue_token(&self, tenant: &TenantId, behaviour: &str) -> Result<SecretString, SandboxError> {
        let behaviour = Behaviour::find(behaviour).ok_or_else(|| {
            let known = Behaviour::ALL.map(Behaviour::as_str).join(", ");
            SandboxError::Refused(format!("there is no behaviour `{behaviour}`; there are {known}"))
        })?;
        // Another card each time, also after a restart.
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let seed = format!("{}/{number}", self.clock.now().timestamp_micros());
        let card = TokenCard::fresh(&self.options.secret, tenant, behaviour, &seed);
        Ok(card.seal(&self.options.secret, tenant))
    }

    async fn raise(&self, event: &RaiseEvent) -> Result<Vec<String>, SandboxError> {
        let found = self.books.operation(&event.tenant, CallKind::Authorize, &event.reference).await;
        let operation = found.map_err(|error| told(books_away(&error)))?.ok_or_else(|| {
            refused(&format!("the simulator was never asked for an authorization {}", event.reference))
        })?;
        let known = self.books.callbacks(&event.tenant, &event.reference).await;
        let raising = self.raising(event, known.map_err(|error| told(books_away(&error)))?);
        let before = raising.before();
        if !before.is_empty() {
            return Ok(before);
        }
        let callbacks = match event.kind {
            SandboxEventKind::Succeeded => self.succeeded(&raising, operation).await?,
            SandboxEventKind::Failed => self.failed(&raising, operation).await?,
            SandboxEventKind::Duplicate => self.newest(&raising, &operation, false),
            SandboxEventKind::Late => self.newest(&raising, &operation, true),
            SandboxEventKind::OutOfOrder => {
                vec![self.to_send(&raising, &self.pending_event(&operation, &raising.mark), 0)]
            }
            SandboxEventKind::OutsideCapture => self.outside(&raising, &operation, CallKind::Capture).await?,
            SandboxEventKind::OutsideRefund => self.outside(&raising, &operation, CallKind::Refund).await?,
        };
        let added = self.books.add_callbacks(&callbacks).await;
        added.map_err(|error| told(books_away(&error)))?;
        self.booked.notify_one();
        Ok(callbacks.into_iter().map(|callback| callback.event_id).collect())
    }
}

/// An event that is being raised.
struct Raising<'a> {
    event: &'a RaiseEvent,
    /// The callbacks of its authorization so far, the newest first.
    known: Vec<BookedCallback>,
    /// What tells what is raised now from what was raised before: the same for the same request.
    mark: String,
}

impl Raising<'_> {
    /// The ids of the events that were raised for this very request, in whatever process; none when it names none.
    fn before(&self) -> Vec<String> {
        let Some(_) = &self.event.request else { return Vec::new() };
        let of_it = format!("/{}.", self.mark);
        let raised = self.known.iter().filter(|callback| callback.id.contains(&of_it));
        raised.map(|callback| callback.event_id.clone()).collect()
    }
}

impl SimulatorGateway {
    fn raising<'a>(&self, event: &'a RaiseEvent, known: Vec<BookedCallback>) -> Raising<'a> {
        let mark = match &event.request {
            Some(request) => {
                let parts = [event.kind.as_str().as_bytes(), request.as_bytes()];
                let derived = derive(&self.options.secret, "raised for", &parts);
                BASE32_NOPAD.encode(&derived[..16]).to_ascii_lowercase()
            }
            None => known.len().to_string(),
        };
        Raising { event, known, mark }
    }

    async fn succeeded(
        &self,
        raising: &Raising<'_>,
        operation: BookedOperation,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        match operation.outcome {
            BookedOutcome::Challenged { fails: false, .. } => self.ended(raising, operation, "success").await,
            BookedOutcome::Challenged { .. } => Err(refused("this card's challenge always fails")),
            BookedOutcome::Approved { .. } => Ok(self.told_again(raising, &operation)),
            BookedOutcome::Declined(_) | BookedOutcome::Refused(_) => {
                Err(refused("the simulator declined or refused it, and would have no money for it"))
            }
        }
    }

    async fn failed(
        &self,
        raising: &Raising<'_>,
        operation: BookedOperation,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        match operation.outcome {
            BookedOutcome::Challenged { .. } => self.ended(raising, operation, "failed").await,
            BookedOutcome::Approved { .. } => {
                let decline = Decline {
                    code: DeclineCode::CardDeclined,
                    network_code: Some("05".to_owned()),
                    message: "The card was declined.".to_owned(),
                    sca: None,
                };
                let id = self.event_id(&operation, &format!("false decline {}", raising.mark));
                let end = CallEnd::Answered(GatewayAnswer::Declined(decline));
                let call = (operation.kind, operation.reference.as_str());
                let body = EventBody::ended(id, &operation.tenant, call, end, self.clock.now());
                Ok(vec![self.to_send(raising, &(operation.tenant.clone(), body), 0)])
            }
            BookedOutcome::Declined(_) | BookedOutcome::Refused(_) => {
                Ok(self.told_again(raising, &operation))
            }
        }
    }

    /// Ends an open challenge and tells of it.
    async fn ended(
        &self,
        raising: &Raising<'_>,
        operation: BookedOperation,
        result: &str,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        let booked = self.end_challenge(&operation, result, &Plan::default()).await.map_err(told)?;
        let operation = booked.map_or(operation, |booked| booked.operation);
        Ok(self.told_again(raising, &operation))
    }

    /// The outcome's own event, once more.
    fn told_again(&self, raising: &Raising<'_>, operation: &BookedOperation) -> Vec<BookedCallback> {
        vec![self.to_send(raising, &self.event_of(operation), 0)]
    }

    /// The newest callback: as it was and twice, or as a new event of an hour ago.
    fn newest(
        &self,
        raising: &Raising<'_>,
        operation: &BookedOperation,
        as_late: bool,
    ) -> Vec<BookedCallback> {
        let newest = raising.known.first().map(|callback| EventBody::parse(callback.body.as_bytes()));
        let body = match newest {
            Some(Ok(body)) => body,
            _ => self.event_of(operation).1,
        };
        let tenant = operation.tenant.clone();
        if as_late {
            let id = self.event_id(operation, &format!("late {}", raising.mark));
            let body = body.again(id, self.clock.now() - LATE_BY);
            return vec![self.to_send(raising, &(tenant, body), 0)];
        }
        let told = (tenant, body);
        vec![self.to_send(raising, &told, 0), self.to_send(raising, &told, 1)]
    }

    /// All that can be captured, or refunded, of an approved authorization; moved and told.
    async fn outside(
        &self,
        raising: &Raising<'_>,
        operation: &BookedOperation,
        kind: CallKind,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        let event = raising.event;
        let BookedOutcome::Approved { gateway_reference, .. } = &operation.outcome else {
            return Err(refused("nothing is held or taken"));
        };
        let payment = self.books.payment(&event.tenant, gateway_reference).await;
        let payment = payment.map_err(|error| told(books_away(&error)))?;
        let payment = payment.ok_or_else(|| refused("nothing is held or taken"))?;
        let amount = match kind {
            CallKind::Capture => payment.capturable(),
            _ => payment.refundable(),
        };
        if amount.is_zero() {
            return Err(refused("nothing is left to be moved"));
        }
        let moved = self.movement(raising, kind, amount);
        let decide = |payment: &BookedPayment| match kind {
            CallKind::Capture => payment.capture(amount, true),
            _ => payment.refund(amount),
        };
        let id = self.event_id(&moved, "outside");
        let named = (&event.tenant, kind, event.reference.as_str());
        let names = (gateway_reference.as_str(), moved.gateway_reference());
        let body = EventBody::outside(id, named, names, amount, self.clock.now());
        let callback = self.to_send(raising, &(event.tenant.clone(), body), 0);
        self.move_from_outside(moved, &payment, decide, vec![callback.clone()]).await.map_err(told)?;
        Ok(vec![callback])
    }

    fn movement(&self, raising: &Raising<'_>, kind: CallKind, amount: Money) -> BookedOperation {
        let event = raising.event;
        let reference = format!("{}/outside/{}", event.reference, raising.mark);
        BookedOperation {
            tenant: event.tenant.clone(),
            kind,
            request_digest: None,
            outcome: BookedOutcome::Approved {
                gateway_reference: self.gateway_reference(&event.tenant, kind, &reference),
                amount,
                captured: kind == CallKind::Capture,
            },
            sca: None,
            session: None,
            return_url: None,
            embeds: false,
            late_refunds: None,
            visible_at: self.clock.now(),
            reference,
        }
    }

    /// The `nth` callback of a raised event.
    fn to_send(&self, raising: &Raising<'_>, body: &(TenantId, EventBody), nth: usize) -> BookedCallback {
        let event = raising.event;
        let due = self.clock.now() + event.delay;
        match &event.request {
            Some(_) => self.delivery(body, &event.reference, format_args!("{}.{nth}", raising.mark), due),
            // The first two deliveries of an outcome may have been booked with it.
            None => self.delivery(body, &event.reference, raising.known.len() + nth + 3, due),
        }
    }
}

fn refused(why: &str) -> SandboxError {
    SandboxError::Refused(why.to_owned())
}

fn told(fault: Fault) -> SandboxError {
    match fault {
        Fault::NotDone(why) => SandboxError::Refused(why),
        Fault::NotNow(why) | Fault::Unknown(why) => SandboxError::Unavailable(why),
        Fault::ServerError | Fault::Malformed => SandboxError::Unavailable("it failed".to_owned()),
    }
}

//! What the sandbox's tools ask for: cards, fresh tokens, events on demand.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
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
        let callbacks = match event.kind {
            SandboxEventKind::Succeeded => self.succeeded(event, operation).await?,
            SandboxEventKind::Failed => self.failed(event, operation).await?,
            SandboxEventKind::Duplicate => self.newest(event, &operation, false).await?,
            SandboxEventKind::Late => self.newest(event, &operation, true).await?,
            SandboxEventKind::OutOfOrder => {
                let number = self.told_of(event).await?.len();
                vec![self.to_send(event, &self.pending_event(&operation, number), number)]
            }
            SandboxEventKind::OutsideCapture => self.outside(event, &operation, CallKind::Capture).await?,
            SandboxEventKind::OutsideRefund => self.outside(event, &operation, CallKind::Refund).await?,
        };
        let added = self.books.add_callbacks(&callbacks).await;
        added.map_err(|error| told(books_away(&error)))?;
        self.booked.notify_one();
        Ok(callbacks.into_iter().map(|callback| callback.event_id).collect())
    }
}

impl SimulatorGateway {
    async fn succeeded(
        &self,
        event: &RaiseEvent,
        operation: BookedOperation,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        match operation.outcome {
            BookedOutcome::Challenged { fails: false, .. } => self.ended(event, operation, "success").await,
            BookedOutcome::Challenged { .. } => Err(refused("this card's challenge always fails")),
            BookedOutcome::Approved { .. } => self.told_again(event, &operation).await,
            BookedOutcome::Declined(_) | BookedOutcome::Refused(_) => {
                Err(refused("the simulator declined or refused it, and would have no money for it"))
            }
        }
    }

    async fn failed(
        &self,
        event: &RaiseEvent,
        operation: BookedOperation,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        match operation.outcome {
            BookedOutcome::Challenged { .. } => self.ended(event, operation, "failed").await,
            BookedOutcome::Approved { .. } => {
                let decline = Decline {
                    code: DeclineCode::CardDeclined,
                    network_code: Some("05".to_owned()),
                    message: "The card was declined.".to_owned(),
                    sca: None,
                };
                let number = self.told_of(event).await?.len();
                let id = self.event_id(&operation, &format!("false decline {number}"));
                let end = CallEnd::Answered(GatewayAnswer::Declined(decline));
                let call = (operation.kind, operation.reference.as_str());
                let body = EventBody::ended(id, &operation.tenant, call, end, self.clock.now());
                Ok(vec![self.to_send(event, &(operation.tenant.clone(), body), number)])
            }
            BookedOutcome::Declined(_) | BookedOutcome::Refused(_) => {
                self.told_again(event, &operation).await
            }
        }
    }

    /// Ends an open challenge and tells of it.
    async fn ended(
        &self,
        event: &RaiseEvent,
        operation: BookedOperation,
        result: &str,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        let booked = self.end_challenge(&operation, result, &Plan::default()).await.map_err(told)?;
        let operation = booked.map_or(operation, |booked| booked.operation);
        self.told_again(event, &operation).await
    }

    /// The outcome's own event, once more.
    async fn told_again(
        &self,
        event: &RaiseEvent,
        operation: &BookedOperation,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        let number = self.told_of(event).await?.len();
        Ok(vec![self.to_send(event, &self.event_of(operation), number)])
    }

    /// The newest callback: as it was and twice, or as a new event of an hour ago.
    async fn newest(
        &self,
        event: &RaiseEvent,
        operation: &BookedOperation,
        as_late: bool,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
        let known = self.told_of(event).await?;
        let newest = known.first().map(|callback| EventBody::parse(callback.body.as_bytes()));
        let body = match newest {
            Some(Ok(body)) => body,
            _ => self.event_of(operation).1,
        };
        let tenant = operation.tenant.clone();
        if as_late {
            let id = self.event_id(operation, &format!("late {}", known.len()));
            let body = body.again(id, self.clock.now() - LATE_BY);
            return Ok(vec![self.to_send(event, &(tenant, body), known.len())]);
        }
        let told = (tenant, body);
        Ok(vec![self.to_send(event, &told, known.len()), self.to_send(event, &told, known.len() + 1)])
    }

    /// All that can be captured, or refunded, of an approved authorization; moved and told.
    async fn outside(
        &self,
        event: &RaiseEvent,
        operation: &BookedOperation,
        kind: CallKind,
    ) -> Result<Vec<BookedCallback>, SandboxError> {
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
        let number = self.told_of(event).await?.len();
        let moved = self.movement(event, kind, number, amount);
        let decide = |payment: &BookedPayment| match kind {
            CallKind::Capture => payment.capture(amount, true),
            _ => payment.refund(amount),
        };
        let id = self.event_id(&moved, "outside");
        let named = (&event.tenant, kind, event.reference.as_str());
        let names = (gateway_reference.as_str(), moved.gateway_reference());
        let body = EventBody::outside(id, named, names, amount, self.clock.now());
        let callback = self.to_send(event, &(event.tenant.clone(), body), number);
        self.move_from_outside(moved, &payment, decide, vec![callback.clone()]).await.map_err(told)?;
        Ok(vec![callback])
    }

    fn movement(&self, event: &RaiseEvent, kind: CallKind, number: usize, amount: Money) -> BookedOperation {
        let reference = format!("{}/outside/{number}", event.reference);
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
            late_refunds: None,
            visible_at: self.clock.now(),
            reference,
        }
    }

    async fn told_of(&self, event: &RaiseEvent) -> Result<Vec<BookedCallback>, SandboxError> {
        let known = self.books.callbacks(&event.tenant, &event.reference).await;
        known.map_err(|error| told(books_away(&error)))
    }

    /// The callback of a raised event; `number` of them are known already.
    fn to_send(&self, event: &RaiseEvent, body: &(TenantId, EventBody), number: usize) -> BookedCallback {
        let due = self.clock.now() + event.delay;
        // The first two deliveries of an outcome may have been booked with it.
        self.delivery(body, &event.reference, number + 3, due)
    }
}

fn refused(why: &str) -> SandboxError {
    SandboxError::Refused(why.to_owned())
}

fn told(fault: Fault) -> SandboxError {
    match fault {
        Fault::NotDone(why) => SandboxError::Refused(why),
        Fault::Unknown(why) => SandboxError::Unavailable(why),
        Fault::ServerError | Fault::Malformed => SandboxError::Unavailable("it failed".to_owned()),
    }
}

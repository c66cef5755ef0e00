//! Sessions of alternative payment methods: the customer pays on the simulator's page, and only there.

use tender_domain::kernel::{Money, StoreError};
use tender_domain::ports::{CallKind, SessionRequest};
use tender_domain::simulator::{BookedOperation, BookedOutcome};

use crate::fault::Fault;
use crate::misbehaviour::{Misbehaviour, Plan};
use crate::{SimulatorGateway, challenge};

/// The methods that the simulator has sessions of.
pub(crate) const METHODS: &[&str] = &[SessionRequest::CARD, "ideal", "klarna", "paypal"];

/// What people call a method; its own name where it has no other.
pub(crate) fn display_name(method: &str) -> &str {
    match method {
        "ideal" => "iDEAL",
        "klarna" => "Klarna",
        "paypal" => "PayPal",
        other => other,
    }
}

/// What a page shows of what its customer is asked.
pub(crate) struct Asked {
    pub(crate) amount: Money,
    pub(crate) session: Option<Box<SessionRequest>>,
    /// Where the customer comes back to from a challenge.
    pub(crate) return_url: Option<String>,
    /// Whether the page is shown within the shop's own.
    pub(crate) embeds: bool,
}

impl SimulatorGateway {
    /// What is asked on the page with this reference, while it is open.
    pub(crate) async fn asked(&self, challenge_reference: &str) -> Result<Option<Asked>, StoreError> {
        let Some((tenant, reference)) = challenge::authorization_of(challenge_reference) else {
            return Ok(None);
        };
        let operation = self.books.operation(&tenant, CallKind::Authorize, &reference).await?;
        Ok(operation.and_then(|operation| match operation.outcome {
            BookedOutcome::Challenged { amount, .. } if !self.is_over(&operation) => Some(Asked {
                amount,
                session: operation.session,
                return_url: operation.return_url,
                embeds: operation.embeds,
            }),
            _ => None,
        }))
    }

    /// The customer pays in a session (`success`), or does not; it is told by callback. Says whether it was open.
    ///
    /// # Errors
    /// When the books cannot be reached.
    pub async fn end_session(&self, challenge_reference: &str, result: &str) -> Result<bool, StoreError> {
        let Some((tenant, reference)) = challenge::authorization_of(challenge_reference) else {
            return Ok(false);
        };
        let Some(operation) = self.books.operation(&tenant, CallKind::Authorize, &reference).await? else {
            return Ok(false);
        };
        if operation.session.is_none() || self.is_over(&operation) {
            return Ok(false);
        }
        let plan = Plan::default().and(&[Misbehaviour::Callback]);
        match self.end_challenge(&operation, result, &plan).await {
            Ok(booked) => Ok(booked.is_some_and(|booked| booked.first)),
            Err(fault) => {
                tracing::error!(?fault, "a session could not be ended");
                Ok(false)
            }
        }
    }

    /// The operation, with its session ended if its time is over.
    pub(crate) async fn with_session_ended(
        &self,
        operation: BookedOperation,
    ) -> Result<BookedOperation, Fault> {
        if !self.is_over(&operation) {
            return Ok(operation);
        }
        let ended = self.end_challenge(&operation, "expired", &Plan::default()).await?;
        Ok(ended.map_or(operation, |booked| booked.operation))
    }

    fn is_over(&self, operation: &BookedOperation) -> bool {
        let open = matches!(operation.outcome, BookedOutcome::Challenged { .. });
        open && operation.session.as_ref().is_some_and(|session| session.expires_at <= self.clock.now())
    }
}

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tender_domain::kernel::{Money, Save, StoreError, TenantId, Timestamp};
use tender_domain::ports::{Authorize, Avs, CallKind, Clock, GatewayAnswer, GatewayError};
use tender_domain::simulator::{
    BookEntry, BookRefusal, BookedOperation, BookedOutcome, BookedPayment, Recorded, SimulatorBooks,
};

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
    pub(crate) books: Arc<dyn SimulatorBooks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Arc<SimulatorOptions>,
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

    pub(crate) fn gateway_reference(&self, tenant: &TenantId, kind: CallKind, reference: &str) -> String {
        let parts = [tenant.as_str().as_bytes(), kind.as_str().as_bytes(), reference.as_bytes()];
        let derived = derive(&self.options.secret, "gateway reference", &parts);
        format!("sim_{}", BASE32_NOPAD.encode(&derived[..16]).to_ascii_lowercase())
    }

    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        derive(&self.options.secret, "request", parts)
    }

    /// Writes the entry; `None` when another call was faster with the same payment.
    pub(crate) async fn record(&self, entry: &BookEntry) -> Result<Option<Booked>, GatewayError> {
        let recorded = self.books.record(entry).await.map_err(books_away)?;
        Ok(match recorded {
            Recorded::Written => Some(Booked { operation: (*entry.operation.after).clone(), first: true }),
            Recorded::Existing(operation) => Some(Booked { operation, first: false }),
            Recorded::Stale => None,
        })
    }

    /// Writes a call on an existing payment: `decide` says what it does to it.
    pub(crate) async fn on_payment<D>(&self, call: Call<'_>, decide: D) -> Result<GatewayAnswer, GatewayError>
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
    pub(crate) fn answer(
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
    pub(crate) async fn wait_until_visible(&self, operation: &BookedOperation) {
        let left = (operation.visible_at - self.clock.now()).to_std().unwrap_or(Duration::ZERO);
        tokio::time::sleep(left.min(self.options.delay)).await;
    }

    pub(crate) fn entry_of_authorization(
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
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) kind: CallKind,
    pub(crate) reference: &'a str,
    pub(crate) gateway_reference: &'a str,
    pub(crate) digest: [u8; 32],
}

/// An operation of the books, and whether this call wrote it.
pub(crate) struct Booked {
    pub(crate) operation: BookedOperation,
    pub(crate) first: bool,
}

/// The payment that an approved authorization makes.
pub(crate) fn payment_of(
    tenant: &TenantId,
    reference: &str,
    outcome: &BookedOutcome,
) -> Option<Save<BookedPayment>> {
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

pub(crate) fn approved(gateway_reference: &str, amount: Money, captured: bool) -> BookedOutcome {
    BookedOutcome::Approved { gateway_reference: gateway_reference.to_owned(), amount, captured }
}

/// The books failed: whether the call was written is open.
pub(crate) fn books_away(error: StoreError) -> GatewayError {
    tracing::error!(%error, "the simulator's books failed");
    GatewayError::Unknown("the simulator cannot reach its books".to_owned())
}

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tender_domain::kernel::{Money, Save, StoreError, TenantId, Timestamp};
use tender_domain::ports::{Authorize, Avs, CallKind, Clock, Decline, GatewayAnswer, ScaAnswer};
use tender_domain::simulator::{
    BookEntry, BookRefusal, BookedOperation, BookedOutcome, BookedPayment, LateRefund, Recorded,
    SimulatorBooks,
};

use tokio::sync::Notify;

use crate::fault::{Answered, Fault};
use crate::first_times::FirstTimes;
use crate::misbehaviour::{Loss, Plan};
use crate::script::{Scripted, Scripts};
use crate::secret::derive;
use crate::{Script, SimulatorOptions, challenge, sca};

/// How often a call decides again because another call changed the same payment in between.
const DECISIONS_MAX: usize = 64;
/// So long a lookup does not tell what the callback alone tells: longer than anybody asks.
const TOLD_BY_CALLBACK_ALONE: Duration = Duration::from_secs(30 * 24 * 3600);

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
    scripts: Arc<Scripts>,
    /// Which checks of methods were lost once already.
    pub(crate) lost_checks: Arc<FirstTimes>,
    /// Of which payments a refund was refused once already.
    pub(crate) refused_refunds: Arc<FirstTimes>,
    /// Told when callbacks were booked.
    pub(crate) booked: Arc<Notify>,
    /// How many tokens the faucet gave.
    pub(crate) issued: Arc<AtomicU64>,
}

impl SimulatorGateway {
    /// A simulator with these books.
    #[must_use]
    pub fn new(books: Arc<dyn SimulatorBooks>, clock: Arc<dyn Clock>, options: SimulatorOptions) -> Self {
        Self {
            books,
            clock,
            options: Arc::new(options),
            scripts: Arc::default(),
            lost_checks: Arc::default(),
            refused_refunds: Arc::default(),
            booked: Arc::default(),
            issued: Arc::default(),
        }
    }

    /// Has the next calls that fit do something wrong. Scripts are gone with the process; of more than a thousand the
    /// oldest is forgotten.
    pub fn script(&self, script: Script) {
        self.scripts.add(script);
    }

    /// Forgets the scripts of a tenant.
    pub fn forget_scripts(&self, tenant: &TenantId) {
        self.scripts.forget(tenant);
    }

    /// What a call does beside its outcome, by script.
    pub(crate) fn plan(&self, call: &Scripted<'_>) -> Plan {
        Plan::default().and(&self.scripts.take(call))
    }

    /// A call that is lost on the way: after the delay its caller hears nothing, or at once that the server failed.
    pub(crate) async fn lost_on_the_way(&self, plan: &Plan) -> Result<(), Fault> {
        match plan.lost_before {
            None => Ok(()),
            Some(loss) => Err(self.lost(loss).await),
        }
    }

    pub(crate) async fn lost(&self, loss: Loss) -> Fault {
        match loss {
            Loss::Silence => {
                tokio::time::sleep(self.options.delay).await;
                Fault::Unknown("the gateway did not answer in time".to_owned())
            }
            Loss::ServerError => Fault::ServerError,
            Loss::Malformed => Fault::Malformed,
        }
    }

    /// Answers a call that is booked, as planned the first time; a repetition is answered with what the books have.
    pub(crate) async fn answer_as_planned(
        &self,
        booked: &Booked,
        digest: Option<[u8; 32]>,
        plan: &Plan,
    ) -> Answered {
        if booked.first {
            if plan.before_answer {
                self.wait_until_told(&booked.operation).await;
            }
            if let Some(loss) = plan.lost_after {
                return Err(self.lost(loss).await);
            }
        }
        if booked.operation.visible_at > self.clock.now() + self.options.delay {
            if let Some(asked) = waits_for_the_customer(&booked.operation) {
                return Ok(asked);
            }
            return Err(Fault::Unknown("it is accepted; the callback tells how it ends".to_owned()));
        }
        self.wait_until_visible(&booked.operation).await;
        self.answer(&booked.operation, digest)
    }

    /// The books, to be compared with others'.
    #[must_use]
    pub fn books(&self) -> &dyn SimulatorBooks {
        &*self.books
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
    pub(crate) async fn record(&self, entry: &BookEntry) -> Result<Option<Booked>, Fault> {
        let recorded = self.books.record(entry).await.map_err(|error| books_away(&error))?;
        if !entry.callbacks.is_empty() {
            self.booked.notify_one();
        }
        Ok(match recorded {
            Recorded::Written => Some(Booked { operation: (*entry.operation.after).clone(), first: true }),
            Recorded::Existing(operation) => Some(Booked { operation, first: false }),
            Recorded::Stale => None,
        })
    }

    /// Writes a call on an existing payment: `decide` says what it does to it.
    pub(crate) async fn on_payment<D>(&self, call: Call<'_>, decide: D) -> Answered
    where
        D: Fn(&BookedPayment) -> Result<(BookedPayment, BookedOutcome), BookRefusal> + Send + Sync,
    {
        self.lost_on_the_way(&call.plan).await?;
        for _ in 0..DECISIONS_MAX {
            let loaded = self.books.payment(call.tenant, call.gateway_reference).await;
            let loaded = loaded.map_err(|error| books_away(&error))?;
            let decided = match &loaded {
                Some(payment) => decide(payment),
                None => {
                    Err(BookRefusal::NoSuchPayment { gateway_reference: call.gateway_reference.to_owned() })
                }
            };
            let (outcome, payment) = match decided {
                // One that moves nothing.
                Ok((after, outcome)) if loaded.as_ref() == Some(&after) => (outcome, None),
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
                sca: None,
                session: None,
                return_url: None,
                embeds: false,
                late_refunds: call.plan.ends_late.filter(|late| *late == LateRefund::NeedsAction),
                visible_at: self.visible_at(&call.plan),
            };
            let callbacks = self.callbacks_of(&operation, &call.plan);
            let entry = BookEntry { operation: Save::new(operation), payment, callbacks };
            if let Some(booked) = self.record(&entry).await? {
                return self.answer_as_planned(&booked, Some(call.digest), &call.plan).await;
            }
        }
        Err(Fault::Unknown("the simulator is busy with other calls on the same payment".to_owned()))
    }

    /// What the caller is told of an operation. `digest` is of what is asked now.
    pub(crate) fn answer(&self, operation: &BookedOperation, digest: Option<[u8; 32]>) -> Answered {
        if operation.request_digest.is_some() && digest.is_some() && operation.request_digest != digest {
            return Err(Fault::NotDone(format!(
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
                sca: operation.sca.clone(),
            }),
            BookedOutcome::Declined(decline) => {
                let known = operation.sca.clone();
                let sca = match operation.kind {
                    CallKind::Authorize => {
                        let kind = CallKind::Authorize;
                        let name = self.gateway_reference(&operation.tenant, kind, &operation.reference);
                        sca::of_decline(known, decline.code, name)
                    }
                    _ => known,
                };
                Ok(GatewayAnswer::Declined(Decline { sca, ..decline.clone() }))
            }
            BookedOutcome::Challenged { .. } => {
                let challenge_reference = challenge::reference_of(&operation.tenant, &operation.reference);
                let public_url = &self.options.public_url;
                let (url, creq) = match operation.embeds {
                    true => (
                        challenge::acs_url_of(public_url, &challenge_reference),
                        Some(challenge::creq_of(&challenge_reference)),
                    ),
                    false => (challenge::url_of(public_url, &challenge_reference), None),
                };
                Ok(GatewayAnswer::Challenge { url, challenge_reference, creq })
            }
            BookedOutcome::Refused(reason) => Err(Fault::NotDone(reason.clone())),
        }
    }

    /// Waits until the operation may be told, by the clock; never longer than the delay.
    pub(crate) async fn wait_until_visible(&self, operation: &BookedOperation) {
        let left = (operation.visible_at - self.clock.now()).to_std().unwrap_or(Duration::ZERO);
        tokio::time::sleep(left.min(self.options.delay)).await;
    }

    /// From when on an operation of this plan is told.
    pub(crate) fn visible_at(&self, plan: &Plan) -> Timestamp {
        let now = self.clock.now();
        match plan.ends_late {
            Some(LateRefund::Succeeds | LateRefund::Fails | LateRefund::NeedsAction) => {
                now + TOLD_BY_CALLBACK_ALONE
            }
            _ if plan.slow => now + self.options.delay,
            _ => now,
        }
    }

    pub(crate) fn entry_of_authorization(
        &self,
        request: &Authorize,
        digest: [u8; 32],
        (outcome, sca): (BookedOutcome, Option<Box<ScaAnswer>>),
        plan: &Plan,
    ) -> BookEntry {
        let payment = payment_of(&request.tenant, &request.reference, &outcome);
        let operation = BookedOperation {
            tenant: request.tenant.clone(),
            kind: CallKind::Authorize,
            reference: request.reference.clone(),
            request_digest: Some(digest),
            outcome,
            sca,
            session: request.session.clone().map(Box::new),
            return_url: request.sca.return_url.clone(),
            embeds: request.sca.embeds && request.session.is_none(),
            late_refunds: plan.late_refunds,
            visible_at: self.visible_at(plan),
        };
        let callbacks = self.callbacks_of(&operation, plan);
        BookEntry { operation: Save::new(operation), payment, callbacks }
    }
}

/// A call on an existing payment.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) kind: CallKind,
    pub(crate) reference: &'a str,
    pub(crate) gateway_reference: &'a str,
    pub(crate) digest: [u8; 32],
    pub(crate) plan: Plan,
}

/// An operation of the books, and whether this call wrote it.
pub(crate) struct Booked {
    pub(crate) operation: BookedOperation,
    pub(crate) first: bool,
}

/// That a refund waits for its customer, who was written to; none of what does not.
pub(crate) fn waits_for_the_customer(operation: &BookedOperation) -> Option<GatewayAnswer> {
    let waits = operation.kind == CallKind::Refund && operation.late_refunds == Some(LateRefund::NeedsAction);
    let challenge_reference = operation.gateway_reference().to_owned();
    waits.then(|| GatewayAnswer::Challenge { url: String::new(), challenge_reference, creq: None })
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
pub(crate) fn books_away(error: &StoreError) -> Fault {
    tracing::error!(%error, "the simulator's books failed");
    Fault::Unknown("the simulator cannot reach its books".to_owned())
}

//! Which callbacks tell of an outcome, and when they are due.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{CallEnd, Decline, DeclineCode};
use tender_domain::simulator::{BookedCallback, BookedOperation, BookedOutcome, LateRefund};

use crate::SimulatorGateway;
use crate::dispute_body::DisputeBody;
use crate::event_body::EventBody;
use crate::fault::Fault;
use crate::misbehaviour::Plan;
use crate::secret::derive;

/// How long a call whose callback comes before its answer waits between two looks at whether it was delivered.
const POLL: Duration = Duration::from_millis(10);
/// So much later than the outcome's callback one of an earlier state is due.
const OVERTAKEN_BY: Duration = Duration::from_millis(1);

/// Why a refund comes to nothing.
pub(crate) fn refused_refund() -> Decline {
    Decline {
        code: DeclineCode::CardDeclined,
        network_code: Some("05".to_owned()),
        message: "The issuer refused the refund.".to_owned(),
        sca: None,
    }
}

/// Why a refund cannot be paid.
pub(crate) fn unfunded_refund() -> Decline {
    Decline {
        code: DeclineCode::InsufficientFunds,
        network_code: None,
        message: "The merchant's balance does not suffice for the refund.".to_owned(),
        sca: None,
    }
}

/// Why a void of a payment comes to nothing that was captured before.
pub(crate) fn taken_before() -> Decline {
    Decline {
        code: DeclineCode::TransactionNotAllowed,
        network_code: None,
        message: "The money was taken; it can only be given back.".to_owned(),
        sca: None,
    }
}

impl SimulatorGateway {
    /// What tells of an operation that is just being booked.
    pub(crate) fn callbacks_of(&self, operation: &BookedOperation, plan: &Plan) -> Vec<BookedCallback> {
        let disputes = self.dispute_of(operation, plan);
        let later = disputes.into_iter().chain(self.taken_back(operation, plan));
        let told_late = matches!(
            plan.ends_late,
            Some(LateRefund::Succeeds | LateRefund::Fails | LateRefund::NeedsAction)
        );
        if !plan.callback && !self.options.tell_everything && !told_late {
            return later.collect();
        }
        let event = self.event_of(operation);
        let due = match (plan.late, plan.before_answer) {
            _ if told_late => self.clock.now() + self.options.delay,
            (true, _) => operation.visible_at + self.options.delay,
            (false, true) => self.clock.now(),
            (false, false) => operation.visible_at,
        };
        let mut callbacks = vec![self.delivery(&event, &operation.reference, 1, due)];
        if plan.duplicate {
            callbacks.push(self.delivery(&event, &operation.reference, 2, due));
        }
        if plan.out_of_order {
            let pending = self.pending_event(operation, "0");
            callbacks.push(self.delivery(&pending, &operation.reference, 1, due + OVERTAKEN_BY));
        }
        callbacks.extend(later);
        callbacks
    }

    /// That a refund was taken back, after the delay; none when it was not.
    fn taken_back(&self, operation: &BookedOperation, plan: &Plan) -> Option<BookedCallback> {
        let BookedOutcome::Approved { gateway_reference, .. } = &operation.outcome else { return None };
        if plan.ends_late != Some(LateRefund::TakenBack) {
            return None;
        }
        let due = operation.visible_at + self.options.delay;
        let id = self.event_id(operation, "taken back");
        let call = (operation.kind, operation.reference.as_str());
        let end = CallEnd::TakenBack { gateway_reference: gateway_reference.clone(), why: refused_refund() };
        let body = EventBody::ended(id, &operation.tenant, call, end, due);
        Some(self.delivery(&(operation.tenant.clone(), body), &operation.reference, 1, due))
    }

    /// That what was taken is disputed, after the delay; none when it is not, or nothing was taken.
    fn dispute_of(&self, operation: &BookedOperation, plan: &Plan) -> Option<BookedCallback> {
        let BookedOutcome::Approved { gateway_reference, amount, captured: true } = &operation.outcome else {
            return None;
        };
        if !plan.disputed {
            return None;
        }
        let due = operation.visible_at + self.options.delay;
        let id = self.event_id(operation, "disputed");
        let dispute_id = id.replacen("evt_", "sim_dp_", 1);
        let dispute = DisputeBody::of(dispute_id, gateway_reference, *amount, due);
        let call = (operation.kind, operation.reference.as_str());
        let body = EventBody::disputed(id, &operation.tenant, call, dispute, due);
        Some(self.delivery(&(operation.tenant.clone(), body), &operation.reference, 1, due))
    }

    /// The event of an outcome: the same id whenever it is made.
    pub(crate) fn event_of(&self, operation: &BookedOperation) -> (TenantId, EventBody) {
        let end = match self.answer(operation, None) {
            Ok(answer) => CallEnd::Answered(answer),
            Err(Fault::NotDone(reason) | Fault::NotNow(reason) | Fault::Unknown(reason)) => {
                CallEnd::NotDone(reason)
            }
            Err(Fault::ServerError | Fault::Malformed) => CallEnd::NotDone(String::new()),
        };
        let word = match &operation.outcome {
            BookedOutcome::Approved { .. } => "approved",
            BookedOutcome::Declined(_) => "declined",
            BookedOutcome::Challenged { .. } => "challenge",
            BookedOutcome::Refused(_) => "not_done",
        };
        let id = self.event_id(operation, word);
        let call = (operation.kind, operation.reference.as_str());
        (operation.tenant.clone(), EventBody::ended(id, &operation.tenant, call, end, self.clock.now()))
    }

    /// That the operation is pending, as of a second ago; `mark` tells several of them apart.
    pub(crate) fn pending_event(&self, operation: &BookedOperation, mark: &str) -> (TenantId, EventBody) {
        let id = self.event_id(operation, &format!("pending {mark}"));
        let at = self.clock.now() - Duration::from_secs(1);
        let call = (operation.kind, operation.reference.as_str());
        (operation.tenant.clone(), EventBody::pending(id, &operation.tenant, call, at))
    }

    pub(crate) fn event_id(&self, operation: &BookedOperation, word: &str) -> String {
        let parts = [
            operation.tenant.as_str().as_bytes(),
            operation.kind.as_str().as_bytes(),
            operation.reference.as_bytes(),
            word.as_bytes(),
        ];
        let derived = derive(&self.options.secret, "event", &parts);
        format!("evt_{}", BASE32_NOPAD.encode(&derived[..16]).to_ascii_lowercase())
    }

    /// The delivery of an event that `number` tells from its others.
    pub(crate) fn delivery(
        &self,
        (tenant, event): &(TenantId, EventBody),
        reference: &str,
        number: impl fmt::Display,
        due: Timestamp,
    ) -> BookedCallback {
        BookedCallback {
            tenant: tenant.clone(),
            id: format!("{}/{number}", event.id),
            event_id: event.id.clone(),
            reference: reference.to_owned(),
            body: event.to_json(),
            due_at: Some(due),
            failures: 0,
            delivered_at: None,
        }
    }

    /// Waits until the callbacks of this operation are delivered, at most the delay.
    pub(crate) async fn wait_until_told(&self, operation: &BookedOperation) {
        let deadline = tokio::time::Instant::now() + self.options.delay;
        while tokio::time::Instant::now() < deadline {
            match self.books.callbacks(&operation.tenant, &operation.reference).await {
                Ok(callbacks) if callbacks.iter().any(|callback| callback.delivered_at.is_some()) => return,
                Ok(_) => tokio::time::sleep(POLL).await,
                Err(error) => {
                    tracing::warn!(%error, "whether a callback was delivered could not be read");
                    return;
                }
            }
        }
    }
}

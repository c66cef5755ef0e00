//! From what happened to an intent to what others are told.

use tender_domain::intents::{Attempt, Channel, Intent, IntentEvent, IntentStatus, OpenCall, PURSUED_FOR};
use tender_domain::kernel::{AttemptId, CaptureId, Message, Timestamp};
use tender_domain::ports::Ids;
use tender_events::{
    AdventuresPaymentProcessed, AlertRaised, AlertSeverity, AuditRecorded, Envelope, PaymentAuthorized,
    PaymentCanceled, PaymentFailed, PaymentProcessed, PaymentSucceeded, PublicEvent, ReversedCapture,
};

/// The messages of one change.
pub(crate) struct Messages<'a> {
    /// New message ids.
    pub(crate) ids: &'a (dyn Ids + 'static),
    /// The trace of the request behind the change.
    pub(crate) traceparent: Option<String>,
    /// When the change is made.
    pub(crate) now: Timestamp,
}

/// The fields that every message of an intent has, with those of its own.
macro_rules! of_intent {
    ($intent:expr => $event:ident { $($field:ident: $value:expr),* $(,)? }) => {
        $event {
            payment_id: $intent.id.uuid(),
            intent_id: $intent.id,
            tenant_id: $intent.tenant.clone(),
            order_id: $intent.order_ref.clone(),
            customer_id: $intent.customer_id.clone(),
            reservation_id: $intent.reservation_ref.clone(),
            merchant_account_id: $intent.merchant_account_id.clone(),
            amount: $intent.amount.to_decimal(),
            amount_minor: $intent.amount.minor(),
            currency: $intent.amount.currency(),
            payment_method: method_word($intent),
            livemode: $intent.livemode,
            version: $intent.version,
            $($field: $value),*
        }
    };
}

impl Messages<'_> {
    /// The messages of what happened to `intent`, in order.
    pub(crate) fn of(&self, intent: &Intent, events: &[IntentEvent]) -> Vec<Message> {
        events.iter().flat_map(|event| self.messages(intent, event)).flatten().collect()
    }

    fn messages(&self, intent: &Intent, event: &IntentEvent) -> [Option<Message>; 2] {
        match event {
            IntentEvent::Authorized { attempt } => [self.authorized(intent, *attempt), None],
            IntentEvent::Captured { capture } => {
                [self.processed(intent, *capture), self.told_to_storefront(intent, *capture)]
            }
            IntentEvent::CaptureReversed { capture } => [self.taken_back(intent, *capture), None],
            IntentEvent::AttemptFailed { attempt } => [self.failed(intent, *attempt), None],
            IntentEvent::FraudDenied => [Some(self.fraud_denied(intent)), None],
            IntentEvent::Canceled => [Some(self.canceled(intent)), None],
            IntentEvent::AnswerConflicted { attempt } => [self.conflict(intent, *attempt), None],
            IntentEvent::OutcomeOverdue { call } => [Some(self.overdue(intent, *call)), None],
            IntentEvent::VoidDeclined { attempt } => [self.void_declined(intent, *attempt), None],
        }
    }

    fn authorized(&self, intent: &Intent, id: AttemptId) -> Option<Message> {
        let attempt = intent.attempt(id)?;
        let event = of_intent!(intent => PaymentAuthorized {
            attempt_id: id,
            connector: attempt.connector.clone(),
            gateway_reference: gateway_reference(attempt)?,
            status: intent.status.as_str().to_owned(),
            authorized_at: self.now,
        });
        Some(event.into_message(self.envelope()))
    }

    fn processed(&self, intent: &Intent, id: CaptureId) -> Option<Message> {
        let capture = intent.capture(id)?;
        let attempt = intent.attempt(capture.attempt)?;
        // Refunds are made against what the gateway calls the charge: the authorization it came from.
        let gateway_reference = gateway_reference(attempt)?;
        let event = PaymentProcessed {
            payment_id: intent.id.uuid(),
            intent_id: intent.id,
            charge_id: attempt.id.charge(),
            capture_id: id,
            tenant_id: intent.tenant.clone(),
            order_id: intent.order_ref.clone(),
            customer_id: intent.customer_id.clone(),
            reservation_id: intent.reservation_ref.clone(),
            merchant_account_id: intent.merchant_account_id.clone(),
            connector: attempt.connector.clone(),
            transaction_id: gateway_reference.clone(),
            gateway_reference,
            amount: capture.amount.to_decimal(),
            amount_minor: capture.amount.minor(),
            currency: capture.amount.currency(),
            captured_total_minor: intent.amount_captured().minor(),
            authorized_minor: attempt.amount.minor(),
            status: intent.status.as_str().to_owned(),
            payment_method: method_word(intent),
            origin: capture.origin.as_str().to_owned(),
            livemode: intent.livemode,
            version: intent.version,
            processed_at: capture.answered_at.unwrap_or(self.now),
            metadata: intent.metadata.clone(),
        };
        Some(event.into_message(self.envelope()))
    }

    /// What the storefront's own topic says of a capture, if it has one.
    fn told_to_storefront(&self, intent: &Intent, id: CaptureId) -> Option<Message> {
        match intent.channel {
            Channel::Tickets => self.tickets_succeeded(intent, id),
            Channel::Adventures => self.adventures_processed(intent, id),
            Channel::Core | Channel::Rentals | Channel::Hotels => None,
        }
    }

    fn adventures_processed(&self, intent: &Intent, id: CaptureId) -> Option<Message> {
        let capture = intent.capture(id)?;
        let event = AdventuresPaymentProcessed {
            payment_id: intent.id.uuid(),
            reservation_id: intent.order_ref.clone(),
            guest_id: intent.customer_id.clone(),
            amount: capture.amount.to_decimal(),
            currency: capture.amount.currency(),
            status: "COMPLETED".to_owned(),
            gateway_ref: gateway_reference(intent.attempt(capture.attempt)?)?,
            processed_at: capture.answered_at.unwrap_or(self.now),
            amount_minor: capture.amount.minor(),
            tenant_id: intent.tenant.clone(),
            intent_id: intent.id,
            version: intent.version,
        };
        Some(event.into_message(self.envelope()))
    }

    fn tickets_succeeded(&self, intent: &Intent, id: CaptureId) -> Option<Message> {
        let attempt = intent.attempt(intent.capture(id)?.attempt)?;
        let event = of_intent!(intent => PaymentSucceeded {
            transaction_id: gateway_reference(attempt)?,
            status: "succeeded".to_owned(),
            processed_at: self.now,
        });
        Some(event.into_message(self.envelope()))
    }

    fn failed(&self, intent: &Intent, id: AttemptId) -> Option<Message> {
        let attempt = intent.attempt(id)?;
        let failure = Failure::of(attempt);
        let event = of_intent!(intent => PaymentFailed {
            error_code: failure.code,
            error_message: failure.message,
            failure_reason: failure.reason,
            attempt: attempt.number,
            is_final: matches!(intent.status, IntentStatus::Failed | IntentStatus::Canceled),
            status: "failed".to_owned(),
            attempted_at: attempt.answered_at.unwrap_or(self.now),
            reversed_capture: None,
        });
        Some(event.into_message(self.envelope()))
    }

    fn fraud_denied(&self, intent: &Intent) -> Message {
        let failure = Failure::fraud();
        let event = of_intent!(intent => PaymentFailed {
            error_code: failure.code,
            error_message: failure.message,
            failure_reason: failure.reason,
            attempt: u32::try_from(intent.attempts.len()).unwrap_or(u32::MAX).saturating_add(1),
            is_final: true,
            status: "failed".to_owned(),
            attempted_at: self.now,
            reversed_capture: None,
        });
        event.into_message(self.envelope())
    }

    /// Money that was taken was taken back.
    fn taken_back(&self, intent: &Intent, id: CaptureId) -> Option<Message> {
        let capture = intent.capture(id)?;
        let attempt = intent.attempt(capture.attempt)?;
        let event = of_intent!(intent => PaymentFailed {
            error_code: "CAPTURE_REVERSED".to_owned(),
            error_message: "The payment was taken back after it had succeeded".to_owned(),
            failure_reason: capture.problem.clone().unwrap_or_default(),
            attempt: attempt.number,
            is_final: matches!(intent.status, IntentStatus::Failed | IntentStatus::Canceled),
            status: intent.status.as_str().to_owned(),
            attempted_at: self.now,
            reversed_capture: Some(ReversedCapture {
                capture_id: id,
                charge_id: attempt.id.charge(),
                connector: attempt.connector.clone(),
                gateway_reference: gateway_reference(attempt)?,
                amount_minor: capture.amount.minor(),
                authorized_minor: attempt.amount.minor(),
            }),
        });
        Some(event.into_message(self.envelope()))
    }

    fn canceled(&self, intent: &Intent) -> Message {
        let event = of_intent!(intent => PaymentCanceled {
            reason: intent.cancellation_reason.clone(),
            status: intent.status.as_str().to_owned(),
            canceled_at: intent.canceled_at.unwrap_or(self.now),
        });
        event.into_message(self.envelope())
    }

    fn conflict(&self, intent: &Intent, id: AttemptId) -> Option<Message> {
        let attempt = intent.attempt(id)?;
        let captures = intent.captures.iter().filter(|capture| capture.attempt == id);
        let problem = captures
            .filter_map(|capture| capture.problem.clone())
            .next_back()
            .or_else(|| attempt.problem.clone());
        let detail = format!(
            "{} at {}; the payment stays {} until a person settles it",
            problem.unwrap_or_default(),
            attempt.connector,
            intent.status.as_str()
        );
        let kind = ("payment_amount_conflict", AlertSeverity::Critical);
        Some(self.alert(intent, kind, id.to_string(), detail))
    }

    fn overdue(&self, intent: &Intent, call: OpenCall) -> Message {
        let (what, subject, attempt) = match call {
            OpenCall::Attempt(id) => ("the authorization", id.to_string(), intent.attempt(id)),
            OpenCall::Void(id) => ("the void", id.to_string(), intent.attempt(id)),
            OpenCall::Capture(id) => {
                let attempt = intent.capture(id).and_then(|capture| intent.attempt(capture.attempt));
                ("the capture", id.to_string(), attempt)
            }
        };
        let connector = attempt.map(|attempt| &*attempt.connector).unwrap_or_default();
        let detail = format!(
            "what became of {what} {subject} at {connector} could not be found out in {} days; ask the gateway and \
             resolve it",
            PURSUED_FOR.as_secs() / 86_400
        );
        self.alert(intent, ("payment_outcome_unknown", AlertSeverity::Critical), subject, detail)
    }

    fn void_declined(&self, intent: &Intent, id: AttemptId) -> Option<Message> {
        let attempt = intent.attempt(id)?;
        let detail = format!(
            "{} at {}; {} is held still: find out why and resolve it",
            attempt.problem.clone().unwrap_or_default(),
            attempt.connector,
            attempt.amount
        );
        let kind = ("payment_void_declined", AlertSeverity::Warning);
        Some(self.alert(intent, kind, id.to_string(), detail))
    }

    fn alert(
        &self,
        intent: &Intent,
        (code, severity): (&str, AlertSeverity),
        subject_id: String,
        detail: String,
    ) -> Message {
        let alert = AlertRaised {
            code: code.to_owned(),
            severity,
            service: "intents".to_owned(),
            tenant_id: intent.tenant.clone(),
            subject_id,
            intent_id: Some(intent.id),
            detail,
            version: intent.version,
            raised_at: self.now,
        };
        alert.into_message(self.envelope())
    }

    /// The message for the audit log.
    pub(crate) fn audited(&self, audit: AuditRecorded) -> Message {
        audit.into_message(self.envelope())
    }

    fn envelope(&self) -> Envelope {
        Envelope { id: self.ids.event(), traceparent: self.traceparent.clone() }
    }
}

/// Why an attempt failed, in the tickets document's words.
pub(crate) struct Failure {
    /// `INSUFFICIENT_FUNDS`, `CARD_DECLINED` …
    pub(crate) code: String,
    /// What a person may read.
    pub(crate) message: String,
    /// What the gateway said.
    pub(crate) reason: String,
}

impl Failure {
    /// Why an intent ended before it was tried; none when it did not.
    pub(crate) fn of_fraud(intent: &Intent) -> Option<Self> {
        intent.last_payment_error.as_ref()?.fraud.map(|_| Self::fraud())
    }

    fn fraud() -> Self {
        Self {
            code: "FRAUD_DENIED".to_owned(),
            message: "The payment was refused before it was tried".to_owned(),
            reason: "Denied by the fraud rules".to_owned(),
        }
    }

    pub(crate) fn of(attempt: &Attempt) -> Self {
        match &attempt.decline {
            Some(decline) => Self {
                code: decline.code.as_str().to_uppercase(),
                message: decline.message.clone(),
                reason: match &decline.network_code {
                    Some(code) => format!("The payment gateway returned error code {code}"),
                    None => "Issuing bank rejected the transaction".to_owned(),
                },
            },
            None => Self {
                code: "GATEWAY_ERROR".to_owned(),
                message: "The payment gateway could not process the payment".to_owned(),
                reason: attempt.problem.clone().unwrap_or_default(),
            },
        }
    }
}

fn gateway_reference(attempt: &Attempt) -> Option<String> {
    attempt.authorization.as_ref().map(|authorization| authorization.gateway_reference.clone())
}

/// What kind of method is charged; a dialect's own word for it.
fn method_word(intent: &Intent) -> Option<String> {
    (!intent.method.method_type.is_empty()).then(|| intent.method.method_type.clone())
}

//! The aggregate.

use crate::fraud::IntentRisk;
use crate::kernel::{
    AttemptId, CaptureId, FraudDecisionId, IntentId, Metadata, Money, TenantId, Timestamp, Version,
};
use crate::ports::Decline;

use super::{
    Attempt, AttemptStatus, Capture, CaptureMode, CaptureStatus, Command, DisputedSum, Instrument,
    IntentEvent, IntentStatus, MethodSummary, PaymentOptions, Refusal,
};

/// Through which door an intent came; a dialect's payments are told to the dialect's own topics too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The core API.
    Core,
    /// The tickets dialect.
    Tickets,
    /// The adventures dialect.
    Adventures,
    /// The rentals dialect.
    Rentals,
    /// The hotels dialect.
    Hotels,
}

impl Channel {
    /// Every channel.
    pub const ALL: &'static [Self] =
        &[Self::Core, Self::Tickets, Self::Adventures, Self::Rentals, Self::Hotels];

    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Tickets => "tickets",
            Self::Adventures => "adventures",
            Self::Rentals => "rentals",
            Self::Hotels => "hotels",
        }
    }

    /// The channel with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|channel| channel.as_str() == text).copied()
    }

    /// Whether an order is paid once by this door: it has one live payment at most.
    #[must_use]
    pub const fn pays_once(self) -> bool {
        matches!(self, Self::Tickets | Self::Rentals)
    }
}

/// Why the last attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentError {
    /// Which attempt; none when fraud denied it before there was one.
    pub attempt: Option<AttemptId>,
    /// The decline, when it was one; none for an error at the gateway.
    pub decline: Option<Decline>,
    /// The decision of fraud that ended the intent.
    pub fraud: Option<FraudDecisionId>,
    /// What a person may read.
    pub message: String,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct NewIntent {
    /// Its id.
    pub id: IntentId,
    /// Whose.
    pub tenant: TenantId,
    /// Whether it is about live money.
    pub livemode: bool,
    /// How much.
    pub amount: Money,
    /// Of whom.
    pub customer_id: Option<String>,
    /// For which merchant account.
    pub merchant_account_id: String,
    /// What is to be charged, if it is known.
    pub instrument: Option<Instrument>,
    /// What one may know of it.
    pub method: MethodSummary,
    /// When the money is taken.
    pub capture_mode: CaptureMode,
    /// How long after its authorization we take it, in mode `auto`; none is with it.
    pub capture_delay_seconds: Option<u32>,
    /// What it is for.
    pub description: Option<String>,
    /// What the cardholder reads.
    pub statement_descriptor: Option<String>,
    /// The order behind it.
    pub order_ref: Option<String>,
    /// The reservation behind it.
    pub reservation_ref: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// The most attempts.
    pub max_attempts: u32,
    /// When it may no longer be confirmed.
    pub expires_at: Option<Timestamp>,
    /// The door it came through.
    pub channel: Channel,
}

/// A payment intent with its attempts and captures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// Whose.
    pub tenant: TenantId,
    /// How often it was committed.
    pub version: Version,
    /// Whether it is about live money.
    pub livemode: bool,
    /// How much is asked for.
    pub amount: Money,
    /// Where it stands.
    pub status: IntentStatus,
    /// Of whom.
    pub customer_id: Option<String>,
    /// For which merchant account.
    pub merchant_account_id: String,
    /// What is to be charged.
    pub instrument: Option<Instrument>,
    /// What one may know of it.
    pub method: MethodSummary,
    /// When the money is taken.
    pub capture_mode: CaptureMode,
    /// How long after its authorization we take it, in mode `auto`; none is with it.
    pub capture_delay_seconds: Option<u32>,
    /// What it is for.
    pub description: Option<String>,
    /// What the cardholder reads.
    pub statement_descriptor: Option<String>,
    /// The order behind it.
    pub order_ref: Option<String>,
    /// The reservation behind it.
    pub reservation_ref: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// The most attempts.
    pub max_attempts: u32,
    /// When it may no longer be confirmed.
    pub expires_at: Option<Timestamp>,
    /// The door it came through.
    pub channel: Channel,
    /// Why the last attempt failed; none after one that did not.
    pub last_payment_error: Option<PaymentError>,
    /// The reason of a cancellation that was asked for, also before it is done.
    pub cancellation_reason: Option<String>,
    /// When it was canceled.
    pub canceled_at: Option<Timestamp>,
    /// What refunds gave back, as refunds tells (a projection).
    pub amount_refunded: Money,
    /// What disputes take of its charge, as refunds tells (a projection); none when nothing was ever disputed.
    pub disputed: Option<DisputedSum>,
    /// What clients told of its risk, and what fraud decided last.
    pub risk: IntentRisk,
    /// What the client asks for beside amount and method.
    pub options: PaymentOptions,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The captures, oldest first.
    pub captures: Vec<Capture>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The outcome of a transition: the next state, and what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Step {
    /// The intent as it is to be.
    pub intent: Intent,
    /// What others are told.
    pub events: Vec<IntentEvent>,
}

impl Intent {
    /// A new intent.
    #[must_use]
    pub fn create(new: NewIntent, now: Timestamp) -> Self {
        let status = match new.instrument {
            Some(_) => IntentStatus::RequiresConfirmation,
            None => IntentStatus::RequiresPaymentMethod,
        };
        Self {
            id: new.id,
            tenant: new.tenant,
            version: Version::FIRST,
            livemode: new.livemode,
            amount: new.amount,
            status,
            customer_id: new.customer_id,
            merchant_account_id: new.merchant_account_id,
            instrument: new.instrument,
            method: new.method,
            capture_mode: new.capture_mode,
            capture_delay_seconds: new.capture_delay_seconds,
            description: new.description,
            statement_descriptor: new.statement_descriptor,
            order_ref: new.order_ref,
            reservation_ref: new.reservation_ref,
            metadata: new.metadata,
            max_attempts: new.max_attempts,
            expires_at: new.expires_at,
            channel: new.channel,
            last_payment_error: None,
            cancellation_reason: None,
            canceled_at: None,
            amount_refunded: Money::zero(new.amount.currency()),
            disputed: None,
            risk: IntentRisk::default(),
            options: PaymentOptions::default(),
            attempts: Vec::new(),
            captures: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Gives it a method, also another one after a decline.
    ///
    /// # Errors
    /// When the status does not permit it.
    pub fn attach_method(
        &self,
        instrument: Instrument,
        method: MethodSummary,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.permit(Command::AttachMethod)?;
        let mut next = self.next(now);
        next.instrument = Some(instrument);
        next.method = method;
        next.status = IntentStatus::RequiresConfirmation;
        Ok(next)
    }

    /// With what refunds says it gave back.
    #[must_use]
    pub fn with_refunded(&self, refunded: Money, now: Timestamp) -> Self {
        let mut next = self.next(now);
        next.amount_refunded = refunded;
        next
    }

    /// What disputes take of it.
    #[must_use]
    pub fn amount_disputed(&self) -> Money {
        Money::new(self.disputed.map_or(0, |disputed| disputed.minor), self.amount.currency())
    }

    /// With what refunds says that disputes take of its charge; none when what is known is as new.
    #[must_use]
    pub fn with_disputed(&self, told: DisputedSum, now: Timestamp) -> Option<Self> {
        if self.disputed.is_some_and(|known| known.version >= told.version) {
            return None;
        }
        let mut next = self.next(now);
        next.disputed = Some(told);
        Some(next)
    }

    /// The attempt that holds or took money, if there is one.
    #[must_use]
    pub fn approved_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.status == AttemptStatus::Approved)
    }

    /// The attempt with this id.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// The capture with this id.
    #[must_use]
    pub fn capture(&self, id: CaptureId) -> Option<&Capture> {
        self.captures.iter().find(|capture| capture.id == id)
    }

    /// What was taken.
    #[must_use]
    pub fn amount_captured(&self) -> Money {
        self.sum_captures(|status| status == CaptureStatus::Succeeded)
    }

    /// What can still be taken: the authorized amount less what was or is being captured; nothing once a final capture
    /// is on its way, a void has begun, or a cancellation was asked for.
    #[must_use]
    pub fn amount_capturable(&self) -> Money {
        let zero = Money::zero(self.amount.currency());
        let open = matches!(self.status, IntentStatus::RequiresCapture | IntentStatus::Authorized);
        let authorized = self.approved_attempt().filter(|_| open && self.cancellation_reason.is_none());
        let Some(authorized) = authorized else { return zero };
        let closing = |capture: &Capture| capture.is_final && capture.status != CaptureStatus::Failed;
        if self.captures.iter().any(closing) {
            return zero;
        }
        let taken = self.sum_captures(|status| status != CaptureStatus::Failed);
        authorized.amount.checked_sub(taken).unwrap_or(zero)
    }

    /// When the earliest outcome that is not known is pursued; none when all are known, or a person's.
    #[must_use]
    pub fn next_check_at(&self) -> Option<Timestamp> {
        let attempts = self.attempts.iter().filter_map(|attempt| attempt.next_check_at);
        let captures = self.captures.iter().filter_map(|capture| capture.next_check_at);
        attempts.chain(captures).min()
    }

    /// Whether a person has to settle something of it.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.queued_at.is_some())
            || self.captures.iter().any(|capture| capture.queued_at.is_some())
    }

    pub(super) fn permit(&self, command: Command) -> Result<(), Refusal> {
        if self.status.permits(command) {
            return Ok(());
        }
        Err(Refusal::WrongStatus { status: self.status, command })
    }

    pub(super) fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }

    /// Sums cannot overflow: each capture was checked against the authorized amount.
    fn sum_captures(&self, counts: impl Fn(CaptureStatus) -> bool) -> Money {
        let counted = self.captures.iter().filter(|capture| counts(capture.status));
        let minor = counted.map(|capture| capture.amount.minor()).fold(0, i64::saturating_add);
        Money::new(minor, self.amount.currency())
    }
}

//! Intents in every status, each brought there by its transitions.

use uuid::Uuid;

use crate::intents::{
    AttemptStatus, CancelStep, CaptureMode, Channel, Instrument, Intent, IntentStatus, MethodSummary,
    NewIntent, Refusal, StartAttempt, StartCapture, Step,
};
use crate::kernel::{AttemptId, CaptureId, Currency, IntentId, Metadata, Money, TenantId, Timestamp};
use crate::ports::{Avs, Decline, DeclineCode, GatewayAnswer, ThreeDs, UnknownOutcome};

pub(super) const AMOUNT: i64 = 10_000;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).expect("test instants exist")
}

pub(super) const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) const fn att(number: u128) -> AttemptId {
    AttemptId::from_uuid(Uuid::from_u128(number))
}

pub(super) const fn cap(number: u128) -> CaptureId {
    CaptureId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn token() -> Instrument {
    Instrument::TestToken("tok_visa".into())
}

pub(super) fn new(capture_mode: CaptureMode) -> NewIntent {
    NewIntent {
        id: IntentId::from_uuid(Uuid::from_u128(1)),
        tenant: TenantId::sandbox(),
        livemode: false,
        amount: eur(AMOUNT),
        customer_id: None,
        merchant_account_id: "ma_default".into(),
        instrument: Some(token()),
        method: MethodSummary::default(),
        capture_mode,
        capture_delay_seconds: None,
        description: None,
        statement_descriptor: None,
        order_ref: None,
        reservation_ref: None,
        metadata: Metadata::default(),
        max_attempts: 5,
        expires_at: None,
        channel: Channel::Core,
    }
}

pub(super) fn created(capture_mode: CaptureMode) -> Intent {
    Intent::create(new(capture_mode), at(0))
}

pub(super) fn start(number: u128) -> StartAttempt {
    StartAttempt {
        id: att(number),
        connector: "simulator".into(),
        rule: None,
        instrument: token(),
        method: MethodSummary::default(),
        off_session: false,
        three_ds: ThreeDs::default(),
    }
}

pub(super) fn started(capture_mode: CaptureMode) -> Intent {
    created(capture_mode).start_attempt(start(1), at(1)).expect("it is ready")
}

pub(super) fn approved(amount: Money, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: "gw_1".into(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    }
}

/// Every way a call can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Approved,
    OtherAmount,
    OtherCurrency,
    /// Held where it was to be taken, or taken where it was to be held.
    OtherMode,
    Declined,
    Challenge,
    NotDone,
    Unknown,
}

impl Outcome {
    pub(super) const ALL: [Self; 8] = [
        Self::Approved,
        Self::OtherAmount,
        Self::OtherCurrency,
        Self::OtherMode,
        Self::Declined,
        Self::Challenge,
        Self::NotDone,
        Self::Unknown,
    ];

    /// The gateway's answer to a call for `amount`, if it is one.
    pub(super) fn answer(self, amount: Money, captured: bool) -> Option<GatewayAnswer> {
        match self {
            Self::Approved => Some(approved(amount, captured)),
            Self::OtherAmount => Some(approved(eur(amount.minor() + 1), captured)),
            Self::OtherCurrency => Some(approved(Money::new(amount.minor(), Currency::USD), captured)),
            Self::OtherMode => Some(approved(amount, !captured)),
            Self::Declined => Some(GatewayAnswer::Declined(Decline {
                code: DeclineCode::DoNotHonor,
                network_code: Some("05".into()),
                message: "no".into(),
                sca: None,
            })),
            Self::Challenge => Some(GatewayAnswer::Challenge {
                url: "https://gw/3ds".into(),
                challenge_reference: "3ds".into(),
                creq: None,
            }),
            Self::NotDone | Self::Unknown => None,
        }
    }
}

/// Records how the call of an attempt ended.
pub(super) fn answered(
    intent: &Intent,
    id: AttemptId,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Step, Refusal> {
    let captured = intent.attempt(id).is_none_or(|attempt| attempt.capture);
    match (outcome.answer(intent.amount, captured), outcome) {
        (Some(answer), _) => intent.record_answer(id, answer, cap(id.uuid().as_u128()), now),
        (None, Outcome::NotDone) => intent.record_not_done(id, "bad request", now),
        (None, _) => intent.record_unknown(id, "silence", UnknownOutcome::Lookup, now),
    }
}

/// The intent after the call of its first attempt ended so.
pub(super) fn after(capture_mode: CaptureMode, outcome: Outcome) -> Intent {
    answered(&started(capture_mode), att(1), outcome, at(2)).expect("the attempt is open").intent
}

/// An intent of 100.00 EUR that is authorized at second 2, and captured by us an hour later.
pub(super) fn authorized() -> Intent {
    let delayed = NewIntent { capture_delay_seconds: Some(3_600), ..new(CaptureMode::Auto) };
    let begun = Intent::create(delayed, at(0)).start_attempt(start(1), at(1)).expect("it is ready");
    answered(&begun, att(1), Outcome::Approved, at(2)).expect("the attempt is open").intent
}

/// An intent in this status.
pub(super) fn in_status(status: IntentStatus) -> Intent {
    let intent = match status {
        IntentStatus::RequiresPaymentMethod => {
            Intent::create(NewIntent { instrument: None, ..new(CaptureMode::Auto) }, at(0))
        }
        IntentStatus::RequiresConfirmation => created(CaptureMode::Auto),
        IntentStatus::RequiresAction => after(CaptureMode::Auto, Outcome::Challenge),
        IntentStatus::Processing => started(CaptureMode::Auto),
        IntentStatus::Authorized => authorized(),
        IntentStatus::RequiresCapture => after(CaptureMode::Manual, Outcome::Approved),
        IntentStatus::Succeeded => after(CaptureMode::Auto, Outcome::Approved),
        IntentStatus::Canceled => match created(CaptureMode::Auto).cancel("no", at(1)) {
            Ok(CancelStep::Canceled(step)) => step.intent,
            other => panic!("{other:?}"),
        },
        IntentStatus::Failed => {
            let last = Intent { max_attempts: 1, ..started(CaptureMode::Auto) };
            answered(&last, att(1), Outcome::Declined, at(2)).expect("the attempt is open").intent
        }
    };
    assert_eq!(intent.status, status);
    intent
}

/// An intent whose first attempt is in this status.
pub(super) fn with_attempt(status: AttemptStatus, mode: CaptureMode) -> Intent {
    let intent = match status {
        AttemptStatus::Started => started(mode),
        AttemptStatus::Approved => after(mode, Outcome::Approved),
        AttemptStatus::Declined => after(mode, Outcome::Declined),
        AttemptStatus::Challenge => after(mode, Outcome::Challenge),
        AttemptStatus::Error => after(mode, Outcome::NotDone),
        AttemptStatus::Unknown => after(mode, Outcome::Unknown),
        AttemptStatus::Conflict => after(mode, Outcome::OtherAmount),
    };
    assert_eq!(intent.attempts[0].status, status);
    intent
}

/// A capture of an intent, begun.
pub(super) fn capturing(intent: &Intent, number: u128, minor: i64, is_final: bool) -> Intent {
    let begin = StartCapture { id: cap(number), amount: Some(eur(minor)), is_final };
    intent.start_capture(&begin, at(3)).expect("enough is held")
}

/// The next look is this many seconds later, prolonged by an eighth at most.
#[track_caller]
pub(super) fn assert_after(seconds: i64, next: Option<Timestamp>, now: Timestamp) {
    let waits = (next.expect("it is pursued") - now).num_milliseconds();
    assert!((seconds * 1_000..=seconds * 1_125).contains(&waits), "{waits} ms instead of {seconds} s");
}

//! A walk through the machine of intents: from every state, every command and every answer of a gateway.

use std::collections::{BTreeSet, HashSet, VecDeque};

use tender_domain::fraud::{FraudAction, FraudDecision, FraudVerdict, Occasion};
use tender_domain::intents::{
    AttemptStatus, CancelStep, Capture, CaptureMode, CaptureStatus, Channel, ExpiryStep, Instrument, Intent,
    IntentEvent, IntentPatch, MethodSummary, NewIntent, PURSUED_FOR, Refusal, Resolve, ResolveCall,
    ResolvedAs, StartAttempt, StartCapture, StartSession, Step,
};
use tender_domain::kernel::{
    AttemptId, CaptureId, Currency, FraudDecisionId, IntentId, Metadata, Money, TenantId, Timestamp, Topic,
    Version,
};
use tender_domain::ports::{
    Avs, Decline, DeclineCode, GatewayAnswer, SessionFlow, SessionRequest, ThreeDs, UnknownOutcome,
};
use uuid::Uuid;

/// A move of a machine: from a status, by what, to a status, and the topics that tell of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Move {
    pub(crate) from: &'static str,
    pub(crate) by: &'static str,
    pub(crate) to: &'static str,
    pub(crate) told: Vec<&'static str>,
}

/// What the walk met.
#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) intents: BTreeSet<Move>,
    pub(crate) attempts: BTreeSet<Move>,
    pub(crate) captures: BTreeSet<Move>,
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// When the time for finding out is over.
const LATE: Timestamp =
    Timestamp::from_timestamp(PURSUED_FOR.as_secs() as i64, 0).expect("it is a day of 1970");
/// When the delay of a capture of our own is over.
const SOON: Timestamp = Timestamp::from_timestamp(3_600 * 2, 0).expect("it is a day of 1970");
/// When an intent can no longer be confirmed.
const EXPIRES: Timestamp = Timestamp::from_timestamp(3_600, 0).expect("it is a day of 1970");
const LOOKUP: UnknownOutcome = UnknownOutcome::Lookup;
const ATTEMPTS_MAX: u32 = 2;
const CAPTURES_MAX: usize = 3;

/// A tried step: what it is called, and what it came to.
type Tried = (&'static str, Result<Step, Refusal>);

/// Walks until nothing new is met.
pub(crate) fn explore() -> Walk {
    let mut walk = Walk::default();
    let mut open: VecDeque<Intent> = starts().into();
    let mut seen: HashSet<String> = open.iter().map(shape).collect();
    while let Some(intent) = open.pop_front() {
        for (by, tried) in steps(&intent) {
            let Ok(Step { intent: next, events }) = tried else { continue };
            walk.record(&intent, by, &next, &events);
            if seen.insert(shape(&next)) {
                open.push_back(next);
            }
        }
    }
    assert!(seen.len() > 100, "the walk met only {} states", seen.len());
    walk
}

impl Walk {
    fn record(&mut self, before: &Intent, by: &'static str, after: &Intent, events: &[IntentEvent]) {
        let told: Vec<_> = events.iter().map(|event| topic(event).name()).collect();
        let one = |from: &'static str, to: &'static str| Move { from, by, to, told: told.clone() };
        self.intents.insert(one(before.status.as_str(), after.status.as_str()));
        for (old, new) in before.attempts.iter().zip(&after.attempts) {
            if old.status != new.status {
                self.attempts
                    .insert(Move { told: Vec::new(), ..one(old.status.as_str(), new.status.as_str()) });
            }
        }
        for (old, new) in before.captures.iter().zip(&after.captures) {
            if old.status != new.status {
                self.captures
                    .insert(Move { told: Vec::new(), ..one(old.status.as_str(), new.status.as_str()) });
            }
        }
    }
}

/// On which topic others are told of it (`payment-succeeded` beside, for payments of the tickets dialect).
const fn topic(event: &IntentEvent) -> Topic {
    match event {
        IntentEvent::Authorized { .. } => Topic::PAYMENT_AUTHORIZED,
        IntentEvent::Captured { .. } => Topic::PAYMENT_PROCESSED,
        IntentEvent::AttemptFailed { .. }
        | IntentEvent::CaptureReversed { .. }
        | IntentEvent::FraudDenied => Topic::PAYMENT_FAILED,
        IntentEvent::Canceled => Topic::PAYMENT_CANCELED,
        IntentEvent::AnswerConflicted { .. }
        | IntentEvent::OutcomeOverdue { .. }
        | IntentEvent::VoidDeclined { .. } => Topic::ALERT_RAISED,
    }
}

/// What two states must differ in to be two.
fn shape(intent: &Intent) -> String {
    let attempts = intent.attempts.iter().map(|attempt| {
        let void = attempt.authorization.as_ref().and_then(|authorization| authorization.void);
        let kind = (attempt.session.is_some(), attempt.three_ds);
        (attempt.status, void, attempt.queued_at.is_some(), attempt.checks.min(1), kind)
    });
    let captures = intent
        .captures
        .iter()
        .map(|c| (c.status, c.is_final, c.amount, c.queued_at.is_some(), c.checks.min(1)));
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        (
            intent.status,
            intent.capture_mode,
            intent.instrument.is_some(),
            intent.cancellation_reason.is_some()
        ),
        attempts.collect::<Vec<_>>(),
        captures.collect::<Vec<_>>(),
        intent.amount_capturable(),
        intent.attempts.iter().map(|attempt| attempt.capture_at.is_some()).collect::<Vec<_>>()
    )
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn starts() -> Vec<Intent> {
    let modes = [(CaptureMode::Auto, None), (CaptureMode::Manual, None), (CaptureMode::Auto, Some(1))];
    let new = |(mode, delay)| NewIntent { expires_at: Some(EXPIRES), ..new(mode, delay) };
    modes.into_iter().map(|mode| Intent::create(new(mode), NOW)).collect()
}

fn new(capture_mode: CaptureMode, capture_delay_seconds: Option<u32>) -> NewIntent {
    NewIntent {
        id: IntentId::from_uuid(Uuid::from_u128(1)),
        tenant: TenantId::sandbox(),
        livemode: false,
        amount: eur(100),
        customer_id: None,
        merchant_account_id: "ma_default".to_owned(),
        instrument: None,
        method: MethodSummary::default(),
        capture_mode,
        capture_delay_seconds,
        description: None,
        statement_descriptor: None,
        order_ref: None,
        reservation_ref: None,
        metadata: Metadata::default(),
        max_attempts: ATTEMPTS_MAX,
        expires_at: None,
        channel: Channel::Core,
    }
}

fn steps(intent: &Intent) -> Vec<Tried> {
    let mut tried = commands(intent);
    tried.extend(timed(intent));
    for attempt in &intent.attempts {
        if matches!(attempt.status, AttemptStatus::Started | AttemptStatus::Unknown) {
            tried.extend(answers(intent, attempt.id, attempt.capture));
        }
        tried.push(("void done", intent.record_voided(attempt.id, NOW)));
        tried.push(("void not known yet", intent.record_void_pending(attempt.id, "", NOW)));
        tried.push(("void not known in time", intent.record_void_pending(attempt.id, "", LATE)));
        tried.push(("void refused", intent.record_void_declined(attempt.id, "", NOW)));
        tried.extend(resolutions(intent, ResolveCall::Attempt(attempt.id)));
    }
    for capture in &intent.captures {
        if capture.status == CaptureStatus::Pending {
            tried.extend(capture_answers(intent, capture));
        }
        tried.extend(resolutions(intent, ResolveCall::Capture(capture.id)));
    }
    tried
}

/// What is done to it since its time has come.
fn timed(intent: &Intent) -> Vec<Tried> {
    let id = CaptureId::from_uuid(Uuid::from_u128(200 + intent.captures.len() as u128));
    let room = intent.captures.len() < CAPTURES_MAX;
    let mut tried = vec![(
        "its authorization expired",
        intent.expire_authorization(LATE).map(|step| match step {
            ExpiryStep::Closed(intent) | ExpiryStep::VoidStarted { intent, .. } => {
                Step { intent, events: Vec::new() }
            }
        }),
    )];
    tried.push(("it expired", intent.expire(EXPIRES)));
    for attempt in &intent.attempts {
        let abandoned = if intent.attempts.len() >= ATTEMPTS_MAX as usize {
            "the challenge was abandoned (last attempt)"
        } else {
            "the challenge was abandoned"
        };
        tried.push((abandoned, intent.abandon_challenge(attempt.id, NOW)));
        let unanswered =
            intent.challenge_unanswered(attempt.id, "silence", UnknownOutcome::CallbackOnly, NOW);
        tried.push(("nobody knows whether the challenge was met", unanswered));
        let met = "the challenge was met, and the gateway waits to be told to go on";
        tried.push((met, quiet(intent.challenge_met(attempt.id, NOW))));
    }
    if room {
        tried.push(("our capture is due", quiet(intent.start_scheduled_capture(id, SOON))));
    }
    tried
}

/// What a person may say of a call.
fn resolutions(intent: &Intent, call: ResolveCall) -> Vec<Tried> {
    let said = |outcome| {
        let resolve = Resolve {
            call,
            outcome,
            gateway_reference: "sim_1".to_owned(),
            amount: None,
            by: String::new(),
            reason: String::new(),
            capture: CaptureId::from_uuid(Uuid::from_u128(200 + intent.captures.len() as u128)),
        };
        intent.resolve(&resolve, NOW)
    };
    vec![
        ("resolved as approved", said(ResolvedAs::Approved)),
        ("resolved as declined", said(ResolvedAs::Declined)),
        ("resolved as not done", said(ResolvedAs::NotDone)),
    ]
}

fn quiet(changed: Result<Intent, Refusal>) -> Result<Step, Refusal> {
    changed.map(|intent| Step { intent, events: Vec::new() })
}

fn commands(intent: &Intent) -> Vec<Tried> {
    let instrument = || Instrument::TestToken("tok_visa".to_owned());
    let number = intent.attempts.len() as u128;
    let start = StartAttempt {
        id: AttemptId::from_uuid(Uuid::from_u128(100 + number)),
        connector: "simulator".to_owned(),
        rule: None,
        instrument: instrument(),
        method: MethodSummary::default(),
        off_session: false,
        three_ds: ThreeDs::default(),
    };
    let canceled = intent.cancel("user_cancel", NOW).map(|step| match step {
        CancelStep::Canceled(step) => step,
        CancelStep::VoidStarted { intent, .. }
        | CancelStep::ChallengeOpen { intent, .. }
        | CancelStep::Requested(intent) => Step { intent, events: Vec::new() },
    });
    let completed = intent.start_challenge_completion(NOW).map(|(intent, _)| intent);
    let attached = intent.attach_method(instrument(), MethodSummary::default(), NOW);
    let mut tried = vec![
        (
            "update",
            quiet(intent.update(IntentPatch { amount: Some(intent.amount), ..IntentPatch::default() }, NOW)),
        ),
        ("attach_method", quiet(attached)),
        ("confirm", quiet(intent.start_attempt(start, NOW))),
        ("start_session", quiet(intent.start_session(session(number), NOW))),
        ("confirm / start_session (denied by fraud)", intent.deny_by_fraud(&denial(intent), NOW)),
        ("complete_challenge", quiet(completed)),
        ("cancel", canceled),
    ];
    if intent.captures.len() < CAPTURES_MAX {
        let id = CaptureId::from_uuid(Uuid::from_u128(200 + intent.captures.len() as u128));
        let part = StartCapture { id, amount: Some(eur(40)), is_final: false };
        let rest = StartCapture { id, amount: None, is_final: true };
        tried.push(("capture", quiet(intent.start_capture(&part, NOW))));
        tried.push(("capture", quiet(intent.start_capture(&rest, NOW))));
    }
    tried
}

fn session(number: u128) -> StartSession {
    let session = SessionRequest {
        method: "ideal".to_owned(),
        flow: SessionFlow::Redirect,
        return_url: None,
        page: None,
        expires_at: SOON,
    };
    let id = AttemptId::from_uuid(Uuid::from_u128(100 + number));
    StartSession { id, connector: "simulator".to_owned(), rule: None, session }
}

fn denial(intent: &Intent) -> FraudDecision {
    FraudDecision {
        id: FraudDecisionId::from_uuid(Uuid::from_u128(300)),
        tenant: intent.tenant.clone(),
        intent: intent.id,
        occasion: Occasion::Confirm,
        verdict: FraudVerdict { score: 100, action: FraudAction::Deny, reasons: Vec::new() },
        rules_version: Version::FIRST,
        created_at: NOW,
    }
}

fn approved(amount: Money, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: "sim_1".to_owned(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    }
}

fn declined() -> GatewayAnswer {
    let message = "The card was declined.".to_owned();
    GatewayAnswer::Declined(Decline {
        code: DeclineCode::CardDeclined,
        network_code: None,
        message,
        sca: None,
    })
}

fn soft() -> Decline {
    let code = DeclineCode::AuthenticationRequired;
    Decline { code, network_code: None, message: "Authenticate.".to_owned(), sca: None }
}

/// What an answer is called, where it matters what the intent waits for.
fn words(intent: &Intent) -> [&'static str; 4] {
    if intent.cancellation_reason.is_some() {
        [
            "approved and held (cancel was asked)",
            "declined (cancel was asked)",
            "challenge (cancel was asked)",
            "known not to have happened (cancel was asked)",
        ]
    } else if intent.attempts.len() >= ATTEMPTS_MAX as usize {
        [
            "approved and held",
            "declined (last attempt)",
            "challenge",
            "known not to have happened (last attempt)",
        ]
    } else {
        ["approved and held", "declined", "challenge", "known not to have happened"]
    }
}

fn answers(intent: &Intent, id: AttemptId, captured: bool) -> Vec<Tried> {
    let capture = CaptureId::from_uuid(Uuid::from_u128(200 + intent.captures.len() as u128));
    let record = |answer| intent.record_answer(id, answer, capture, NOW);
    let challenge = GatewayAnswer::Challenge {
        url: "https://acs.example".to_owned(),
        challenge_reference: "c".to_owned(),
        creq: None,
    };
    let [held, declined_so, mut challenged, not_done] = words(intent);
    if intent.cancellation_reason.is_some() && intent.attempt(id).is_some_and(|one| one.may_be_paid(NOW)) {
        challenged = "the customer may be paying in the session (cancel was asked)";
    }
    let next = AttemptId::from_uuid(Uuid::from_u128(100 + intent.attempts.len() as u128));
    let stepped_up = intent.record_soft_decline(id, soft(), next, NOW).ok();
    let stepped_up = stepped_up.filter(|step| step.intent.attempt(next).is_some()).ok_or(Refusal::NotOpen);
    vec![
        (if captured { "approved and taken" } else { held }, record(approved(eur(100), captured))),
        ("approved for another amount", record(approved(eur(99), captured))),
        (declined_so, record(declined())),
        (challenged, record(challenge)),
        ("declined until authentication is asked for: the next attempt asks for it", stepped_up),
        (not_done, intent.record_not_done(id, "", NOW)),
        ("not known yet", intent.record_unknown(id, "", LOOKUP, NOW)),
        ("not known in time", intent.record_unknown(id, "", LOOKUP, LATE)),
    ]
}

fn capture_answers(intent: &Intent, capture: &Capture) -> Vec<Tried> {
    let record = |answer| intent.record_capture(capture.id, answer, NOW);
    let more = eur(capture.amount.minor() + 1);
    vec![
        (
            if capture.is_final { "last part taken" } else { "part taken" },
            record(approved(capture.amount, true)),
        ),
        ("another amount taken", record(approved(more, true))),
        ("capture declined", record(declined())),
        ("capture known not to have happened", intent.record_capture_not_done(capture.id, "", NOW)),
        ("capture not known yet", intent.record_capture_unknown(capture.id, "", LOOKUP, NOW)),
        ("taken back", intent.record_capture_reversed(capture.id, "", NOW)),
        ("capture not known in time", intent.record_capture_unknown(capture.id, "", LOOKUP, LATE)),
    ]
}

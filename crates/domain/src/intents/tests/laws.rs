//! The laws, under random sequences of commands and answers.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::fixtures::{Outcome, answered, approved, at, att, cap, eur, new, start, token};
use crate::intents::{
    AttemptStatus, CancelStep, Capture, CaptureMode, CaptureStatus, ExpiryStep, Intent, IntentEvent,
    IntentPatch, IntentStatus, MethodSummary, NewIntent, Refusal, Resolve, ResolveCall, ResolvedAs,
    StartCapture, Step, Timed, VoidState,
};
use crate::kernel::{CaptureId, Timestamp};
use crate::ports::UnknownOutcome;

/// Something that is asked of an intent, or that a gateway says. Numbers pick among what there is.
#[derive(Debug, Clone)]
enum Deed {
    Attach,
    Confirm,
    CompleteChallenge,
    Capture { minor: Option<i64>, is_final: bool },
    Cancel,
    Answer { attempt: usize, outcome: Outcome },
    AnswerCapture { capture: usize, outcome: Outcome },
    Voided { attempt: usize, known: bool },
    VoidDeclined(usize),
    ResolveAttempt { attempt: usize, outcome: ResolvedAs, minor: Option<i64> },
    ResolveCapture { capture: usize, outcome: ResolvedAs, minor: Option<i64> },
    Refunded(i64),
    Update { minor: Option<i64>, mode: Option<CaptureMode> },
    Timed,
    Wait(u64),
}

fn person() -> impl Strategy<Value = ResolvedAs> {
    proptest::sample::select(ResolvedAs::ALL)
}

fn stated() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(-10..12_000_i64)
}

/// Gateways of every kind.
fn how(place: usize) -> UnknownOutcome {
    match place % 3 {
        0 => UnknownOutcome::Lookup,
        1 => UnknownOutcome::Replay { key_life: Duration::from_secs(3_600) },
        _ => UnknownOutcome::CallbackOnly,
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let outcome = || proptest::sample::select(&Outcome::ALL[..]);
    // Half of the answers are good ones, so that sequences come far.
    let likely = || prop_oneof![Just(Outcome::Approved), outcome()];
    prop_oneof![
        2 => Just(Deed::Attach),
        4 => Just(Deed::Confirm),
        2 => Just(Deed::CompleteChallenge),
        4 => (prop::option::of(-10..12_000_i64), any::<bool>())
            .prop_map(|(minor, is_final)| Deed::Capture { minor, is_final }),
        1 => Just(Deed::Cancel),
        6 => (0..4_usize, likely()).prop_map(|(attempt, outcome)| Deed::Answer { attempt, outcome }),
        4 => (0..6_usize, likely()).prop_map(|(capture, outcome)| Deed::AnswerCapture { capture, outcome }),
        2 => (0..4_usize, any::<bool>()).prop_map(|(attempt, known)| Deed::Voided { attempt, known }),
        1 => (0..20_000_i64).prop_map(Deed::Refunded),
        1 => (prop::option::of(1..12_000_i64), prop::option::of(proptest::sample::select(CaptureMode::ALL)))
            .prop_map(|(minor, mode)| Deed::Update { minor, mode }),
        3 => Just(Deed::Timed),
        1 => (0..2_usize).prop_map(Deed::VoidDeclined),
        3 => (0..4_usize, person(), stated())
            .prop_map(|(attempt, outcome, minor)| Deed::ResolveAttempt { attempt, outcome, minor }),
        2 => (0..6_usize, person(), stated())
            .prop_map(|(capture, outcome, minor)| Deed::ResolveCapture { capture, outcome, minor }),
        1 => prop_oneof![0..400_u64, 0..700_000_u64].prop_map(Deed::Wait),
    ]
}

/// An intent with what was told of it so far.
struct Told {
    intent: Intent,
    events: Vec<IntentEvent>,
    now: Timestamp,
    next_id: u128,
}

impl Told {
    fn ask(&mut self, deed: &Deed) -> Result<Step, Refusal> {
        let (intent, now) = (&self.intent, self.now);
        let silent = |intent| Step { intent, events: Vec::new() };
        self.next_id += 1;
        match deed {
            Deed::Attach => intent.attach_method(token(), MethodSummary::default(), now).map(silent),
            Deed::Confirm => intent.start_attempt(start(self.next_id), now).map(silent),
            Deed::CompleteChallenge => {
                intent.start_challenge_completion(now).map(|(intent, _)| silent(intent))
            }
            Deed::Capture { minor, is_final } => {
                let begin =
                    StartCapture { id: cap(self.next_id), amount: minor.map(eur), is_final: *is_final };
                intent.start_capture(&begin, now).map(silent)
            }
            Deed::Cancel => intent.cancel("no", now).map(|step| match step {
                CancelStep::Canceled(step) => step,
                CancelStep::VoidStarted { intent, .. }
                | CancelStep::ChallengeOpen { intent, .. }
                | CancelStep::Requested(intent) => silent(intent),
            }),
            Deed::Answer { attempt, outcome } => {
                let id = intent.attempts.get(*attempt).map_or(att(0), |attempt| attempt.id);
                answered(intent, id, *outcome, now)
            }
            Deed::AnswerCapture { capture, outcome } => answer_capture(intent, *capture, *outcome, now),
            Deed::Voided { attempt, known } => {
                let id = intent.attempts.get(*attempt).map_or(att(0), |attempt| attempt.id);
                match known {
                    true => intent.record_voided(id, now),
                    false => intent.record_void_pending(id, "silence", now),
                }
            }
            Deed::VoidDeclined(attempt) => {
                let id = intent.attempts.get(*attempt).map_or(att(0), |attempt| attempt.id);
                intent.record_void_declined(id, "no", now)
            }
            Deed::ResolveAttempt { attempt, outcome, minor } => {
                let id = intent.attempts.get(*attempt).map_or(att(0), |attempt| attempt.id);
                intent.resolve(&self.said(ResolveCall::Attempt(id), *outcome, *minor), now)
            }
            Deed::ResolveCapture { capture, outcome, minor } => {
                let id = intent.captures.get(*capture).map_or(cap(0), |capture| capture.id);
                intent.resolve(&self.said(ResolveCall::Capture(id), *outcome, *minor), now)
            }
            Deed::Refunded(minor) => Ok(silent(intent.with_refunded(eur(*minor), now))),
            Deed::Update { minor, mode } => {
                let patch =
                    IntentPatch { amount: minor.map(eur), capture_mode: *mode, ..IntentPatch::default() };
                intent.update(patch, now).map(silent)
            }
            Deed::Timed => on_time(intent, cap(self.next_id), now),
            Deed::Wait(_) => Err(Refusal::NotOpen),
        }
    }

    fn said(&self, call: ResolveCall, outcome: ResolvedAs, minor: Option<i64>) -> Resolve {
        Resolve {
            call,
            outcome,
            gateway_reference: "gw_p".into(),
            amount: minor.map(eur),
            by: "ada".into(),
            reason: "looked it up".into(),
            capture: cap(self.next_id),
        }
    }
}

/// What the worker does when the time of something has come.
fn on_time(intent: &Intent, capture: CaptureId, now: Timestamp) -> Result<Step, Refusal> {
    let silent = |intent| Step { intent, events: Vec::new() };
    match intent.timed(now, now - Duration::from_secs(1_800)) {
        None => Err(Refusal::NotOpen),
        Some(Timed::Expired) => intent.expire(now),
        Some(Timed::Abandoned(id)) => intent.abandon_challenge(id, now),
        Some(Timed::CaptureDue) => intent.start_scheduled_capture(capture, now).map(silent),
        Some(Timed::AuthorizationExpired) => intent.expire_authorization(now).map(|step| match step {
            ExpiryStep::Closed(intent) | ExpiryStep::VoidStarted { intent, .. } => silent(intent),
        }),
    }
}

fn answer_capture(intent: &Intent, place: usize, outcome: Outcome, now: Timestamp) -> Result<Step, Refusal> {
    let (id, amount) =
        intent.captures.get(place).map_or((cap(0), eur(1)), |capture| (capture.id, capture.amount));
    match outcome {
        Outcome::NotDone => intent.record_capture_not_done(id, "no", now),
        Outcome::Unknown => intent.record_capture_unknown(id, "silence", how(place), now),
        _ => intent.record_capture(id, outcome.answer(amount, true).unwrap_or(approved(amount, true)), now),
    }
}

fn count(told: &Told, wanted: &IntentEvent) -> usize {
    told.events.iter().filter(|event| *event == wanted).count()
}

/// What holds of every intent at every moment.
fn check_state(intent: &Intent) {
    let amount = intent.amount.minor();
    let not_failed = intent.captures.iter().filter(|capture| capture.status != CaptureStatus::Failed);
    let reserved: i64 = not_failed.map(|capture| capture.amount.minor()).sum();
    let captured = intent.amount_captured().minor();
    assert!(
        captured <= reserved && reserved <= amount,
        "captured {captured}, reserved {reserved} of {amount}"
    );
    assert!(reserved + intent.amount_capturable().minor() <= amount);
    assert!(intent.captures.iter().all(|capture| capture.amount.minor() > 0));

    let approved = intent.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::Approved).count();
    let open = intent.attempts.iter().filter(|attempt| attempt.is_open()).count();
    assert!(approved <= 1 && open <= 1 && approved + open <= 1, "one attempt at a time");
    assert!(intent.attempts.len() <= intent.max_attempts as usize);
    for (number, attempt) in (1..).zip(&intent.attempts) {
        assert_eq!(attempt.number, number);
        let awaited = attempt.is_open() || attempt.is_voiding();
        let queued = attempt.queued_at.is_some();
        if awaited {
            assert_ne!(attempt.next_check_at.is_some(), queued, "an open call is pursued, or a person's");
        }
        assert!(awaited || attempt.next_check_at.is_none(), "what is known is not pursued");
        let void = attempt.authorization.as_ref().and_then(|authorization| authorization.void);
        let held = matches!(intent.status, IntentStatus::RequiresCapture | IntentStatus::Authorized);
        let timed = attempt.expires_at.is_some() || attempt.capture_at.is_some();
        assert!(!timed || (held && attempt.status == AttemptStatus::Approved), "only what is held expires");
        if intent.status == IntentStatus::Authorized && attempt.status == AttemptStatus::Approved {
            let open = |capture: &Capture| capture.status == CaptureStatus::Pending;
            assert!(attempt.capture_at.is_some() || intent.captures.iter().any(open), "somebody takes it");
        }
        let for_a_person = attempt.status == AttemptStatus::Conflict || void == Some(VoidState::Declined);
        assert!(!for_a_person || queued, "what only a person can settle stands in the queue");
        assert!(awaited || for_a_person == queued, "and nothing else does");
        assert_eq!(attempt.authorization.is_some(), attempt.status == AttemptStatus::Approved);
    }
    for capture in &intent.captures {
        assert!(capture.next_check_at.is_none() || capture.status == CaptureStatus::Pending);
        if capture.status == CaptureStatus::Pending {
            assert_ne!(capture.next_check_at.is_some(), capture.queued_at.is_some());
        }
        assert!(capture.queued_at.is_none() || capture.status != CaptureStatus::Succeeded);
    }
    match intent.status {
        IntentStatus::Succeeded => assert!(captured > 0),
        IntentStatus::Canceled => assert_eq!((captured, intent.next_check_at()), (0, None)),
        IntentStatus::Failed => assert_eq!((captured, approved, open), (0, 0, 0)),
        IntentStatus::Processing => {
            let conflict = intent.attempts.iter().any(|attempt| attempt.status == AttemptStatus::Conflict);
            assert!(
                conflict || intent.next_check_at().is_some() || intent.is_queued(),
                "it comes to an end, or a person is told"
            );
        }
        IntentStatus::RequiresCapture | IntentStatus::Authorized => assert_eq!(approved, 1),
        _ => assert_eq!((captured, approved, open), (0, 0, 0)),
    }
    assert_eq!(intent.canceled_at.is_some(), intent.status == IntentStatus::Canceled);
}

/// Each thing that happened was told once, and nothing else.
fn check_told(told: &Told) {
    for capture in &told.intent.captures {
        let taken = usize::from(capture.status == CaptureStatus::Succeeded);
        assert_eq!(count(told, &IntentEvent::Captured { capture: capture.id }), taken);
    }
    for attempt in &told.intent.attempts {
        let authorized = usize::from(!attempt.capture && attempt.status == AttemptStatus::Approved);
        assert_eq!(count(told, &IntentEvent::Authorized { attempt: attempt.id }), authorized);
        let declined = attempt.status == AttemptStatus::Declined;
        let failed = count(told, &IntentEvent::AttemptFailed { attempt: attempt.id });
        assert!(failed <= 1 && (!declined || failed == 1));
    }
    let canceled = usize::from(told.intent.status == IntentStatus::Canceled);
    assert_eq!(count(told, &IntentEvent::Canceled), canceled);
}

fn run(new: NewIntent, deeds: &[Deed]) -> BTreeMap<IntentStatus, usize> {
    let mut told = Told { intent: Intent::create(new, at(0)), events: Vec::new(), now: at(0), next_id: 0 };
    let mut seen = BTreeMap::new();
    for deed in deeds {
        if let Deed::Wait(seconds) = deed {
            told.now += Duration::from_secs(*seconds);
        }
        let before = told.intent.clone();
        if let Ok(step) = told.ask(deed) {
            assert_eq!(step.intent.version, before.version.next(), "one step a transition: {deed:?}");
            assert_eq!(step.intent.updated_at, told.now);
            if before.status.is_final() {
                assert_eq!(step.intent.status, before.status, "final is final: {deed:?}");
            }
            told.events.extend(step.events);
            told.intent = step.intent;
        }
        check_state(&told.intent);
        check_told(&told);
        *seen.entry(told.intent.status).or_default() += 1;
    }
    seen
}

fn any_intent() -> impl Strategy<Value = NewIntent> {
    let mode = proptest::sample::select(CaptureMode::ALL);
    let delay = prop::option::of(1..600_u32);
    (mode, 1..4_u32, prop::option::of(1..1_000_i64), delay).prop_map(
        |(mode, max_attempts, expires, delay)| {
            let capture_delay_seconds = delay.filter(|_| mode == CaptureMode::Auto);
            NewIntent { max_attempts, expires_at: expires.map(at), capture_delay_seconds, ..new(mode) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_and_answered_the_laws_hold(new in any_intent(), deeds in prop::collection::vec(deed(), 0..60)) {
        run(new, &deeds);
    }
}

/// The random sequences are worth something only if they come everywhere.
#[test]
fn random_sequences_reach_every_status() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = (any_intent(), prop::collection::vec(deed(), 60));
    let mut seen = BTreeMap::new();
    for _ in 0..500 {
        let (new, deeds) = strategy.new_tree(&mut runner).expect("it can be drawn").current();
        for (status, times) in run(new, &deeds) {
            *seen.entry(status).or_insert(0) += times;
        }
    }
    for status in IntentStatus::ALL {
        let reached = seen.get(status).copied().unwrap_or(0) > 20;
        assert!(reached, "{status:?}: {seen:?}");
    }
}

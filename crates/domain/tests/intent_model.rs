//! Every interleaving of confirming, cancelling, recovery, callbacks and retries, on small bounds, over the real
//! transitions of intents.
//!
//! One step is one commit: the store takes a decision only on the state that it was made on, so that what is loaded,
//! decided and committed is one move. Between any two moves a process may die: a call that was committed may never be
//! sent, an answer may be lost, and what a gateway did may be told by the call, a look-up or a callback, in any order
//! and more than once.

use std::fmt;
use std::hash::{Hash, Hasher};

use stateright::{Checker, Model, Property};
use tender_domain::intents::{
    AttemptStatus, CancelStep, CaptureMode, Channel, Instrument, Intent, IntentEvent, IntentStatus,
    MethodSummary, NewIntent, Refusal, StartAttempt, StartSession, Step,
};
use tender_domain::kernel::{
    AttemptId, CaptureId, Currency, IntentId, Metadata, Money, TenantId, Timestamp, Version,
};
use tender_domain::ports::{
    Avs, Decline, DeclineCode, GatewayAnswer, SessionFlow, SessionRequest, ThreeDs, UnknownOutcome,
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const ATTEMPTS_MAX: u32 = 2;

/// What became of an attempt at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Gateway {
    /// The call may still arrive.
    Waiting,
    /// The customer is asked.
    Challenged,
    /// It holds or took the money.
    Approved,
    /// It let go what it held.
    Voided,
    Declined,
    /// The call never arrived, and cannot any more.
    Never,
}

/// The committed intent, what the gateway did, and what others were told.
#[derive(Debug, Clone, PartialEq)]
struct World {
    intent: Intent,
    gateway: Vec<Gateway>,
    session: bool,
    captured: u8,
    canceled: u8,
    failed: Vec<u8>,
}

// An intent has no hash of its own: what it prints as tells it from others.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        format!("{self:?}").hash(state);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Move {
    Attach,
    Confirm,
    Cancel,
    CompleteChallenge,
    AbandonChallenge(usize),
    /// Nobody knows whether the challenge was met.
    AskInVain(usize),
    /// The gateway says that the challenge was met, and is told to go on.
    Met(usize),
    /// The gateway says what became of the challenge.
    TellOfChallenge(usize),
    /// The call arrives, and the gateway does this.
    Does(usize, Gateway),
    /// The gateway's answer, by the call, a callback or a look-up; also once more.
    Tell(usize),
    /// A call without an answer, or a look-up in vain.
    Silence(usize),
    /// A look-up once the call cannot arrive any more: the gateway will not do it either.
    NotFound(usize),
    /// The void arrives at the gateway.
    Void(usize),
    /// The void's answer.
    Voided(usize),
    VoidSilence(usize),
}

impl fmt::Debug for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attach => write!(f, "attach a method"),
            Self::Confirm => write!(f, "confirm"),
            Self::Cancel => write!(f, "cancel"),
            Self::CompleteChallenge => write!(f, "complete the challenge"),
            Self::AbandonChallenge(n) => write!(f, "abandon the challenge of {n}"),
            Self::AskInVain(n) => write!(f, "nobody knows of the challenge of {n}"),
            Self::Met(n) => write!(f, "the challenge of {n} was met"),
            Self::TellOfChallenge(n) => write!(f, "the gateway tells of the challenge of {n}"),
            Self::Does(n, what) => write!(f, "the gateway does {what:?} for {n}"),
            Self::Tell(n) => write!(f, "the gateway tells of {n}"),
            Self::Silence(n) => write!(f, "no answer for {n}"),
            Self::NotFound(n) => write!(f, "the gateway never received {n}"),
            Self::Void(n) => write!(f, "the gateway voids {n}"),
            Self::Voided(n) => write!(f, "the void of {n} is told"),
            Self::VoidSilence(n) => write!(f, "no answer to the void of {n}"),
        }
    }
}

struct Payments {
    mode: CaptureMode,
    /// Whether the customer pays in a session of an alternative payment method, whenever they like.
    session: bool,
}

fn eur() -> Money {
    Money::new(100, Currency::EUR)
}

fn token() -> Instrument {
    Instrument::TestToken("tok_visa".to_owned())
}

fn session() -> SessionRequest {
    SessionRequest {
        method: "ideal".to_owned(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: NOW + std::time::Duration::from_secs(60),
        page: None,
    }
}

fn capture(n: usize) -> CaptureId {
    CaptureId::from_uuid(Uuid::from_u128(100 + n as u128))
}

fn answer(gateway: Gateway, captured: bool) -> Option<GatewayAnswer> {
    match gateway {
        Gateway::Waiting | Gateway::Never => None,
        Gateway::Challenged => Some(GatewayAnswer::Challenge {
            url: "u".to_owned(),
            challenge_reference: "c".to_owned(),
            creq: None,
        }),
        Gateway::Approved | Gateway::Voided => Some(GatewayAnswer::Approved {
            gateway_reference: "g".to_owned(),
            amount: eur(),
            captured,
            response_code: None,
            acquirer: None,
            avs: Avs::default(),
            sca: None,
        }),
        Gateway::Declined => {
            let message = "no".to_owned();
            Some(GatewayAnswer::Declined(Decline {
                code: DeclineCode::CardDeclined,
                network_code: None,
                message,
                sca: None,
            }))
        }
    }
}

fn silent(intent: Intent) -> Step {
    Step { intent, events: Vec::new() }
}

impl World {
    /// What our side decides on the committed state; none where a move is not ours.
    fn decide(&self, step: Move) -> Result<Step, Refusal> {
        let intent = &self.intent;
        let id = |n: usize| intent.attempts.get(n).map(|attempt| attempt.id).ok_or(Refusal::NotOpen);
        let how = UnknownOutcome::Lookup;
        match step {
            Move::Attach => intent.attach_method(token(), MethodSummary::default(), NOW).map(silent),
            Move::Confirm if self.session => {
                let id = AttemptId::from_uuid(Uuid::from_u128(10 + intent.attempts.len() as u128));
                let connector = "simulator".to_owned();
                let start = StartSession { id, connector, rule: None, session: session() };
                intent.start_session(start, NOW).map(silent)
            }
            Move::Confirm => {
                let start = StartAttempt {
                    id: AttemptId::from_uuid(Uuid::from_u128(10 + intent.attempts.len() as u128)),
                    connector: "simulator".to_owned(),
                    rule: None,
                    instrument: token(),
                    method: MethodSummary::default(),
                    off_session: false,
                    three_ds: ThreeDs::default(),
                };
                intent.start_attempt(start, NOW).map(silent)
            }
            Move::Cancel => intent.cancel("no", NOW).map(|step| match step {
                CancelStep::Canceled(step) => step,
                CancelStep::VoidStarted { intent, .. }
                | CancelStep::ChallengeOpen { intent, .. }
                | CancelStep::Requested(intent) => silent(intent),
            }),
            Move::CompleteChallenge => {
                intent.start_challenge_completion(NOW).map(|(intent, _)| silent(intent))
            }
            // Its time is over, also at the gateway, which is asked first.
            Move::AbandonChallenge(n) if self.gateway[n] != Gateway::Challenged => Err(Refusal::NotOpen),
            Move::AbandonChallenge(n) => intent.abandon_challenge(id(n)?, NOW),
            Move::AskInVain(n) => intent.challenge_unanswered(id(n)?, "", how, NOW),
            Move::Met(n) if self.gateway[n] == Gateway::Challenged => Err(Refusal::NotOpen),
            Move::Met(n) => intent.challenge_met(id(n)?, NOW).map(silent),
            Move::TellOfChallenge(n) => {
                let captured = intent.attempts.get(n).is_some_and(|attempt| attempt.capture);
                let told = answer(self.gateway[n], captured).ok_or(Refusal::NotOpen)?;
                intent.record_challenge(id(n)?, told, capture(n), NOW)
            }
            Move::Tell(n) => {
                let captured = intent.attempts.get(n).is_some_and(|attempt| attempt.capture);
                let told = answer(self.gateway[n], captured).ok_or(Refusal::NotOpen)?;
                intent.record_answer(id(n)?, told, capture(n), NOW)
            }
            Move::Silence(n) => intent.record_unknown(id(n)?, "", how, NOW),
            Move::NotFound(n) => intent.record_not_done(id(n)?, "", NOW),
            Move::Voided(n) => intent.record_voided(id(n)?, NOW),
            Move::VoidSilence(n) => intent.record_void_pending(id(n)?, "", NOW),
            Move::Does(..) | Move::Void(_) => Err(Refusal::NotOpen),
        }
    }

    fn committed(&self, step: Step) -> Self {
        let mut next = self.clone();
        next.intent = normal(step.intent);
        next.gateway.resize(next.intent.attempts.len(), Gateway::Waiting);
        next.failed.resize(next.intent.attempts.len(), 0);
        for event in step.events {
            match event {
                IntentEvent::Captured { .. } => next.captured = next.captured.saturating_add(1),
                IntentEvent::Canceled => next.canceled = next.canceled.saturating_add(1),
                IntentEvent::AttemptFailed { attempt } => {
                    let place = next.intent.attempts.iter().position(|one| one.id == attempt);
                    next.failed[place.expect("it is one of the intent's")] += 1;
                }
                _ => {}
            }
        }
        next
    }
}

/// Without what grows for ever and decides nothing: versions and how often an outcome was asked for.
fn normal(mut intent: Intent) -> Intent {
    intent.version = Version::FIRST;
    for attempt in &mut intent.attempts {
        attempt.checks = attempt.checks.min(1);
        attempt.next_check_at = attempt.next_check_at.map(|_| NOW);
    }
    intent
}

impl Model for Payments {
    type State = World;
    type Action = Move;

    fn init_states(&self) -> Vec<World> {
        let new = NewIntent {
            id: IntentId::from_uuid(Uuid::from_u128(1)),
            tenant: TenantId::sandbox(),
            livemode: false,
            amount: eur(),
            customer_id: None,
            merchant_account_id: "ma_default".to_owned(),
            instrument: Some(token()),
            method: MethodSummary::default(),
            capture_mode: self.mode,
            capture_delay_seconds: None,
            description: None,
            statement_descriptor: None,
            order_ref: None,
            reservation_ref: None,
            metadata: Metadata::default(),
            max_attempts: ATTEMPTS_MAX,
            expires_at: None,
            channel: Channel::Core,
        };
        let intent = normal(Intent::create(new, NOW));
        vec![World {
            intent,
            gateway: Vec::new(),
            session: self.session,
            captured: 0,
            canceled: 0,
            failed: Vec::new(),
        }]
    }

    fn actions(&self, world: &World, moves: &mut Vec<Move>) {
        moves.extend([Move::Attach, Move::Confirm, Move::Cancel, Move::CompleteChallenge]);
        for (n, gateway) in world.gateway.iter().enumerate() {
            let attempt = &world.intent.attempts[n];
            match gateway {
                Gateway::Waiting => {
                    let does = [Gateway::Challenged, Gateway::Approved, Gateway::Declined];
                    moves.extend(does.map(|what| Move::Does(n, what)));
                    moves.push(Move::NotFound(n));
                }
                // The customer meets it on a page of the gateway's, whatever we do.
                Gateway::Challenged => {
                    moves.extend([Gateway::Approved, Gateway::Declined].map(|what| Move::Does(n, what)));
                }
                Gateway::Approved if attempt.is_voiding() => moves.push(Move::Void(n)),
                Gateway::Voided => moves.push(Move::Voided(n)),
                _ => {}
            }
            moves.extend([Move::Tell(n), Move::Silence(n), Move::VoidSilence(n), Move::AbandonChallenge(n)]);
            moves.extend([Move::AskInVain(n), Move::Met(n), Move::TellOfChallenge(n)]);
        }
    }

    fn next_state(&self, world: &World, step: Move) -> Option<World> {
        let mut next = match step {
            Move::Does(n, what) => {
                let mut next = world.clone();
                next.gateway[n] = what;
                return Some(next);
            }
            Move::Void(n) => {
                let mut next = world.clone();
                next.gateway[n] = Gateway::Voided;
                return Some(next);
            }
            step => world.committed(world.decide(step).ok()?),
        };
        match step {
            Move::NotFound(n) => next.gateway[n] = Gateway::Never,
            Move::AbandonChallenge(n) => next.gateway[n] = Gateway::Never,
            _ => {}
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("at most one attempt is approved", |_, world: &World| {
                let approved = |status| status == AttemptStatus::Approved;
                world.intent.attempts.iter().filter(|attempt| approved(attempt.status)).count() <= 1
            }),
            Property::always("no money is held or taken once it is canceled", |_, world: &World| {
                let nothing = world.captured == 0 && !world.gateway.contains(&Gateway::Approved);
                world.intent.status != IntentStatus::Canceled || nothing
            }),
            Property::always("nothing has failed while it is unknown", |_, world: &World| {
                let open = world.intent.attempts.iter().any(|attempt| attempt.is_open());
                !open || world.intent.status == IntentStatus::Processing
            }),
            Property::always("what was told as failed took no money", |_, world: &World| {
                world.failed.iter().zip(&world.gateway).all(|(told, gateway)| {
                    *told == 0 || !matches!(gateway, Gateway::Approved | Gateway::Voided)
                })
            }),
            Property::always("each thing is told once", |_, world: &World| {
                world.captured <= 1 && world.canceled <= 1 && world.failed.iter().all(|told| *told <= 1)
            }),
            Property::always("what was taken is told, and what was told was taken", |_, world: &World| {
                let taken = world.intent.status == IntentStatus::Succeeded;
                taken == (world.captured == 1)
            }),
            Property::always("no approval is dropped while its attempt has no end", |_, world: &World| {
                world.intent.attempts.iter().zip(&world.gateway).enumerate().all(|(n, (attempt, gateway))| {
                    let open = attempt.is_open() || attempt.status == AttemptStatus::Challenge;
                    !open || *gateway != Gateway::Approved || world.decide(Move::Tell(n)).is_ok()
                })
            }),
            Property::sometimes("it succeeds or is held", |_, world: &World| {
                matches!(world.intent.status, IntentStatus::Succeeded | IntentStatus::RequiresCapture)
            }),
            Property::sometimes("it is canceled", |_, world: &World| {
                world.intent.status == IntentStatus::Canceled
            }),
            Property::sometimes("it fails", |_, world: &World| world.intent.status == IntentStatus::Failed),
        ]
    }
}

#[test]
fn no_interleaving_breaks_a_promise() {
    let modes = [CaptureMode::Auto, CaptureMode::Manual].into_iter();
    for (mode, session) in modes.flat_map(|mode| [(mode, false), (mode, true)]) {
        let checked = Payments { mode, session }.checker().spawn_bfs().join();
        checked.assert_properties();
        assert!(checked.is_done());
        assert!(checked.unique_state_count() > 200, "{mode:?}: {}", checked.unique_state_count());
    }
}

//! Every outcome of a dispute, in the ledger: once, in any order of arrival, and balanced.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tender_domain::dispute_cases::{CaseReason, DecisionKind, DisputeCase, OpenCase, ResolveCase, Tier};
use tender_domain::disputes::{
    Actor, ChargebackIntake, DisputeEvent, DisputeReason, DisputeStatus as S, DisputeUpdate, Disputed,
    Outcome, Settled, ToldDispute,
};
use tender_domain::kernel::{
    CaptureId, ChargeId, Currency, DisputeId, EventId, IntakeId, IntentId, Message, Money,
    PolicyEvaluationId, RefundId, Timestamp,
};
use tender_domain::ports::{Clock, Consumer, HandleError};
use tender_domain::refunds::{CapturedCharge, CapturedPart, LookupSchedule, RefundableCharge};
use tender_events::{
    ChargebackReceived, ChargebackUnmatched, DisputeResolved, DisputeUpdated, Envelope, PublicEvent,
};
use tender_testkit::ManualClock;

use crate::support::{World, acme, captured, eur, refunded, uuid};

const CAPTURED: i64 = 10_000;
const FEE: i64 = 1_500;

/// A story of one charge: what the ledger is told of it.
struct Story {
    charge: RefundableCharge,
    messages: Vec<Message>,
    told: u32,
}

impl Story {
    /// A capture of 100.00 EUR, of which so many cents were refunded.
    fn new(refunded_minor: i64) -> Self {
        let told = CapturedCharge {
            charge_id: ChargeId::from_uuid(uuid(2, 1)),
            intent_id: IntentId::from_uuid(uuid(1, 1)),
            merchant_account_id: "ma_default".into(),
            connector: "simulator".into(),
            gateway_reference: "sim_1".into(),
            customer_id: None,
            order_id: None,
            livemode: false,
            authorized: eur(CAPTURED),
            captures: vec![CapturedPart { id: CaptureId::from_uuid(uuid(3, 1)), amount: eur(CAPTURED) }],
        };
        let charge = RefundableCharge::open(&acme(), &told, now()).expect("the capture is good");
        let mut messages = vec![captured(1, 1, eur(CAPTURED))];
        if refunded_minor > 0 {
            messages.push(refunded(2, 1, 1, eur(refunded_minor)));
        }
        Self { charge, messages, told: 100 }
    }

    fn opened(mut self, number: u32, amount: Money) -> Self {
        let told = ToldDispute {
            processor: "simulator".into(),
            processor_reference: Some(format!("sim_dp_{number}")),
            amount,
            fee_minor: Some(FEE),
            network: None,
            network_reason_code: None,
            reason: DisputeReason::Fraud,
            received_at: now(),
            respond_by: None,
        };
        let by = Actor::processor("simulator");
        let opened = self.charge.open_dispute(dp(number), told, by, now()).expect("it lands");
        self.tell(opened);
        self
    }

    /// The same, of whose fee nobody says anything yet.
    fn opened_without_fee(mut self, number: u32, amount: Money) -> Self {
        let told = ToldDispute { fee_minor: None, ..unmatched().told };
        let told = ToldDispute { processor_reference: Some(format!("sim_dp_{number}")), amount, ..told };
        let by = Actor::processor("simulator");
        let opened = self.charge.open_dispute(dp(number), told, by, now()).expect("it lands");
        self.tell(opened);
        self
    }

    fn noted(mut self, number: u32) -> Self {
        let update = DisputeUpdate { note: Some("receipt sent".into()), ..DisputeUpdate::default() };
        match self.charge.update_dispute(dp(number), &update, &Actor::person("ann"), now()) {
            Ok(Settled::Changed(noted)) => self.tell(*noted),
            other => panic!("it was not noted: {other:?}"),
        }
        self
    }

    fn fee_told(mut self, number: u32) -> Self {
        let by = Actor::processor("simulator");
        match self.charge.tell_fee(dp(number), Some(FEE), &by, now()) {
            Ok(Settled::Changed(learned)) => self.tell(*learned),
            other => panic!("the fee was known: {other:?}"),
        }
        self
    }

    fn decided(mut self, number: u32, status: S) -> Self {
        let by = Actor::processor("simulator");
        let outcome = Outcome { status, by, reason: None, decided_at: now(), overturns: true };
        match self.charge.decide_dispute(dp(number), outcome, now()) {
            Ok(Settled::Changed(decided)) => self.tell(*decided),
            other => panic!("it was not decided: {other:?}"),
        }
        self
    }

    fn tell(&mut self, disputed: Disputed) {
        let charge = &disputed.charge;
        let dispute = charge.dispute(disputed.dispute).expect("it is there");
        for event in &disputed.events {
            self.told += 1;
            let envelope = Envelope { id: EventId(uuid(9, self.told)), traceparent: None };
            match event {
                DisputeEvent::Opened(_) => {
                    self.messages.push(ChargebackReceived::of(charge, dispute).into_message(envelope));
                }
                DisputeEvent::FeeTold(_) => {
                    let told = DisputeUpdated::of(charge, dispute, dispute.told.fee_minor);
                    self.messages.push(told.into_message(envelope));
                }
                DisputeEvent::Updated(_) => {
                    self.messages.push(DisputeUpdated::of(charge, dispute, None).into_message(envelope));
                }
                DisputeEvent::Resolved { from, .. } => {
                    let resolved = DisputeResolved::of(charge, dispute, from.as_str().to_owned());
                    self.messages.push(resolved.into_message(envelope));
                }
                _ => {}
            }
        }
        self.charge = disputed.charge;
    }
}

fn now() -> Timestamp {
    ManualClock::default().now()
}

fn dp(number: u32) -> DisputeId {
    DisputeId::from_uuid(uuid(5, number))
}

/// Held, fees, receivable, payable: as the account grows on its own side.
type Sums = [i128; 4];

const ACCOUNTS: [&str; 4] = [
    "asset:disputes:simulator:held",
    "expense:chargeback_fees",
    "asset:gateway:simulator:receivable",
    "liability:merchant:ma_default:payable",
];

async fn sums(world: &World, currency: &str) -> Sums {
    let balances = world.balances(&acme()).await;
    ACCOUNTS.map(|account| {
        let found = balances.iter().find(|(name, code, _)| name == account && code == currency);
        found.map_or(0, |(_, _, sum)| *sum)
    })
}

/// The outcomes that `docs/disputes.md` states, with what they come to in euro cents.
fn outcomes() -> Vec<(&'static str, Story, Sums)> {
    let whole = || Story::new(0).opened(1, eur(10_000));
    vec![
        ("open", whole(), [10_000, 1_500, -1_500, 10_000]),
        ("won", whole().decided(1, S::Won), [0, 1_500, 8_500, 10_000]),
        (
            "a fee that is told after it was won",
            Story::new(0).opened_without_fee(1, eur(10_000)).decided(1, S::Won).fee_told(1),
            [0, 1_500, 8_500, 10_000],
        ),
        (
            "a fee that is told before it is lost, and a note after that",
            Story::new(0).opened_without_fee(1, eur(10_000)).fee_told(1).noted(1).decided(1, S::Lost),
            [0, 1_500, -1_500, 0],
        ),
        ("a fee that nobody tells", Story::new(0).opened_without_fee(1, eur(10_000)), [10_000, 0, 0, 10_000]),
        ("lost", whole().decided(1, S::Lost), [0, 1_500, -1_500, 0]),
        ("accepted", whole().decided(1, S::Accepted), [0, 1_500, -1_500, 0]),
        (
            "a chargeback on a refunded charge",
            Story::new(7_000).opened(1, eur(10_000)).decided(1, S::Lost),
            [0, 1_500, -8_500, -7_000],
        ),
        (
            "lost after a partial refund",
            Story::new(2_500).opened(1, eur(5_000)).decided(1, S::Lost),
            [0, 1_500, 1_000, 2_500],
        ),
        ("won after lost", whole().decided(1, S::Lost).decided(1, S::Won), [0, 1_500, 8_500, 10_000]),
        ("won after accepted", whole().decided(1, S::Accepted).decided(1, S::Won), [0, 1_500, 8_500, 10_000]),
        (
            "lost after won, and won at last",
            whole().decided(1, S::Won).decided(1, S::Lost).decided(1, S::Won),
            [0, 1_500, 8_500, 10_000],
        ),
        (
            "a second chargeback",
            Story::new(0).opened(1, eur(6_000)).opened(2, eur(6_000)).decided(1, S::Won),
            [6_000, 3_000, 1_000, 10_000],
        ),
        (
            "more than was captured",
            Story::new(0).opened(1, eur(12_500)).decided(1, S::Lost),
            [0, 1_500, -4_000, -2_500],
        ),
        (
            "another currency",
            Story::new(0).opened(1, Money::new(11_000, Currency::USD)),
            [0, 0, 10_000, 10_000],
        ),
    ]
}

#[tokio::test]
async fn after_each_outcome_the_books_are_balanced_and_hold_it_once_whatever_came_when() {
    let seed: u64 = rand::rng().random();
    let mut dice = StdRng::seed_from_u64(seed);
    for (outcome, story, expected) in outcomes() {
        let world = World::new();
        let mut messages = [story.messages.clone(), story.messages].concat();
        messages.shuffle(&mut dice);
        for message in &messages {
            let handled = world.consumer.handle(message).await;
            assert!(handled.is_ok(), "{outcome}, seed {seed}: {} {handled:?}", message.topic);
        }
        assert_eq!(sums(&world, "EUR").await, expected, "{outcome}, seed {seed}");
        let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
        assert!(check.balanced(), "{outcome}, seed {seed}: {check:?}");
    }
}

#[tokio::test]
async fn a_dispute_in_another_currency_is_booked_in_its_own() {
    let world = World::new();
    let story = Story::new(0).opened(1, Money::new(11_000, Currency::USD)).decided(1, S::Lost);
    for message in &story.messages {
        world.consumer.handle(message).await.expect("it is posted");
    }
    assert_eq!(sums(&world, "USD").await, [0, 1_500, -12_500, -11_000]);
    assert_eq!(sums(&world, "EUR").await, [0, 0, 10_000, 10_000]);
}

#[tokio::test]
async fn a_second_message_of_a_decision_that_says_otherwise_is_set_aside() {
    let world = World::new();
    let story = Story::new(0).opened(1, eur(10_000)).decided(1, S::Lost);
    for message in &story.messages {
        world.consumer.handle(message).await.expect("it is posted");
    }
    let before = sums(&world, "EUR").await;
    let mut lie = story.messages.last().expect("it was decided").clone();
    lie.data = lie.data.replace("\"status\":\"lost\"", "\"status\":\"won\"").into();
    let refused = world.consumer.handle(&lie).await;
    assert!(matches!(refused, Err(HandleError::Poison(_))), "{refused:?}");
    assert_eq!(sums(&world, "EUR").await, before);
}

/// A chargeback of 100.00 EUR whose charge is not known.
fn unmatched() -> ChargebackIntake {
    let told = ToldDispute {
        processor: "simulator".into(),
        processor_reference: Some("sim_dp_1".into()),
        amount: eur(10_000),
        fee_minor: Some(FEE),
        network: None,
        network_reason_code: None,
        reason: DisputeReason::Fraud,
        received_at: now(),
        respond_by: None,
    };
    let of = (&acme(), IntakeId::from_uuid(uuid(6, 1)));
    ChargebackIntake::unmatched(of, "sim_1", told, S::NeedsResponse, (now(), &LookupSchedule::default()))
}

async fn suspense(world: &World) -> i128 {
    let balances = world.balances(&acme()).await;
    balances.iter().find(|(name, ..)| name == "suspense:simulator").map_or(0, |(_, _, sum)| *sum)
}

#[tokio::test]
async fn a_chargeback_that_is_not_known_whose_it_is_waits_in_suspense_and_ends_as_if_it_had_been_known() {
    let tell = |intake: &ChargebackIntake, number| {
        let envelope = Envelope { id: EventId(uuid(9, number)), traceparent: None };
        ChargebackUnmatched::of(intake).into_message(envelope)
    };
    let waits = tell(&unmatched(), 1);
    let world = World::new();
    for message in [&captured(1, 1, eur(CAPTURED)), &waits, &waits] {
        world.consumer.handle(message).await.expect("it is posted");
    }
    assert_eq!(sums(&world, "EUR").await, [0, 0, -1_500, 10_000], "the gateway owes us so much less");
    assert_eq!(suspense(&world).await, 11_500);

    let seed: u64 = rand::rng().random();
    let matched = tell(&unmatched().matched(dp(1), now()), 2);
    let mut messages = Story::new(0).opened(1, eur(10_000)).messages;
    messages.extend([waits.clone(), matched.clone(), waits, matched]);
    messages.shuffle(&mut StdRng::seed_from_u64(seed));
    let world = World::new();
    for message in &messages {
        world.consumer.handle(message).await.expect("it is posted");
    }
    assert_eq!(sums(&world, "EUR").await, [10_000, 1_500, -1_500, 10_000], "seed {seed}");
    assert_eq!(suspense(&world).await, 0, "seed {seed}");
    let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
    assert!(check.balanced(), "seed {seed}: {check:?}");
}

#[tokio::test]
async fn a_fee_that_is_told_while_a_chargeback_waits_is_in_suspense_with_it_and_leaves_it_with_it() {
    let envelope = |number| Envelope { id: EventId(uuid(9, number)), traceparent: None };
    let mut silent = unmatched();
    silent.told.fee_minor = None;
    let knows = silent.told_again(S::NeedsResponse, Some(FEE), now()).expect("news");
    let waits = ChargebackUnmatched::of(&silent).into_message(envelope(1));
    let fee = ChargebackUnmatched::of_fee(&knows).expect("a fee").into_message(envelope(2));
    let world = World::new();
    for message in [&captured(1, 1, eur(CAPTURED)), &fee, &waits, &fee] {
        world.consumer.handle(message).await.expect("it is posted");
    }
    assert_eq!((suspense(&world).await, sums(&world, "EUR").await), (11_500, [0, 0, -1_500, 10_000]));

    let seed: u64 = rand::rng().random();
    let matched = ChargebackUnmatched::of(&knows.matched(dp(1), now())).into_message(envelope(3));
    let mut messages = Story::new(0).opened(1, eur(10_000)).messages;
    messages.extend([waits.clone(), fee.clone(), matched.clone(), fee, waits, matched]);
    messages.shuffle(&mut StdRng::seed_from_u64(seed));
    let world = World::new();
    for message in &messages {
        world.consumer.handle(message).await.expect("it is posted");
    }
    let ends = (suspense(&world).await, sums(&world, "EUR").await);
    assert_eq!(ends, (0, [10_000, 1_500, -1_500, 10_000]), "seed {seed}");
    let check = world.service.check_ledger(&acme()).await.expect("the store can be read");
    assert!(check.balanced(), "seed {seed}: {check:?}");
}

#[tokio::test]
async fn what_is_decided_of_a_guests_dispute_is_no_posting_of_its_own() {
    let (world, story) = (World::new(), Story::new(0));
    let wanted = OpenCase {
        id: dp(1),
        reason: CaseReason::Weather,
        requested: eur(5_000),
        description: String::new(),
        tier: Tier::One,
        evaluation: PolicyEvaluationId::from_uuid(uuid(7, 1)),
    };
    let (case, _) = DisputeCase::open(&story.charge, wanted, now()).expect("a good amount");
    let resolve = ResolveCase {
        kind: DecisionKind::FullRefund,
        amount_minor: None,
        reason: "yes".into(),
        refund_id: RefundId::from_uuid(uuid(8, 1)),
        by: "ann".into(),
    };
    let (resolved, _) = case.resolve(resolve, now()).expect("it is open");
    let envelope = Envelope { id: EventId(uuid(9, 1)), traceparent: None };
    let told = DisputeResolved::of_guest(&story.charge, &resolved, case.status.as_str().to_owned());
    for message in story.messages.iter().chain([&told.into_message(envelope)]) {
        world.consumer.handle(message).await.expect("it is read");
    }
    assert_eq!(sums(&world, "EUR").await, [0, 0, 10_000, 10_000], "its refund is posted as one");
}

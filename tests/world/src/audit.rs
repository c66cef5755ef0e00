//! The auditor: what must be true of a world that has come to rest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tender_domain::disputes::{Dispute, DisputeFilter, DisputeStore};
use tender_domain::intents::{
    Attempt, AttemptStatus, CallbackStore, CaptureOrigin, CaptureStatus, Intent, IntentFilter, IntentStatus,
    IntentStore, VoidState,
};
use tender_domain::kernel::{Currency, Message, PageRequest, Timestamp};
use tender_domain::ledger::{AccountName, LedgerStore};
use tender_domain::ports::{Clock, DeclineCode, GatewayFact, ThreeDs};
use tender_domain::refunds::{Refund, RefundFilter, RefundStatus, RefundStore};
use tender_domain::simulator::{BookedPayment, SimulatorBooks};

use tender_intents::IntentsOptions;

use crate::bus::Follow;
use crate::met::Met;
use crate::state::{World, tenant};

const ALL: usize = 10_000;
/// What is still to be done by itself within this is waited for: longer than anything here holds or may take.
const SOON: Duration = Duration::from_secs(4 * 3600);

impl World {
    /// The newest attempt of an intent.
    pub(crate) async fn attempt_of(&self, intent: &str) -> Option<String> {
        let id = intent.parse().ok()?;
        let intent = self.intents.intent(&tenant(), id).await.expect("in memory")?;
        intent.attempts.last().map(|attempt| attempt.id.to_string())
    }

    /// Whether the gateway holds or took money for the last attempt of an intent.
    pub(crate) async fn has_money_of(&self, intent: &str) -> bool {
        let attempt = self.attempt_of(intent).await;
        let booked = self.books.payments(&tenant(), None, ALL).await.expect("in memory");
        booked.iter().any(|payment| Some(&payment.reference) == attempt.as_ref())
    }

    /// Whether what a callback tells is decided by what a person finds out: what it is about stands in the queue.
    async fn waits_for_a_person(&self, fact: &GatewayFact) -> bool {
        let GatewayFact::CapturedOutside(capture) = fact else { return false };
        let attempt = capture.authorization.parse().expect("it is an attempt of ours");
        let intent = self.intents.intent_of_attempt(&tenant(), attempt).await.expect("in memory");
        intent.is_some_and(|intent| {
            // A void that was refused for it ends by it, at its next try.
            let void = intent.attempt(attempt).and_then(Attempt::void);
            intent.is_queued() && void != Some(VoidState::Declined)
        })
    }

    /// Whether a payment is in people's queue, and no charge before one of them has said what became of it.
    async fn charge_waits_for_a_person(&self, reference: &str) -> bool {
        let booked = self.books.payments(&tenant(), None, ALL).await.expect("in memory");
        let Some(payment) = booked.iter().find(|one| one.gateway_reference == reference) else {
            return false;
        };
        let attempt = payment.reference.parse().expect("it is an attempt of ours");
        let intent = self.intents.intent_of_attempt(&tenant(), attempt).await.expect("in memory");
        intent.is_some_and(|intent| intent.is_queued() || is_visible(&intent))
    }

    /// The chargebacks whose charge is not known, which is in suspense meanwhile; in minor units, with their fees.
    async fn in_suspense(&self) -> i64 {
        let far = self.clock.now() + Duration::from_secs(30 * 24 * 3600);
        let waiting = self.refunds.intakes_due(far, 1_000).await.expect("in memory");
        waiting.iter().map(|waits| waits.told.amount.minor() + waits.told.known_fee()).sum()
    }

    /// What still moves; none when the world has come to rest.
    pub(crate) async fn still_moves(&self, follows: &[Follow]) -> Option<String> {
        let far = self.clock.now() + Duration::from_secs(30 * 24 * 3600);
        let mut moves = Vec::new();
        let open = self.intents.due(far, ALL).await.expect("in memory").len();
        moves.push((open, "intents wait for a look-up"));
        let soon = self.clock.now() + SOON;
        let timed = self.intents.timed(soon, soon - challenge_timeout(), ALL).await.expect("in memory").len();
        moves.push((timed, "intents wait for their time"));
        let refunds = self.refunds.due_checks(far, 1_000).await.expect("in memory").len();
        moves.push((refunds, "refunds wait for a look-up"));
        let retried = self.refunds.due_retries(far, 1_000).await.expect("in memory").len();
        moves.push((retried, "refunds wait for another call"));
        let mut disputes = 0;
        for waiting in self.refunds.intakes_due(far, 1_000).await.expect("in memory") {
            disputes += usize::from(!self.charge_waits_for_a_person(&waiting.gateway_reference).await);
        }
        moves.push((disputes, "chargebacks wait for their charge"));
        let told = self.books.due_callbacks(far, ALL).await.expect("in memory").len();
        moves.push((told, "callbacks are on their way"));
        let mut kept = 0;
        for callback in self.callbacks.callbacks_due(far, ALL).await.expect("in memory") {
            kept += usize::from(!self.waits_for_a_person(&callback.fact).await);
        }
        moves.push((kept, "callbacks are not acted on"));
        moves.extend(
            follows.iter().map(|follow| (follow.behind(&self.positions), "messages are not handled")),
        );
        let moving: Vec<_> = moves.iter().filter(|(count, _)| *count > 0).collect();
        (!moving.is_empty()).then(|| format!("{moving:?} own={}", self.has_own_connectors))
    }

    async fn all_intents(&self) -> Vec<Intent> {
        let page = PageRequest::new(100, None, Default::default()).expect("a good page");
        self.intents.intents(&tenant(), &IntentFilter::default(), &page).await.expect("in memory").data
    }

    async fn all_disputes(&self) -> Vec<Dispute> {
        let page = PageRequest::new(100, None, Default::default()).expect("a good page");
        self.refunds.disputes(&tenant(), &DisputeFilter::default(), &page).await.expect("in memory").data
    }

    async fn all_refunds(&self) -> Vec<Refund> {
        let page = PageRequest::new(100, None, Default::default()).expect("a good page");
        self.refunds.refunds(&tenant(), &RefundFilter::default(), &page).await.expect("in memory").data
    }
}

/// Whether a person has been told of it: the gateway did something else than it was asked for.
fn is_visible(intent: &Intent) -> bool {
    let attempt = intent.attempts.iter().any(|attempt| attempt.status == AttemptStatus::Conflict);
    let capture = |status: CaptureStatus| matches!(status, CaptureStatus::Pending | CaptureStatus::Failed);
    attempt
        || intent
            .captures
            .iter()
            .any(|one| capture(one.status) && one.problem.is_some() && one.next_check_at.is_none())
            && intent.captures.iter().any(|one| one.status == CaptureStatus::Pending)
}

pub(crate) async fn audit(world: &World, met: &mut Met) {
    let (intents, refunds) = (world.all_intents().await, world.all_refunds().await);
    let booked = world.books.payments(&tenant(), None, ALL).await.expect("in memory");
    let by_reference: BTreeMap<&str, &BookedPayment> =
        booked.iter().map(|payment| (payment.reference.as_str(), payment)).collect();
    assert!(intents.len() <= world.plans.len(), "a client's one payment became several: {}", intents.len());

    let mut known = BTreeSet::new();
    for intent in &intents {
        ended(intent, world.clock.now());
        for attempt in &intent.attempts {
            let reference = attempt.id.to_string();
            let payment = by_reference.get(reference.as_str()).copied();
            if payment.is_some() {
                known.insert(reference.clone());
            }
            agree(intent, attempt.id, payment, &refunds);
        }
    }
    let unknown: Vec<_> = booked.iter().filter(|payment| !known.contains(&payment.reference)).collect();
    assert!(unknown.is_empty(), "the gateway has payments that we do not know: {unknown:?}");

    let disputes = world.all_disputes().await;
    messages_and_ledger(world, &intents, &refunds, &disputes).await;
    count(&intents, &refunds, met);
    for intent in &intents {
        let of_it = disputes.iter().filter(|dispute| dispute.intent_id == intent.id);
        let taken: i64 = of_it.map(|dispute| dispute.told.amount.minor()).sum();
        assert_eq!(intent.amount_disputed().minor(), taken, "shown as disputed: {intent:?}");
    }
    for dispute in &disputes {
        met.count(format!("dispute {}", dispute.status.as_str()));
    }
    let kept = world.callbacks.callbacks(Some(&tenant()), ALL).await.expect("in memory");
    for callback in &kept {
        met.count(format!("callback {}", callback.state.as_str()));
    }
    let lied: Vec<_> = kept.iter().filter(|callback| callback.state.as_str() == "contradicted").collect();
    assert!(lied.is_empty(), "the gateway never lies here, and yet: {lied:?}");
}

fn count(intents: &[Intent], refunds: &[Refund], met: &mut Met) {
    for intent in intents {
        met.count(format!("intent {}", intent.status.as_str()));
        if let Some(reason) = intent.cancellation_reason.as_deref() {
            match reason {
                "authorization_expired" => met.count("authorization expired"),
                "expired" => met.count("intent expired"),
                _ => {}
            }
        }
        for next in intent.attempts.windows(2).filter(|two| two[0].connector != two[1].connector) {
            met.count(format!("failed over after {}", next[0].status.as_str()));
        }
        for attempt in &intent.attempts {
            met.count(format!("attempt {}", attempt.status.as_str()));
            if attempt.three_ds == ThreeDs::Force {
                met.count(format!("stepped up {}", attempt.status.as_str()));
            }
            let code = attempt.decline.as_ref().map(|decline| decline.code);
            if code == Some(DeclineCode::AuthenticationAbandoned) {
                met.count(if attempt.session.is_some() {
                    "abandoned session"
                } else {
                    "abandoned challenge"
                });
            }
            if attempt.session.is_some() {
                met.count(format!("session {}", attempt.status.as_str()));
            }
            met.count(if attempt.checks > 0 { "looked up" } else { "answered" });
        }
        for capture in &intent.captures {
            met.count(format!("capture {}", capture.status.as_str()));
            if intent.capture_delay_seconds.is_some() && capture.status == CaptureStatus::Succeeded {
                met.count("captured after its delay");
            }
            if capture.origin == CaptureOrigin::Gateway {
                met.count("captured outside");
            }
        }
    }
    for refund in refunds {
        met.count(format!("refund {}", refund.status().as_str()));
        if refund.attempts > 1 && refund.status() == RefundStatus::Succeeded {
            met.count("refund taken by a later call");
        }
    }
}

/// How long a challenge may be open.
fn challenge_timeout() -> Duration {
    IntentsOptions::default().challenge_timeout
}

/// Every payment ended, waits for its client, or is visible to a person. None waits for its time: no challenge is open
/// beyond it, nothing is held beyond it, and no capture of ours is overdue.
fn ended(intent: &Intent, now: Timestamp) {
    assert_eq!(intent.next_check_at(), None, "{intent:?}");
    assert_eq!(
        intent.timed(now, now - challenge_timeout()),
        None,
        "its time came and nothing was done: {intent:?}"
    );
    let approved = intent.attempts.iter().filter(|attempt| attempt.status == AttemptStatus::Approved).count();
    assert!(approved <= 1, "two approved attempts: {intent:?}");
    // What followed at another connector followed what is known to have moved no money.
    for two in intent.attempts.windows(2).filter(|two| two[0].connector != two[1].connector) {
        let ended = matches!(two[0].status, AttemptStatus::Declined | AttemptStatus::Error);
        assert!(ended || is_visible(intent), "failed over after {}: {intent:?}", two[0].status.as_str());
    }
    let open = intent.attempts.iter().any(|attempt| attempt.is_open());
    assert!(!open, "an attempt is open and nobody looks: {intent:?}");
    if intent.status == IntentStatus::Processing {
        assert!(is_visible(intent), "processing for ever, and nobody is told: {intent:?}");
    }
}

/// Our attempt and the gateway's payment say the same.
fn agree(
    intent: &Intent,
    id: tender_domain::kernel::AttemptId,
    payment: Option<&BookedPayment>,
    refunds: &[Refund],
) {
    let attempt = intent.attempt(id).expect("it is one of its attempts");
    match (attempt.status, payment) {
        // A person settles it: told, and in no ledger.
        (AttemptStatus::Conflict, _) => {}
        (AttemptStatus::Approved, None) => panic!("approved, and the gateway has no payment: {intent:?}"),
        (AttemptStatus::Approved, Some(payment)) => {
            assert_eq!(payment.authorized, attempt.amount, "{intent:?}");
            let void = attempt.authorization.as_ref().and_then(|authorization| authorization.void);
            if void == Some(VoidState::Done) {
                assert!(payment.released && payment.captured_minor == 0, "voided: {payment:?} {intent:?}");
            }
            if !is_visible(intent) {
                let captured = intent.amount_captured().minor();
                assert_eq!(payment.captured_minor, captured, "captured: {payment:?} {intent:?}");
            }
            let of_it: Vec<&Refund> = refunds.iter().filter(|refund| refund.intent_id == intent.id).collect();
            let is_open =
                |refund: &&Refund| refund.status() == RefundStatus::Processing || refund.waits_for_a_person();
            let open = of_it.iter().any(is_open);
            let succeeded = of_it.iter().filter(|refund| refund.status() == RefundStatus::Succeeded);
            let refunded: i64 = succeeded.map(|refund| refund.amount.minor()).sum();
            // What is still open here was given back for another amount: visible.
            if !open {
                assert_eq!(payment.refunded_minor, refunded, "refunded: {payment:?} {of_it:?}");
            }
            assert_eq!(intent.amount_refunded.minor(), refunded, "shown as refunded: {intent:?}");
        }
        (_, Some(payment)) => panic!("a lost charge: {payment:?} of {intent:?}"),
        (_, None) => {}
    }
}

/// Each capture and refund was told once and is in the ledger once, to the cent.
async fn messages_and_ledger(world: &World, intents: &[Intent], refunds: &[Refund], disputes: &[Dispute]) {
    let captures: Vec<_> = intents
        .iter()
        .flat_map(|intent| &intent.captures)
        .filter(|capture| capture.status == CaptureStatus::Succeeded)
        .collect();
    let given: Vec<_> = refunds.iter().filter(|refund| refund.status() == RefundStatus::Succeeded).collect();
    let mut told: Vec<String> = world
        .intents
        .messages()
        .iter()
        .filter(|message| message.topic.name() == "payment.processed")
        .map(|message| {
            let data: Value = serde_json::from_str(&message.data).expect("messages are JSON");
            data["captureId"].as_str().expect("it names its capture").to_owned()
        })
        .collect();
    let mut wanted: Vec<String> = captures.iter().map(|capture| capture.id.to_string()).collect();
    told.sort();
    wanted.sort();
    assert_eq!(told, wanted, "each capture is told once");

    let replay = world.ledger.replay(&tenant()).await.expect("in memory");
    // What succeeded and was taken back is posted, and reversed.
    let taken_back = world.refunds.messages().iter().filter(|message| is_taken_back(message)).count();
    // A chargeback whose charge was not found stood in suspense, and left it when it was found.
    let suspended = world
        .refunds
        .messages()
        .iter()
        .filter(|message| message.topic.name() == "chargeback.unmatched")
        .count();
    let effects = captures.len() + given.len() + 2 * taken_back + disputes.len() + suspended;
    assert_eq!(replay.transactions, effects as u64, "one transaction an effect");
    let (mut sum, mut receivable) = (0_i128, 0_i128);
    for account in &replay.accounts {
        assert_eq!(account.replayed, account.kept, "{}", account.account);
        let balance = account.kept.debits - account.kept.credits;
        sum += balance;
        if matches!(account.account, AccountName::GatewayReceivable(_)) && account.currency == Currency::EUR {
            receivable += balance;
        }
    }
    assert_eq!(sum, 0, "debits equal credits");
    let captured: i64 = captures.iter().map(|capture| capture.amount.minor()).sum();
    let refunded: i64 = given.iter().map(|refund| refund.amount.minor()).sum();
    let disputed: i64 =
        disputes.iter().map(|dispute| dispute.told.amount.minor() + dispute.told.known_fee()).sum();
    assert_eq!(
        receivable,
        i128::from(captured - refunded - disputed - world.in_suspense().await),
        "the ledger has what was captured and neither given back nor taken back"
    );
}

fn is_taken_back(message: &Message) -> bool {
    let data: Value = serde_json::from_str(&message.data).expect("messages are JSON");
    message.topic.name() == "refund-failed" && data["afterSuccess"] == true
}

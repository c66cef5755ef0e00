use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use tender_domain::disputes::{Actor, DisputeStatus as S, DisputeStore, Outcome, Settled};
use tender_domain::kernel::{Change, CommitError, Metadata, Money, RefundId, Save, TenantId};
use tender_domain::ports::OutsideRefund;
use tender_domain::refunds::{
    ChargeRef, LookupSchedule, Recorded, Refund, RefundFailure, RefundMethod, RefundOutcome, RefundPacing,
    RefundReason, RefundRetry, RefundState, RefundStatus, RefundStore, RefundTold, RefundableCharge,
    ResolveRefund, ResolvedRefund, StartRefund,
};

use super::fixtures::{at, change, dp, eur, open, tenant, told};
use crate::refunds::{captured_charge, opened, rf};

const TASKS: u64 = 6;
const STEPS: u64 = 16;
const CHARGE: u128 = 40;
/// What its first capture took, in cents: the one that may be taken back.
const FIRST_CAPTURE: i64 = 4_000;

/// A generator whose seed is told when a story ends badly (splitmix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    fn minor(&mut self, most: u64) -> i64 {
        i64::try_from(self.throw(most) + 1).expect("a small amount")
    }
}

/// The reference: the same story in plain collections. What the store has committed is told to it in the order of the
/// charge's versions, and it says what each must have come to.
#[derive(Debug, Default)]
struct Reference {
    captured: i64,
    refunds: BTreeMap<RefundId, (i64, bool)>,
    disputes: BTreeMap<u128, (i64, S)>,
}

#[derive(Debug, Clone)]
enum Did {
    /// Asked for: on its way, waiting, or given as store credit at once.
    Refunded(RefundId, i64),
    /// Made in the gateway's dashboard: a fact, whatever is left.
    Outside(RefundId, i64),
    /// Done, failed, canceled, or taken back after it was done; whether it counts from then on.
    Ended(RefundId, bool),
    /// Taken for failed or canceled, and found to have been done after all.
    Found(RefundId),
    Opened(u128, i64),
    Decided(u128, S),
    /// A capture did not last.
    Uncaptured(i64),
}

impl Reference {
    fn refunded(&self) -> i64 {
        self.refunds.values().filter(|(_, live)| *live).map(|(minor, _)| minor).sum()
    }

    fn disputed(&self) -> i64 {
        self.disputes.values().filter(|(_, status)| *status != S::Won).map(|(minor, _)| minor).sum()
    }

    fn left(&self) -> i64 {
        (self.captured - self.disputed() - self.refunded()).max(0)
    }

    fn apply(&mut self, did: &Did) {
        match did {
            Did::Refunded(id, minor) => {
                assert!(*minor <= self.left(), "a refund of {minor} with {} left", self.left());
                self.refunds.insert(*id, (*minor, true));
            }
            Did::Outside(id, minor) => {
                self.refunds.insert(*id, (*minor, true));
            }
            Did::Uncaptured(minor) => self.captured -= minor,
            Did::Ended(id, live) => {
                self.refunds.get_mut(id).expect("it was started").1 = *live;
            }
            Did::Found(id) => {
                let (minor, live) = self.refunds[id];
                assert!(!live && minor <= self.left(), "{minor} was found with {} left", self.left());
                self.refunds.insert(*id, (minor, true));
            }
            Did::Opened(number, minor) => {
                let before = self.disputes.insert(*number, (*minor, S::NeedsResponse));
                assert_eq!(before, None, "a dispute is opened once");
            }
            Did::Decided(number, status) => {
                self.disputes.get_mut(number).expect("it was opened").1 = *status;
            }
        }
    }
}

/// Refunds of both methods, cancels, failures before and after success, what was taken for not done and was done after all,
/// refunds made outside, a capture that does not last, chargebacks, wins and losses from many tasks at once, on one charge.
/// Each answer is what the reference says, told of the commits in their order, or a conflict that is tried again; afterwards
/// the store has what the reference has, to the cent.
///
/// # Panics
/// When that is not so; the message begins with the seed.
pub async fn refunds_and_disputes_at_once_keep_the_law<S: RefundStore + DisputeStore>(store: &S, seed: u64) {
    let tenant = tenant(&format!("story-{seed}"));
    let charge = opened(store, &tenant, CHARGE).await;
    let told: Mutex<BTreeMap<i64, (Did, [i64; 3])>> = Mutex::default();
    join_all((0..TASKS).map(|task| play(store, &tenant, (seed, task), &told))).await;
    let told = told.into_inner().expect("no task panicked");
    let mut reference = Reference { captured: charge.captured().minor(), ..Reference::default() };
    for (expected, (version, (did, sums))) in (2..).zip(&told) {
        assert_eq!(*version, expected, "seed {seed}: a version is missing or doubled");
        reference.apply(did);
        let own = [reference.refunded(), reference.disputed(), reference.left()];
        assert_eq!(own, *sums, "seed {seed}: after version {version}, {did:?}");
    }
    let stored =
        store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read").expect("it is there");
    assert_eq!(sums(&stored), [reference.refunded(), reference.disputed(), reference.left()], "seed {seed}");
    let expected = i64::try_from(told.len()).expect("a short story") + 1;
    assert_eq!(stored.version.number(), expected, "seed {seed}");
    for dispute in &stored.disputes {
        let history = store.dispute_history(&tenant, dispute.id, 100).await.expect("read");
        let last = history.last().map(|entry| (entry.number, entry.hash));
        assert_eq!(last, Some((dispute.history.number, dispute.history.hash)), "seed {seed}");
    }
}

fn sums(charge: &RefundableCharge) -> [i64; 3] {
    [charge.refunded().minor(), charge.disputed().minor(), charge.left().minor()]
}

/// Some steps; each is decided and committed again until nobody else was faster.
async fn play<S: RefundStore>(
    store: &S,
    tenant: &TenantId,
    (seed, task): (u64, u64),
    told: &Mutex<BTreeMap<i64, (Did, [i64; 3])>>,
) {
    let mut dice = Dice(seed.wrapping_mul(1_000_003) + task);
    for step in 0..STEPS {
        let (what, pick, minor) = (dice.throw(16), dice.throw(64), dice.minor(6_000));
        let number = 1_000 + u128::from(task * STEPS + step) + u128::from(seed) * 10_000;
        loop {
            let named =
                ChargeRef::Charge(tender_domain::kernel::ChargeId::from_uuid(uuid::Uuid::from_u128(CHARGE)));
            let loaded = store.charge(tenant, named).await.expect("read").expect("it is there");
            let loaded = Arc::new(loaded);
            let Some((change, after, did)) = decide(&loaded, (what, pick, minor), number) else { break };
            match store.commit(change).await {
                Ok(_) => {
                    let mut told = told.lock().expect("no task panicked");
                    let before = told.insert(after.version.number(), (did, sums(&after)));
                    assert!(before.is_none(), "seed {seed}: two commits made one version");
                    break;
                }
                Err(CommitError::Conflict) => {}
                Err(error) => panic!("seed {seed}: {error}"),
            }
        }
    }
}

type Decision = (Change<tender_domain::refunds::RefundWrite>, RefundableCharge, Did);

fn decide(
    charge: &Arc<RefundableCharge>,
    (what, pick, minor): (u64, u64, i64),
    number: u128,
) -> Option<Decision> {
    match what {
        0..=3 => begin(charge, what, minor, number),
        4..=7 => end(charge, what, pick, minor),
        8 => made_outside(charge, minor, number),
        // Seldom: after it little is left to tell stories of.
        9 => (pick < 8).then(|| uncaptured(charge)).flatten(),
        10 | 11 => {
            let opened = open(charge, number, told(number, eur(minor)), 3);
            Some((change(charge, &opened), opened.charge, Did::Opened(number, minor)))
        }
        15 => found(charge, pick),
        _ => {
            let dispute = &charge.disputes[picked(pick, charge.disputes.len())?];
            let status = [S::Won, S::Lost, S::Accepted][usize::try_from(what - 12).ok()?];
            let outcome = Outcome {
                status,
                by: Actor::processor("simulator"),
                reason: None,
                decided_at: at(4),
                overturns: true,
            };
            let settled = charge.decide_dispute(dispute.id, outcome, at(5));
            let Ok(Settled::Changed(decided)) = settled else { return None };
            let number = dispute.id.uuid().as_u128() - dp(0).uuid().as_u128();
            Some((change(charge, &decided), decided.charge, Did::Decided(number, status)))
        }
    }
}

fn picked(pick: u64, count: usize) -> Option<usize> {
    usize::try_from(pick).ok().and_then(|pick| pick.checked_rem(count))
}

fn saved(charge: &Arc<RefundableCharge>, after: RefundableCharge, did: Did) -> Decision {
    let save = Save::changed(Arc::clone(charge), after.clone());
    (Change::of(charge.tenant.clone()).save(save), after, did)
}

/// A refund that is called at once, one that waits for its call, or one as store credit.
fn begin(charge: &Arc<RefundableCharge>, what: u64, minor: i64, number: u128) -> Option<Decision> {
    let method = if what == 3 { RefundMethod::StoreCredit } else { RefundMethod::OriginalPaymentMethod };
    let started = charge.start_refund(
        StartRefund { method, ..wanted(number, minor) },
        at(1),
        &LookupSchedule::default(),
    );
    // What is refused is refused for want of what is left, and only then.
    assert_eq!(started.is_err(), minor > charge.left().minor());
    let mut after = started.ok()?;
    let refund = after.refunds.last_mut()?;
    match what {
        2 => {
            let RefundOutcome::NotDone(failure) = not_done() else { return None };
            refund.state = RefundState::Pending(RefundRetry { failure, next_attempt_at: at(2) });
        }
        3 => assert_eq!(refund.status(), RefundStatus::Succeeded, "store credit is given at once"),
        _ => assert_eq!(refund.status(), RefundStatus::Processing),
    }
    Some(saved(charge, after, Did::Refunded(rf(number), minor)))
}

/// How a refund ends: done or failed, canceled, or taken back after it was done.
fn end(charge: &Arc<RefundableCharge>, what: u64, pick: u64, minor: i64) -> Option<Decision> {
    let refund = &charge.refunds[picked(pick, charge.refunds.len())?];
    let id = refund.id;
    let after = match what {
        4 | 5 => recorded(charge, refund, minor % 2 == 0)?,
        6 => {
            let canceled = charge.cancel(id, at(3));
            assert_eq!(canceled.is_ok(), refund.status() == RefundStatus::Pending, "{refund:?}");
            canceled.ok()?
        }
        _ => {
            let RefundOutcome::NotDone(failure) = not_done() else { return None };
            let reversed = charge.reverse(id, failure, at(3));
            let is_at_a_gateway = refund.method == RefundMethod::OriginalPaymentMethod;
            let can_be = refund.status() == RefundStatus::Succeeded && is_at_a_gateway;
            assert_eq!(reversed.is_ok(), can_be, "{refund:?}");
            reversed.ok()?.0
        }
    };
    let live = after.refund(id)?.status().is_live();
    Some(saved(charge, after, Did::Ended(id, live)))
}

fn recorded(charge: &RefundableCharge, refund: &Refund, done: bool) -> Option<RefundableCharge> {
    let outcome = if done { done_at_gateway(refund.amount) } else { not_done() };
    match charge.record(refund.id, outcome, at(2), &RefundPacing::default()) {
        Ok(Recorded::Changed { charge: after, .. }) if refund.attempt().is_some() => Some((*after).clone()),
        _ => None,
    }
}

/// A refund that is taken for not done was done after all, as a person sees: it counts when it is covered, and only then.
fn found(charge: &Arc<RefundableCharge>, pick: u64) -> Option<Decision> {
    let refund = &charge.refunds[picked(pick, charge.refunds.len())?];
    let gateway_reference = format!("gw_found_{}", refund.id);
    let found = ResolvedRefund::Succeeded { gateway_reference, amount: None };
    let wanted = ResolveRefund { found, by: "ada".into(), reason: "seen".into() };
    let settled = charge.resolve_refund(refund.id, &wanted, at(6));
    let is_covered = refund.amount.minor() <= charge.left().minor();
    assert_eq!(settled.is_ok(), refund.may_have_been_done() && is_covered, "{refund:?}: {settled:?}");
    let Ok(Recorded::Changed { charge: after, .. }) = settled else { return None };
    Some(saved(charge, (*after).clone(), Did::Found(refund.id)))
}

fn made_outside(charge: &Arc<RefundableCharge>, minor: i64, number: u128) -> Option<Decision> {
    let told = OutsideRefund {
        charge_reference: charge.gateway_reference.clone(),
        gateway_reference: format!("gw_out_{number}"),
        amount: eur(minor),
        taken_back: None,
    };
    match charge.told_outside(rf(number), &told, at(3)) {
        Ok(RefundTold::Changed { charge: after, .. }) => {
            Some(saved(charge, (*after).clone(), Did::Outside(rf(number), minor)))
        }
        other => panic!("what is news was taken for {other:?}"),
    }
}

fn uncaptured(charge: &Arc<RefundableCharge>) -> Option<Decision> {
    let told = captured_charge(CHARGE, &[FIRST_CAPTURE]);
    let (after, _) = charge.capture_reversed(&told, at(4)).expect("no contradiction")?;
    Some(saved(charge, after, Did::Uncaptured(FIRST_CAPTURE)))
}

fn wanted(number: u128, minor: i64) -> StartRefund {
    StartRefund {
        id: rf(number),
        amount: Some(minor),
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    }
}

fn done_at_gateway(amount: Money) -> RefundOutcome {
    RefundOutcome::Done { gateway_reference: "sim_rf".into(), amount }
}

fn not_done() -> RefundOutcome {
    RefundOutcome::NotDone(RefundFailure {
        reason: "gateway_error".into(),
        message: "no".into(),
        network_code: None,
        actions: Vec::new(),
    })
}

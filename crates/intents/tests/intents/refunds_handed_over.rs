//! Refunds that gateways tell of: handed over to refunds, until it has them; and whose they are, when that is not said.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tender_domain::intents::{CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{CallEnd, CallKind, GatewayFact, OutsideRefund};
use tender_domain::refunds::{RefundIntake, RefundIntakeError, RefundNews, RefundTaken, ToldRefund};

use crate::callbacks::states;
use crate::rig::{Process, World, acme};

/// Refunds, as far as intents sees it: what it was handed, and what it says.
#[derive(Default)]
struct Intake {
    got: Mutex<Vec<(TenantId, ToldRefund)>>,
    says: Mutex<Vec<Result<RefundTaken, RefundIntakeError>>>,
}

#[async_trait]
impl RefundIntake for Intake {
    async fn take_refund(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<RefundTaken, RefundIntakeError> {
        self.got.lock().expect("whole").push((tenant.clone(), told.clone()));
        self.says.lock().expect("whole").pop().unwrap_or(Ok(RefundTaken::Applied))
    }
}

impl Intake {
    fn of(process: &Process, says: &[Result<RefundTaken, RefundIntakeError>]) -> Arc<Self> {
        let says = Mutex::new(says.iter().rev().cloned().collect());
        let intake = Arc::new(Self { got: Mutex::default(), says });
        process.callbacks.hand_refunds_to(intake.clone());
        intake
    }

    fn got(&self) -> Vec<(TenantId, ToldRefund)> {
        self.got.lock().expect("whole").clone()
    }
}

fn outside() -> OutsideRefund {
    OutsideRefund {
        charge_reference: "pi_7".into(),
        gateway_reference: "re_7".into(),
        amount: Money::new(500, Currency::EUR),
        taken_back: None,
    }
}

/// A callback as it is kept.
fn kept(world: &World, tenant: Option<TenantId>, event: &str, fact: GatewayFact) -> GatewayCallback {
    GatewayCallback {
        id: tender_domain::kernel::CallbackId::from_uuid(uuid::Uuid::from_u128(rand::random())),
        version: tender_domain::kernel::Version::FIRST,
        round: 0,
        tenant,
        connector: "simulator".into(),
        event_id: event.into(),
        event_type: "refund".into(),
        occurred_at: world.now(),
        received_at: world.now(),
        fact,
        body: "{}".into(),
        state: CallbackState::Pending,
        failures: 0,
        next_try_at: Some(world.now()),
        note: None,
    }
}

async fn keep(world: &World, tenant: Option<TenantId>, event: &str, fact: GatewayFact) {
    let callback = kept(world, tenant, event, fact);
    assert_eq!(world.callbacks.keep(&[callback]).await.expect("in memory"), 1);
}

async fn act(process: &Process) -> usize {
    process.callbacks.act_once().await.expect("in memory")
}

#[actix_web::test]
async fn the_end_of_a_refund_is_handed_over_until_refunds_has_it() {
    let (world, refund) = (World::new(), "rf_01h2xcejqtf2nbrexx3vqjhp41");
    let process = world.process();
    let away = Err(RefundIntakeError::Unavailable("away".into()));
    let intake = Intake::of(&process, &[away]);
    let end = CallEnd::NotDone("the bank refused it".into());
    let fact = GatewayFact::Ended { kind: CallKind::Refund, reference: refund.into(), end: end.clone() };
    keep(&world, Some(acme()), "evt_1", fact).await;
    assert_eq!(act(&process).await, 0);
    assert_eq!(states(&process).await, [CallbackState::Pending]);
    world.wait(5);
    // It dies between refunds' word and the callback's own row: it is handed over again.
    process.forget_settling(true);
    assert_eq!(act(&process).await, 1);
    process.forget_settling(false);
    assert_eq!(act(&process).await, 1);
    assert_eq!(states(&process).await, [CallbackState::Applied]);
    assert_eq!(act(&process).await, 0);
    let news = RefundNews::Ours { call: refund.parse().expect("a call"), end };
    let told = ToldRefund { connector: "simulator".into(), news };
    assert_eq!(intake.got(), [0; 3].map(|_| (acme(), told.clone())));
}

#[actix_web::test]
async fn what_refunds_says_of_it_is_what_became_of_the_callback() {
    let world = World::new();
    let process = world.process();
    let refused = Err(RefundIntakeError::Refused("it is of another amount".into()));
    let unmatched = Ok(RefundTaken::Unmatched("there is no such refund".into()));
    let says = [Ok(RefundTaken::Known), unmatched, refused.clone(), refused];
    let intake = Intake::of(&process, &says);
    for event in ["evt_1", "evt_2", "evt_3"] {
        keep(&world, Some(acme()), event, GatewayFact::RefundedOutside(Box::new(outside()))).await;
    }
    let nothing = GatewayFact::Ended {
        kind: CallKind::Refund,
        reference: "order 7".into(),
        end: CallEnd::NotDone(String::new()),
    };
    keep(&world, Some(acme()), "evt_4", nothing).await;
    process.forget_settling(true);
    assert_eq!(act(&process).await, 4);
    process.forget_settling(false);
    intake.says.lock().expect("whole").extend(says.into_iter().take(3).rev());
    assert_eq!(act(&process).await, 4);
    let all = world.callbacks.callbacks(Some(&acme()), 10).await.expect("in memory");
    let mut ends: Vec<_> = all.into_iter().map(|one| (one.event_id, one.state)).collect();
    ends.sort_by(|one, two| one.0.cmp(&two.0));
    let states: Vec<_> = ends.into_iter().map(|(_, state)| state).collect();
    use CallbackState as S;
    assert_eq!(states, [S::Known, S::Unmatched, S::Contradicted, S::Unmatched]);
    let alerts = world.told("alert.raised");
    assert_eq!(alerts.len(), 1, "told once: {alerts:?}");
    assert_eq!(alerts[0]["code"], "refund_contradiction");
}

#[actix_web::test]
async fn whose_it_is_is_asked_of_the_gateway_once_for_each_payment() {
    let world = World::new();
    let process = world.process();
    let intake = Intake::of(&process, &[]);
    let fact = || GatewayFact::RefundedOutside(Box::new(outside()));
    keep(&world, None, "evt_1", fact()).await;
    assert_eq!(act(&process).await, 0, "the gateway cannot be asked");
    assert_eq!(intake.got().len(), 0);
    *world.line.owner.lock().expect("whole") = Some(Some(acme()));
    world.wait(5);
    process.forget_settling(true);
    assert_eq!(act(&process).await, 1);
    process.forget_settling(false);
    assert_eq!(act(&process).await, 1);
    assert_eq!(states(&process).await, [CallbackState::Applied], "it is the tenant's now");
    assert_eq!(world.callbacks.callbacks(None, 10).await.expect("in memory"), []);
    assert!(intake.got().iter().all(|(tenant, _)| *tenant == acme()));
    assert_eq!(world.line.owners_asked.load(Ordering::Relaxed), 2);
    let located = world.callbacks.located("gateway_reference", "simulator/pi_7").await;
    assert_eq!(located.expect("in memory"), Some(acme()), "what comes later is known without asking");
}

#[actix_web::test]
async fn what_is_of_no_payment_of_ours_is_kept_and_does_nothing() {
    let world = World::new();
    let process = world.process();
    let intake = Intake::of(&process, &[]);
    *world.line.owner.lock().expect("whole") = Some(None);
    keep(&world, None, "evt_1", GatewayFact::RefundedOutside(Box::new(outside()))).await;
    assert_eq!(act(&process).await, 1);
    let nobodys = world.callbacks.callbacks(None, 10).await.expect("in memory");
    assert_eq!(nobodys[0].state, CallbackState::Unmatched);
    assert_eq!((intake.got().len(), act(&process).await), (0, 0));
}

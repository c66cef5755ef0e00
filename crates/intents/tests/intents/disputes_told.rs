//! Disputes that gateways tell of: handed over to refunds, until it has them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tender_domain::disputes::{DisputeIntake, DisputeIntakeError, DisputeTaken, ToldChargeback};
use tender_domain::intents::CallbackState;
use tender_domain::kernel::TenantId;

use crate::callbacks::{signed, states};
use crate::rig::World;

/// Refunds, as far as intents sees it: what it was handed, and what it says.
#[derive(Default)]
struct Intake {
    got: Mutex<Vec<ToldChargeback>>,
    says: Mutex<Vec<DisputeIntakeError>>,
}

#[async_trait]
impl DisputeIntake for Intake {
    async fn take_dispute(
        &self,
        _: &TenantId,
        told: &ToldChargeback,
    ) -> Result<DisputeTaken, DisputeIntakeError> {
        if let Some(error) = self.says.lock().expect("whole").pop() {
            return Err(error);
        }
        self.got.lock().expect("whole").push(told.clone());
        Ok(DisputeTaken::Known)
    }
}

#[actix_web::test]
async fn a_dispute_is_handed_over_once_refunds_can_take_it() {
    let world = World::new();
    let process = world.process();
    let intake = Arc::new(Intake::default());
    process.callbacks.hand_disputes_to(intake.clone());
    intake.says.lock().expect("whole").push(DisputeIntakeError::Unavailable("away".into()));
    let answer = process.pay("tok_dispute").await;
    answer.is(201, "succeeded");
    // It is kept, refunds is away, and what it tells is not lost.
    assert_eq!(process.call(signed(&world).await).await.status / 100, 2);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 0);
    assert_eq!(states(&process).await, [CallbackState::Pending]);
    world.wait(5);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 1);
    assert_eq!(states(&process).await, [CallbackState::Applied]);
    let got = intake.got.lock().expect("whole").clone();
    let [told] = got.as_slice() else { panic!("{got:?}") };
    assert_eq!(told.dispute.processor, "simulator");
    assert_eq!(answer.json["amount"], told.dispute.amount.minor());
    // The same callback again is kept once, and handed over no more.
    assert_eq!(process.call(signed(&world).await).await.status / 100, 2);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 0);
    assert_eq!(intake.got.lock().expect("whole").len(), 1);
}

#[actix_web::test]
async fn a_dispute_that_refunds_refuses_is_told_to_a_person_once() {
    let world = World::new();
    let process = world.process();
    let intake = Arc::new(Intake::default());
    process.callbacks.hand_disputes_to(intake.clone());
    let refusal = DisputeIntakeError::Refused("known with another amount".into());
    intake.says.lock().expect("whole").extend([refusal.clone(), refusal]);
    process.pay("tok_dispute").await.is(201, "succeeded");
    process.forget_settling(true);
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 1);
    process.forget_settling(false);
    assert_eq!(intake.got.lock().expect("whole").len(), 0);
    let told = world.told("alert.raised");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["code"], "dispute_contradiction");
}

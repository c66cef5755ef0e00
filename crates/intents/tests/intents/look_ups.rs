//! Look-ups and completions of challenges that go wrong: nothing of them is taken for an outcome.

use serde_json::{Value, json};
use tender_domain::intents::AttemptStatus;
use tender_simulator::{Misbehaviour, ScriptedCall};
use tokio::sync::Notify;

use crate::callbacks::script;
use crate::gateway::Fault;
use crate::rig::{INTENTS, World};

const LOSSES: [Misbehaviour; 5] = [
    Misbehaviour::TimeoutBefore,
    Misbehaviour::TimeoutAfter,
    Misbehaviour::ServerErrorBefore,
    Misbehaviour::ServerErrorAfter,
    Misbehaviour::Malformed,
];

#[tokio::test]
async fn a_look_up_that_is_lost_or_nonsense_leaves_the_attempt_unknown_and_the_next_one_ends_it() {
    for loss in LOSSES {
        let world = World::new();
        let process = world.process();
        let paid = process.pay("tok_timeout_after").await;
        let id = paid.is(202, "processing").text("id").to_owned();
        script(&world, ScriptedCall::Lookup, &[loss]);
        world.wait(6);
        process.recover().await;
        let attempt = world.intents().await[0].attempts[0].clone();
        assert_eq!((attempt.status, attempt.checks), (AttemptStatus::Unknown, 2), "{}", loss.as_str());
        assert!(attempt.next_check_at.is_some(), "{}: nobody looks any more", loss.as_str());
        world.wait(40);
        process.recover().await;
        assert_eq!(process.read(&id).await["status"], "succeeded", "{}", loss.as_str());
        assert_eq!(world.told("payment.processed").len(), 1);
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_look_up_that_tells_another_amount_is_a_conflict_that_a_person_is_told_of() {
    let world = World::new();
    let process = world.process();
    let paid = process.pay("tok_lookup_other_amount").await;
    let id = paid.is(202, "processing").text("id").to_owned();
    world.wait(6);
    process.recover().await;
    let seen = process.read(&id).await;
    assert_eq!((&seen["status"], &seen["amount_captured"]), (&json!("processing"), &json!(0)), "{seen}");
    assert_eq!(world.intents().await[0].attempts[0].status, AttemptStatus::Conflict);
    assert_eq!((world.told("alert.raised").len(), world.told("payment.processed").len()), (1, 0));
    assert!(world.intents().await[0].is_queued(), "it stands where people look");
}

#[tokio::test]
async fn a_completion_whose_answer_is_lost_is_looked_up_and_paid_once() {
    for loss in LOSSES {
        let world = World::new();
        let process = world.process();
        let id = process.pay("tok_challenge").await.is(201, "requires_action").text("id").to_owned();
        script(&world, ScriptedCall::Challenge, &[loss]);
        let done = |key: &'static str| {
            let (process, path) = (&process, format!("{INTENTS}/{id}/3ds/complete"));
            async move { process.post(&path, key, json!({ "result": "success" })).await }
        };
        done("1").await.is(202, "processing");
        let mut seen = Value::Null;
        for _ in 0..4 {
            world.wait(40);
            process.recover().await;
            seen = process.read(&id).await;
        }
        if seen["status"] == "requires_action" {
            // It never arrived: the challenge is open, and is met once more.
            assert!(matches!(loss, Misbehaviour::TimeoutBefore | Misbehaviour::ServerErrorBefore));
            done("2").await.is(200, "succeeded");
        } else {
            assert_eq!(seen["status"], "succeeded", "{}", loss.as_str());
        }
        assert_eq!(world.told("payment.processed").len(), 1, "{}", loss.as_str());
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_challenge_that_was_open_when_somebody_asked_is_no_news_once_the_customer_goes_on() {
    let (world, recorded) = (World::new(), Notify::new());
    let (process, other) = (world.process(), world.process());
    world.line.set(Fault::LosesAnswer);
    let id = process.pay("tok_challenge").await.is(202, "processing").text("id").to_owned();
    world.wait(20);
    world.line.set(Fault::AnswersLate);
    let slow = async {
        other.recover().await;
        recorded.notify_one();
    };
    let completion = json!({ "result": "success" });
    let customer = async {
        world.line.hangs.notified().await;
        world.line.set(Fault::None);
        assert_eq!(process.read(&id).await["status"], "requires_action", "asked beside the slow one");
        world.line.set(Fault::Waits);
        let path = format!("{INTENTS}/{id}/3ds/complete");
        let meanwhile = async {
            world.line.hangs.notified().await;
            world.line.goes_on.notify_one();
            recorded.notified().await;
            assert_eq!(world.intents().await[0].attempts[0].status, AttemptStatus::Started);
            world.line.goes_on.notify_one();
        };
        let (paid, ()) = tokio::join!(process.post(&path, "3ds", completion), meanwhile);
        paid.is(200, "succeeded");
    };
    tokio::join!(slow, customer);
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn however_many_read_a_payment_whose_outcome_is_due_its_gateway_is_asked_once_at_a_time() {
    let world = World::new();
    let process = world.process();
    let id = process.pay("tok_timeout_after").await.is(202, "processing").text("id").to_owned();
    world.wait(6);
    world.line.set(Fault::AnswersLate);
    let asked_before = world.line.lookups();
    let others = async {
        world.line.hangs.notified().await;
        let reads = futures_util::future::join_all((0..50).map(|_| process.read(&id))).await;
        assert!(reads.iter().all(|seen| seen["status"] == "processing"), "told what is known");
        assert_eq!(world.line.lookups() - asked_before, 1);
        world.line.set(Fault::None);
        world.line.goes_on.notify_one();
    };
    let (first, ()) = tokio::join!(process.read(&id), others);
    assert_eq!(first["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

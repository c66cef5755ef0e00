//! A process that dies between the commit of a call and the commit of its outcome.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{INTENTS, Process, World, payment, with};

/// Sends the request in a process that dies while the gateway is called.
pub(crate) fn die_in_the_call(world: &World, fault: Fault, request: impl FnOnce(&Process) -> TestRequest) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    world.line.set(fault);
    runtime.block_on(async {
        let process = world.process();
        let request = request(&process);
        tokio::select! {
            answer = process.call(request) => panic!("the call hangs, but was answered: {answer:?}"),
            () = world.line.hangs.notified() => {}
        }
    });
    // With the runtime all its tasks end where they are.
    drop(runtime);
    world.line.set(Fault::None);
}

/// Does a round of the worker of jobs in a process that dies while the gateway is called.
pub(crate) fn die_in_a_job(world: &World, fault: Fault) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    world.line.set(fault);
    runtime.block_on(async {
        let process = world.process();
        tokio::select! {
            done = process.do_jobs() => panic!("the call hangs, but the round ended: {done}"),
            () = world.line.hangs.notified() => {}
        }
    });
    drop(runtime);
    world.line.set(Fault::None);
}

/// Does a round of the clock worker in a process that dies while the gateway is called.
pub(crate) fn die_in_the_round(world: &World, fault: Fault) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    world.line.set(fault);
    runtime.block_on(async {
        let process = world.process();
        tokio::select! {
            done = process.tick() => panic!("the call hangs, but the round ended: {done}"),
            () = world.line.hangs.notified() => {}
        }
    });
    drop(runtime);
    world.line.set(Fault::None);
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

fn pays(process: &Process) -> TestRequest {
    process.command(INTENTS, "k", &payment("tok_visa"))
}

#[test]
fn the_retry_of_a_payment_that_was_made_gets_its_answer() {
    let world = World::new();
    die_in_the_call(&world, Fault::HangsAfter, pays);
    run(async {
        let process = world.process();
        let early = process.call(pays(&process)).await;
        early.is_problem(409, "idempotency_key_in_flight");
        world.wait(16);
        let answer = process.call(pays(&process)).await;
        answer.is(201, "succeeded");
        let again = process.call(pays(&process)).await;
        assert_eq!((again.replayed, &again.json), (true, &answer.json));
        assert_eq!((world.line.calls(), world.intents().await.len()), (1, 1));
        assert_eq!(world.told("payment.processed").len(), 1);
        world.check_books().await;
    });
}

#[test]
fn the_retry_of_a_payment_that_was_never_sent_says_that_nothing_was_charged() {
    let world = World::new();
    die_in_the_call(&world, Fault::HangsBefore, pays);
    run(async {
        let process = world.process();
        world.wait(16);
        let answer = process.call(pays(&process)).await;
        answer.is(201, "requires_payment_method");
        assert_eq!(answer.json["last_payment_error"]["code"], "gateway_error");
        assert!(world.booked().await.is_empty());
        world.check_books().await;
    });
}

#[test]
fn without_a_retry_recovery_finds_what_became_of_it_and_a_later_retry_hears_it() {
    for (fault, status) in [(Fault::HangsAfter, "succeeded"), (Fault::HangsBefore, "requires_payment_method")]
    {
        let world = World::new();
        die_in_the_call(&world, fault, pays);
        run(async {
            let process = world.process();
            assert_eq!(process.recover().await, 0, "the call may still run");
            world.wait(16);
            assert_eq!(process.recover().await, 1);
            let answer = process.call(pays(&process)).await;
            answer.is(201, status);
            assert_eq!(world.intents().await.len(), 1);
            world.check_books().await;
        });
    }
}

#[test]
fn a_crash_in_a_capture_neither_loses_nor_doubles_it() {
    for (fault, status) in [(Fault::HangsAfter, "succeeded"), (Fault::HangsBefore, "failed")] {
        let world = World::new();
        let id = run(async { world.process().hold().await });
        let capture = |process: &Process| {
            process.command(&format!("{INTENTS}/{id}/capture"), "cap", &json!({ "amount": 4_000 }))
        };
        die_in_the_call(&world, fault, capture);
        run(async {
            let process = world.process();
            process.call(capture(&process)).await.is_problem(409, "idempotency_key_in_flight");
            world.wait(16);
            let answer = process.call(capture(&process)).await;
            answer.is(200, status);
            assert_eq!(answer.json["amount"], 4_000);
            let again = process.call(capture(&process)).await;
            assert_eq!((again.replayed, &again.json), (true, &answer.json));
            world.check_books().await;
        });
    }
}

#[test]
fn a_crash_in_a_void_is_made_good() {
    for fault in [Fault::HangsAfter, Fault::HangsBefore] {
        let world = World::new();
        let id = run(async { world.process().hold().await });
        let cancel = |process: &Process| process.command(&format!("{INTENTS}/{id}/cancel"), "c", &json!({}));
        die_in_the_call(&world, fault, cancel);
        run(async {
            let process = world.process();
            world.wait(16);
            assert_eq!(process.recover().await, 1);
            process.call(cancel(&process)).await.is(200, "canceled");
            assert_eq!(world.told("payment.canceled").len(), 1);
            assert!(world.booked().await[0].released);
            world.check_books().await;
        });
    }
}

#[test]
fn a_crash_in_the_void_of_what_was_canceled_while_unknown_is_made_good() {
    let world = World::new();
    let manual = with(payment("tok_timeout_after"), "capture_mode", "manual");
    let id = run(async {
        let process = world.process();
        let unknown = process.post(INTENTS, "k", manual).await;
        let id = unknown.text("id").to_owned();
        process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(202, "processing");
        id
    });
    world.wait(6);
    // The reader's look-up finds the authorization and begins its void; there the process dies.
    die_in_the_call(&world, Fault::HangsBefore, |process| {
        let read = TestRequest::get().uri(&format!("{INTENTS}/{id}"));
        process.signed(read, "acme", "admin-1", "admin")
    });
    run(async {
        let process = world.process();
        world.wait(16);
        assert_eq!(process.recover().await, 1);
        assert_eq!(process.read(&id).await["status"], "canceled");
        assert!(world.booked().await[0].released);
        world.check_books().await;
    });
}

#[test]
fn a_crash_after_a_met_challenge_was_handed_over_is_made_good() {
    let world = World::new();
    let id = run(async { world.process().pay("tok_challenge").await.text("id").to_owned() });
    let complete = |process: &Process| {
        process.command(&format!("{INTENTS}/{id}/3ds/complete"), "3ds", &json!({ "result": "success" }))
    };
    die_in_the_call(&world, Fault::HangsAfter, complete);
    run(async {
        let process = world.process();
        world.wait(16);
        process.call(complete(&process)).await.is(200, "succeeded");
        assert_eq!(process.read(&id).await["last_payment_error"], Value::Null);
        world.check_books().await;
    });
}

#[test]
fn a_challenge_is_not_asked_again_while_its_result_may_still_reach_the_gateway() {
    let world = World::new();
    let id = run(async { world.process().pay("tok_challenge").await.text("id").to_owned() });
    // The customer takes his time.
    world.wait(1_000);
    die_in_the_call(&world, Fault::HangsBefore, |process| {
        process.command(&format!("{INTENTS}/{id}/3ds/complete"), "3ds", &json!({ "result": "success" }))
    });
    run(async {
        let process = world.process();
        world.wait(15);
        assert_eq!(process.recover().await, 0);
        assert_eq!(process.read(&id).await["status"], "processing");
        world.wait(6);
        assert_eq!(process.recover().await, 1);
        assert_eq!(process.read(&id).await["status"], "requires_action");
    });
}

#[test]
fn a_crash_before_a_met_challenge_was_handed_over_asks_the_customer_again() {
    let world = World::new();
    let id = run(async { world.process().pay("tok_challenge").await.text("id").to_owned() });
    let complete = |process: &Process, key: &str| {
        process.command(&format!("{INTENTS}/{id}/3ds/complete"), key, &json!({ "result": "success" }))
    };
    die_in_the_call(&world, Fault::HangsBefore, |process| complete(process, "3ds"));
    run(async {
        let process = world.process();
        world.wait(17);
        process.call(complete(&process, "3ds")).await.is(200, "requires_action");
        process.call(complete(&process, "3ds-2")).await.is(200, "succeeded");
        world.check_books().await;
    });
}

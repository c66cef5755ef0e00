//! SIGKILL of one service after the other while many want something of one charge at once, and the others live on.

use std::collections::HashMap;
use std::sync::Arc;

use tender_chaos::{Dice, rounds};
use tender_e2e::{Crowds, Process, Service, System, Topology, Unanswered};

use crate::{ONE_AT_A_TIME, SETTINGS};

/// Enough for crowds to be there at every kill.
const CHARGES: usize = 30;
/// Who makes refunds and keeps disputes, who is asked for charges and hands callbacks over, and who posts.
const IN_TURN: [Service; 3] = [Service::Refunds, Service::Intents, Service::Settlement];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_killed_under_crowds_while_the_others_live_on_gives_nothing_back_twice() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("SIGKILL of the five under crowds");
    let system = System::five(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let Some(system) = system else { return };
    let Topology::Five(five, _) = &system.topology else { panic!("another topology was started") };
    let crowds = Arc::new(Crowds::gather(&system.tenant(), CHARGES, Unanswered::IsSentAgain).await);
    let rush = tokio::spawn({
        let crowds = Arc::clone(&crowds);
        async move { crowds.rush().await }
    });
    let mut running: HashMap<Service, Process> = HashMap::new();
    let mut kills = 0;
    for (_, service) in (0..rounds(4)).zip(IN_TURN.into_iter().cycle()) {
        tokio::time::sleep(dice.wait(50, 700)).await;
        if rush.is_finished() {
            break;
        }
        match running.remove(&service) {
            Some(mut process) => process.kill().await.expect("it ran"),
            None => five.kill(service).await.expect("it ran"),
        }
        kills += 1;
        let started = five.run_again(service).await;
        running.insert(service, started.unwrap_or_else(|error| panic!("after kill {kills}: {error:#}")));
    }
    rush.await.expect("somebody was left without a proper answer");
    drop(alone);
    assert!(kills >= IN_TURN.len(), "the crowds were gone after {kills} kills: nothing is shown");
    let report = five.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    crowds.compare_books(&system.database).await;
    eprintln!("{kills} kills; {} refunds were told to have succeeded, each there once", crowds.told().len());
    five.prove("a service killed under crowds while the others live on gives nothing back twice")
        .expect("the proof");
}

//! SIGKILL of the all-in-one while many want something of one charge at once.

use std::sync::Arc;

use tender_chaos::{Dice, rounds};
use tender_e2e::{Crowds, System, Topology, Unanswered};

use crate::{ONE_AT_A_TIME, SETTINGS};

/// Enough for crowds to be there at every kill.
const CHARGES: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_crowds_who_refund_dispute_and_decide_nothing_is_given_back_twice() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("SIGKILL under crowds");
    let mut system = System::all_in_one(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let crowds = Arc::new(Crowds::gather(&system.tenant(), CHARGES, Unanswered::IsSentAgain).await);
    let rush = tokio::spawn({
        let crowds = Arc::clone(&crowds);
        async move { crowds.rush().await }
    });
    let Topology::AllInOne(one) = &mut system.topology else { panic!("another topology was started") };
    let mut kills = 0;
    while kills < rounds(6) && !rush.is_finished() {
        tokio::time::sleep(dice.wait(50, 1_500)).await;
        one.kill().await.expect("it ran");
        kills += 1;
        let started = one.start_again().await;
        started.unwrap_or_else(|error| panic!("after kill {kills} it did not start again: {error:#}"));
    }
    rush.await.expect("somebody was left without a proper answer");
    drop(alone);
    assert!(kills > 1, "the crowds were gone after {kills} kills: nothing is shown");
    let report = one.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    crowds.compare_books(&system.database).await;
    eprintln!("{kills} kills; {} refunds were told to have succeeded, each there once", crowds.told().len());
}

//! SIGKILL of the all-in-one.

use tender_chaos::{Dice, Load, rounds};
use tender_e2e::{System, Topology};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_and_started_again_nothing_is_lost_or_doubled() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("SIGKILL of Tender");
    let mut system = System::all_in_one(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let mut load = Load::begin(system.tenant(), CUSTOMERS, &mut dice).await;
    let Topology::AllInOne(one) = &mut system.topology else { panic!("another topology was started") };
    for round in 1..=rounds(20) {
        tokio::time::sleep(dice.wait(20, 900)).await;
        one.kill().await.expect("it ran");
        let started = one.start_again().await;
        started.unwrap_or_else(|error| panic!("after kill {round} it did not start again: {error:#}"));
    }
    load.until_answered(CUSTOMERS * 2).await;
    load.stop().await;
    drop(alone);
    let report = one.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    load.audit(&system.database).await;
    let Topology::AllInOne(one) = &mut system.topology else { return };
    one.stop().await.expect("it ends in order");
}

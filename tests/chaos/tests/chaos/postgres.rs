//! SIGKILL of PostgreSQL.

use tender_chaos::{Dice, Load, rounds};
use tender_e2e::{System, Topology};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_postgresql_killed_tender_starts_it_again_and_nothing_is_lost_or_doubled() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("SIGKILL of PostgreSQL");
    let mut system = System::all_in_one(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let mut load = Load::begin(system.tenant(), CUSTOMERS, &mut dice).await;
    let Topology::AllInOne(one) = &mut system.topology else { panic!("another topology was started") };
    for _ in 0..rounds(3) {
        load.until_answered(CUSTOMERS).await;
        tokio::time::sleep(dice.wait(20, 600)).await;
        one.kill_postgres().await.expect("PostgreSQL ran");
        // Tender itself goes on, and so do its customers once PostgreSQL is back.
        load.until_answered(CUSTOMERS).await;
        assert!(one.runs(), "Tender ended with its PostgreSQL:\n{}", one.tail());
    }
    load.stop().await;
    drop(alone);
    let report = one.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    load.audit(&system.database).await;
}

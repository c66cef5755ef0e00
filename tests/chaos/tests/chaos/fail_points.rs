//! The all-in-one dies at each of its fail points in turn: before and after every commit and every call of a gateway.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use tender_chaos::{Dice, Load};
use tender_e2e::{System, Topology};
use tender_fail_points::{FailPoint, VARIABLE};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

/// How a process ends that aborts itself.
const SIGABRT: i32 = 6;
/// Enough for a start and for the rarest of what customers do.
const LIMIT: Duration = Duration::from_secs(120);

/// All of them, or those whose name begins with `TENDER_CHAOS_POINT`.
fn points() -> Vec<FailPoint> {
    let wanted = std::env::var("TENDER_CHAOS_POINT").unwrap_or_default();
    let points: Vec<_> = FailPoint::all().filter(|point| point.to_string().starts_with(&wanted)).collect();
    assert!(!points.is_empty(), "there is no fail point {wanted}");
    points
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_fail_point_and_started_again_nothing_is_lost_or_doubled() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("fail points");
    let mut system = System::all_in_one(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let mut load = Load::begin(system.tenant(), CUSTOMERS, &mut dice).await;
    let Topology::AllInOne(one) = &mut system.topology else { panic!("another topology was started") };
    one.kill().await.expect("it ran");
    let points = points();
    for point in &points {
        let armed = format!("{point}:{}", dice.number(1, 3));
        let ended = one.start_to_die(&[(VARIABLE, &armed)], LIMIT).await;
        let ended = ended.unwrap_or_else(|error| {
            panic!("{armed} was not reached (release builds have no fail points): {error:#}")
        });
        assert_eq!(ended.signal(), Some(SIGABRT), "{armed}: it ended otherwise\n{}", one.tail());
    }
    one.start_again().await.unwrap_or_else(|error| panic!("it did not start again: {error:#}"));
    load.until_answered(CUSTOMERS * 2).await;
    load.stop().await;
    drop(alone);
    let report = one.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    load.audit(&system.database).await;
    eprintln!("died at {} fail points", points.len());
    let Topology::AllInOne(one) = &mut system.topology else { return };
    one.stop().await.expect("it ends in order");
}

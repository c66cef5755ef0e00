//! The services as processes of their own die at fail points in turn: at those whose other side is another process, which
//! lives on. What lies between them is Kafka and HTTP, and nobody starts again with them.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use tender_chaos::{Dice, Load};
use tender_e2e::{Service, System, Topology};
use tender_fail_points::{FailPoint, VARIABLE};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

/// How a process ends that aborts itself.
const SIGABRT: i32 = 6;
/// Enough for a start, for consumers to be given their partitions, and for the rarest of what customers do.
const LIMIT: Duration = Duration::from_secs(120);

/// Who dies where. The all-in-one is walked through all points; here are those at which something is told to, or taken
/// from, a process that does not die with it.
const POINTS: [(Service, &str); 13] = [
    // The simulated gateway lives on: it has the money, and nobody has heard of it.
    (Service::Intents, "gateway.authorize/after"),
    (Service::Intents, "intents.create.finished/before"),
    (Service::Intents, "intents.capture.finished/before"),
    (Service::Refunds, "gateway.refund/after"),
    (Service::Refunds, "refunds.refund.finished/before"),
    // A callback that came by HTTP.
    (Service::Intents, "intents.callback.applied/before"),
    (Service::Intents, "intents.callback.applied/after"),
    // Handed over by HTTP: intents hears no answer, and hands it over again.
    (Service::Refunds, "refunds.dispute.opened/after"),
    // Told over Kafka: the position is not committed, and it is told again.
    (Service::Refunds, "refunds.charge.told/before"),
    (Service::Refunds, "refunds.charge.told/after"),
    (Service::Intents, "intents.refund.told/after"),
    (Service::Settlement, "settlement.ledger.posted/before"),
    (Service::Settlement, "settlement.ledger.posted/after"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_killed_at_its_fail_points_while_the_others_live_on_loses_and_doubles_nothing() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("fail points of the five");
    let system = System::five(&SETTINGS).await.unwrap_or_else(|error| panic!("{error:#}"));
    let Some(system) = system else { return };
    let Topology::Five(five, _) = &system.topology else { panic!("another topology was started") };
    let mut load = Load::begin(system.tenant(), CUSTOMERS, &mut dice).await;
    load.until_answered(CUSTOMERS).await;
    let wanted = std::env::var("TENDER_CHAOS_POINT").unwrap_or_default();
    for (service, name) in POINTS.into_iter().filter(|(_, name)| name.starts_with(&wanted)) {
        assert!(FailPoint::find(name).is_some(), "there is no fail point {name}");
        let armed = format!("{name}:{}", dice.number(1, 3));
        let begun = Instant::now();
        let ended = five.start_to_die(service, &[(VARIABLE, &armed)], LIMIT).await;
        let ended = ended.unwrap_or_else(|error| {
            panic!("{armed} was not reached (release builds have no fail points): {error:#}")
        });
        assert_eq!(ended.signal(), Some(SIGABRT), "{armed}: it ended otherwise");
        five.up().await.unwrap_or_else(|error| panic!("{armed}: it did not start again: {error:#}"));
        eprintln!("{} died at {armed}, {} s", service.name(), begun.elapsed().as_secs());
    }
    load.until_answered(CUSTOMERS * 2).await;
    load.stop().await;
    drop(alone);
    let report = five.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    load.audit(&system.database).await;
    five.prove("a service that dies at its fail points while the others live on loses and doubles nothing")
        .expect("the proof");
}

//! The connection is cut after COMMIT was sent: what was done is not known to who asked for it.

use std::time::Duration;

use tender_chaos::{Dice, Load, Proxy, rounds};
use tender_e2e::{AllInOne, Api, Edge, PostgresServer, Tenant, Tokens, eventually, unique};

use crate::{CUSTOMERS, ONE_AT_A_TIME, SETTINGS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_neither_lost_nor_done_twice() {
    let alone = ONE_AT_A_TIME.lock().await;
    let mut dice = Dice::new("connections cut after COMMIT");
    let server = PostgresServer::start().await.unwrap_or_else(|error| panic!("{error:#}"));
    let database = server.database().await.expect("its URL");
    let proxy = Proxy::to(server.port()).await;
    let through =
        database.connection().replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port()));
    assert_ne!(through, database.connection(), "the URL names no port");
    let mut settings = SETTINGS.to_vec();
    settings.push(("TENDER__DATABASE__URL", &through));
    let mut one = AllInOne::start(&settings).await.unwrap_or_else(|error| panic!("{error:#}"));
    let tokens = Tokens::new(&one.file("jwt.secret").expect("the secret"));
    let shop = Tenant::new(&unique("t"), &Api::new(Edge::One(one.url())), &tokens);

    let mut load = Load::begin(shop, CUSTOMERS, &mut dice).await;
    for cuts in 1..=usize::try_from(rounds(25)).expect("a number") {
        tokio::time::sleep(dice.wait(20, 250)).await;
        proxy.arm();
        eventually("the line is cut", || async { (proxy.cut() >= cuts).then_some(()) }).await;
    }
    load.until_answered(CUSTOMERS * 2).await;
    load.stop().await;
    drop(alone);
    assert!(one.runs(), "Tender ended:\n{}", one.tail());
    let report = one.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(report.contains("Everything is in order."), "{report}");
    load.audit(&database).await;
    tokio::time::timeout(Duration::from_secs(60), one.stop()).await.expect("it ends").expect("in order");
}

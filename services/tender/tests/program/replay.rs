//! What was put aside counts once its cause was mended, and once only.

use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, PgConnection};
use tender_postgres::PrivateCluster;

use crate::program::{Place, Running, output, tender, text};

async fn check(place: &Place, how: &[&str]) -> (Option<i32>, Value) {
    let checked = output(tender(&[&["check", "--json"], how].concat(), &place.data())).await;
    (checked.status.code(), serde_json::from_slice(&checked.stdout).expect("JSON"))
}

async fn replay(place: &Place) -> String {
    let replayed = output(tender(&["events", "replay"], &place.data())).await;
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    text(&replayed.stdout)
}

async fn database(place: &Place) -> PgConnection {
    let found = PrivateCluster::find_running(&place.data().join("postgres"), "tender");
    found.expect("it can be looked for").expect("it runs").connect().await.expect("it answers")
}

/// Until everything has arrived.
const WAIT: &[&str] = &["--wait", "60"];

/// As if the ledger had never been able to read the payment's event.
const PUT_ASIDE: &str = "
    DELETE FROM settlement.inbox;
    DELETE FROM settlement.ledger_transfers;
    DELETE FROM settlement.account_balances;
    INSERT INTO intents.dead_letters(tenant_id,follower,message_id,topic,key,data,reason,subject,source,\"time\",version)
    SELECT DISTINCT tenant_id,'ledger',id,topic,key,data,'it could not be read',subject,source,\"time\",version
    FROM intents.outbox WHERE topic='payment.processed'";

#[tokio::test]
async fn a_payment_whose_event_was_put_aside_is_in_the_ledger_after_a_replay_and_once_after_two() {
    let place = Place::new();
    let running = Running::start(&place.data()).await;
    let method = json!({ "type": "card", "token": "tok_visa" });
    let (_, method) = running.call("POST", "/v1/payments/methods", Some(&method)).await;
    let body = json!({
        "amount": 1250, "currency": "EUR", "confirm": true, "payment_method_id": method["id"]
    });
    let (status, intent) = running.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert_eq!((status, intent["status"].as_str()), (201, Some("succeeded")), "{intent}");
    assert_eq!(check(&place, WAIT).await.0, Some(0), "the ledger has it");
    let posted = "SELECT count(*) FROM settlement.ledger_transfers";
    let mut database = database(&place).await;

    sqlx::raw_sql(PUT_ASIDE).execute(&mut database).await.expect("the superuser may");
    let (code, report) = check(&place, &[]).await;
    assert_eq!(code, Some(1), "{report:#}");
    assert!(report.to_string().contains("ledger put message"), "{report:#}");

    assert!(replay(&place).await.contains("1 dead letters of intents were put into its outbox again"));
    let (code, report) = check(&place, WAIT).await;
    assert_eq!(code, Some(0), "{report:#}");
    let count: i64 = sqlx::query_scalar(posted).fetch_one(&mut database).await.expect("it is counted");
    assert_eq!(count, 1);

    // Once more, for a letter that was handled in the meantime: everybody has had this event.
    let again = PUT_ASIDE.rsplit_once(';').expect("several statements").1;
    sqlx::raw_sql(again).execute(&mut database).await.expect("the superuser may");
    assert!(replay(&place).await.contains("1 dead letters of intents"));
    let (code, report) = check(&place, WAIT).await;
    assert_eq!(code, Some(0), "{report:#}");
    let count: i64 = sqlx::query_scalar(posted).fetch_one(&mut database).await.expect("it is counted");
    assert_eq!(count, 1, "the ledger dropped what it had");
    running.end().await;
}

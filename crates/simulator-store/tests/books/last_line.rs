//! What the schema refuses, should the engine ever be wrong.

use sqlx::PgPool;

use crate::rig;

async fn refusal(pool: &PgPool, statement: &'static str) -> String {
    let error = sqlx::query(statement).execute(pool).await.expect_err(statement);
    let error = error.into_database_error().expect("the database refused it");
    error.constraint().map_or_else(|| error.code().unwrap_or_default().into_owned(), str::to_owned)
}

const INSUFFICIENT_PRIVILEGE: &str = "42501";

#[tokio::test]
async fn no_statement_captures_or_refunds_more_than_there_is() {
    let database = rig::database().await;
    let pool = rig::pool(&database).await;
    sqlx::query(
        "INSERT INTO simulator.payments (tenant_id, gateway_reference, reference, currency, authorized_minor, \
         captured_minor, refunded_minor, released, version) VALUES ('one', 'sim_1', 'att_1', 'EUR', 100, 60, 0, false, 1)",
    )
    .execute(&pool)
    .await
    .expect("a lawful row");
    for (statement, constraint) in [
        ("UPDATE simulator.payments SET captured_minor = 101", "captured_within_authorized"),
        ("UPDATE simulator.payments SET captured_minor = -1", "captured_within_authorized"),
        ("UPDATE simulator.payments SET refunded_minor = 61", "refunded_within_captured"),
        ("UPDATE simulator.payments SET refunded_minor = -1", "refunded_within_captured"),
    ] {
        assert_eq!(refusal(&pool, statement).await, constraint, "{statement}");
    }
}

#[tokio::test]
async fn the_services_role_cannot_rewrite_history() {
    let database = rig::database().await;
    let pool = rig::pool(&database).await;
    for statement in [
        "DELETE FROM simulator.operations",
        "DELETE FROM simulator.payments",
        "TRUNCATE simulator.payments",
        "UPDATE simulator.operations SET reference = 'x'",
        "UPDATE simulator.operations SET request_digest = NULL",
        "UPDATE simulator.payments SET authorized_minor = 1",
        "CREATE TABLE simulator.mine (id int)",
    ] {
        assert_eq!(refusal(&pool, statement).await, INSUFFICIENT_PRIVILEGE, "{statement}");
    }
}

#[tokio::test]
async fn every_key_begins_with_the_tenant() {
    let database = rig::database().await;
    let admin = database.admin().await;
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT i.indexrelid::regclass::text FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] \
         WHERE n.nspname = 'simulator' AND i.indisunique AND a.attname <> 'tenant_id' AND c.relname <> '_migrations'",
    )
    .fetch_all(&admin)
    .await
    .expect("the catalogue can be read");
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn no_card_number_is_stored() {
    let (rig, database) = rig::gateway().await;
    tender_contract::gateway::cards_become_tokens_of_their_tenant(&rig).await;
    let admin = database.admin().await;
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT o::text FROM simulator.operations o UNION ALL SELECT p::text FROM simulator.payments p",
    )
    .fetch_all(&admin)
    .await
    .expect("the tables can be read");
    assert!(!rows.is_empty());
    let (number, ..) = rig.card.expect("the simulator takes cards");
    for row in rows {
        assert!(!row.contains(number), "{row}");
    }
}

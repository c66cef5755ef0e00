//! The PostgreSQL adapter keeps the promises of the port, and the schema its own.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool};
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

async fn store() -> (PgMethodStore, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (store.expect("the store opens"), database)
}

tender_contract::method_promises!(store);

/// The constraint that a statement broke.
fn broken(error: &sqlx::Error) -> String {
    let constraint = error.as_database_error().and_then(|error| error.constraint());
    constraint.unwrap_or("another error").to_owned()
}

/// Inserts an active card of nobody, but for these columns; else says which constraint refuses it.
async fn insert(admin: &PgPool, number: u8, changed: &[(&str, &str)]) -> Result<(), String> {
    let id = format!("'00000000-0000-0000-0000-0000000000{number:02}'");
    let mut row = BTreeMap::from([
        ("tenant_id", "'t'"),
        ("method_id", &*id),
        ("version", "1"),
        ("type", "'card'"),
        ("brand", "'VISA'"),
        ("last4", "'4242'"),
        ("exp_month", "12"),
        ("exp_year", "2030"),
        ("fingerprint", "sha256('x')"),
        ("sealed", "'sealed bytes, longer than a nonce and a tag'::bytea"),
        ("key_version", "1"),
        ("is_default", "false"),
        ("metadata", "'{}'"),
        ("livemode", "false"),
        ("created_at", "now()"),
        ("updated_at", "now()"),
    ]);
    row.extend(changed.iter().copied());
    let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let sql = format!("INSERT INTO vault.payment_methods ({columns}) VALUES ({values})");
    sqlx::query(AssertSqlSafe(sql)).execute(admin).await.map(drop).map_err(|error| broken(&error))
}

#[tokio::test]
async fn the_services_role_cannot_delete_a_method() {
    let (_store, database) = store().await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let refused = sqlx::query("DELETE FROM vault.payment_methods").execute(&pool).await;
    let error = refused.expect_err("the role has no DELETE");
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{error}");
}

#[tokio::test]
async fn the_services_role_cannot_change_or_delete_a_line_of_the_log_of_secret_reads() {
    let (_store, database) = store().await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    for statement in [
        "UPDATE vault.secret_reads SET reader = 'x'",
        "DELETE FROM vault.secret_reads",
        "TRUNCATE vault.secret_reads",
    ] {
        let error = sqlx::query(statement).execute(&pool).await.expect_err("the role may not");
        let code = error.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn the_schema_itself_refuses_a_second_default_a_longer_last4_and_secrets_of_the_deleted() {
    let (_store, database) = store().await;
    let admin = database.admin().await;
    let of = |last4: &'static str| [("customer_id", "'c'"), ("last4", last4), ("is_default", "true")];
    assert_eq!(insert(&admin, 1, &of("'4242'")).await, Ok(()));
    assert_eq!(insert(&admin, 2, &of("'4242'")).await, Err("payment_methods_one_default".to_owned()));
    let deleted = insert(&admin, 3, &[("deleted_at", "now()")]).await;
    assert_eq!(deleted, Err("payment_methods_secrets_end_with_it".to_owned()));
    let pan = insert(&admin, 4, &[("last4", "'4242424242424242'")]).await;
    assert_eq!(pan, Err("payment_methods_last4_check".to_owned()));
}

#[tokio::test]
async fn the_schema_itself_keeps_no_card_of_a_customer_without_consent() {
    let (_store, database) = store().await;
    let admin = database.admin().await;
    let (of, raw) = (("customer_id", "'c'"), ("from_raw_data", "true"));
    let consent = [("consent_text_version", "'1'"), ("consented_at", "now()")];
    assert_eq!(insert(&admin, 1, &[of, raw, consent[0], consent[1]]).await, Ok(()));
    assert_eq!(insert(&admin, 2, &[raw]).await, Ok(()), "nobody's");
    assert_eq!(insert(&admin, 3, &[of]).await, Ok(()), "a shop's server brought its token");
    let refused = "payment_methods_on_file_with_consent";
    assert_eq!(insert(&admin, 4, &[of, raw]).await, Err(refused.to_owned()));
    let attached = "UPDATE vault.payment_methods SET customer_id = 'c' WHERE customer_id IS NULL";
    let attached = sqlx::query(attached).execute(&admin).await.expect_err("given to a customer later");
    assert_eq!(broken(&attached), refused);
}

type Shown = (String, String, String, String, i16, i16, bool, bool);

#[tokio::test]
async fn the_adventures_documents_table_of_methods_shows_what_guests_have_and_no_token() {
    let (_store, database) = store().await;
    let admin = database.admin().await;
    let guest = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";
    for (id, customer, deleted) in [(1, guest, "NULL"), (2, "cust_1", "NULL"), (3, guest, "now()")] {
        let customer = format!("'{customer}'");
        let mut changed = vec![("customer_id", &*customer), ("deleted_at", deleted)];
        if deleted != "NULL" {
            changed.extend([("sealed", "NULL"), ("key_version", "NULL")]);
        }
        insert(&admin, id, &changed).await.expect("it is inserted");
    }
    let role = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let rows: Vec<Shown> = sqlx::query_as(
        "SELECT method_id::text, guest_id::text, card_last_four::text, card_brand, expiry_month, expiry_year, \
         is_default, token LIKE '%sealed%' FROM vault.adventures_payment_methods \
         WHERE guest_id = '0190a6f0-2c1e-7b3a-9c4d-5e6f70819203'",
    )
    .fetch_all(&role)
    .await
    .expect("the table can be read");
    let id = "00000000-0000-0000-0000-000000000001".to_owned();
    let shown = (id, guest.to_owned(), "4242".to_owned(), "VISA".to_owned(), 12, 2030, false, false);
    assert_eq!(rows, [shown]);
}

#[tokio::test]
async fn no_line_of_the_log_of_secret_reads_is_forgotten_within_a_year_whatever_is_asked_for() {
    let (_store, database) = store().await;
    let admin = database.admin().await;
    for (number, days) in [(1, 0), (2, 365), (3, 367)] {
        let sql = format!(
            "INSERT INTO vault.secret_reads (tenant_id, read_id, method_id, reader_type, reader, purpose, opened, read_at) \
             VALUES ('t', '00000000-0000-0000-0000-00000000000{number}', '00000000-0000-0000-0000-000000000009', \
             'service', 'intents', 'charge', true, now() - interval '{days} days')"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&admin).await.expect("it is inserted");
    }
    let role = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let forgotten: i32 =
        sqlx::query_scalar("SELECT vault.forget_secret_reads(now() + interval '1 year', 100)")
            .fetch_one(&role)
            .await
            .expect("the role may call it");
    assert_eq!(forgotten, 1, "the one that is older than a year");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.secret_reads")
        .fetch_one(&role)
        .await
        .expect("readable");
    assert_eq!(left, 2);
}

#[tokio::test]
async fn no_row_says_of_a_verification_what_cannot_be() {
    let (_store, database) = store().await;
    let admin = database.admin().await;
    insert(&admin, 1, &[]).await.expect("it is inserted");
    let set = async |verification: &str, due: &str| {
        let sql = format!(
            "UPDATE vault.payment_methods SET verification = '{verification}', verification_due_at = {due}"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&admin).await.map(drop).map_err(|error| broken(&error))
    };
    let row = |status: &str, kind: &str, tries: u8, deposits: &str| {
        format!(
            r#"{{"status": "{status}", "kind": "{kind}", "wrong_tries": {tries}, "deposits": {deposits}}}"#
        )
    };
    let pending = row("pending", "micro_deposits", 3, "\"digest\"");
    assert_eq!(set(&pending, "now()").await, Ok(()));
    for (verification, due, constraint) in [
        (row("pending", "micro_deposits", 4, "null"), "now()", "payment_methods_verification_tries"),
        (row("done", "micro_deposits", 0, "null"), "NULL", "payment_methods_verification_is_known"),
        (row("verified", "micro_deposits", 0, "\"digest\""), "NULL", "payment_methods_verification_deposits"),
        (row("pending", "zero_amount", 0, "\"digest\""), "now()", "payment_methods_verification_deposits"),
        (row("pending", "zero_amount", 0, "null"), "NULL", "payment_methods_verification_is_due"),
        (row("verified", "zero_amount", 0, "null"), "now()", "payment_methods_verification_is_due"),
    ] {
        assert_eq!(set(&verification, due).await, Err(constraint.to_owned()), "{verification}");
    }
}

//! Contract §1: every table's primary key and every unique constraint begins with `tenant_id`.

use sqlx::Row;
use tender_testkit::TestDatabase;

use crate::books::SCHEMAS;

/// What the contract exempts: migrations, consumer offsets, tenants, and one locator a schema. The writers' own rows
/// belong to a process, not to a tenant.
const EXEMPT: [&str; 5] = ["_migrations", "outbox_positions", "tenants", "locator", "writers"];

const UNIQUE_INDEXES: &str = "
    SELECT n.nspname, t.relname, i.relname, (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = x.indkey[0])
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE x.indisunique AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')";

#[tokio::test]
async fn every_primary_key_and_unique_constraint_begins_with_the_tenant() {
    let mut schemas = SCHEMAS.to_vec();
    schemas.push((tender_vault_store::SCHEMA, tender_vault_store::MIGRATIONS));
    schemas.push((tender_operations_store::SCHEMA, tender_operations_store::MIGRATIONS));
    let database = TestDatabase::create(&schemas).await;
    let rows = sqlx::query(UNIQUE_INDEXES)
        .fetch_all(&database.admin().await)
        .await
        .expect("the catalog is readable");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for row in rows {
        let (schema, table, index): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let first: Option<String> = row.get(3);
        if EXEMPT.contains(&&*table) {
            continue;
        }
        seen += 1;
        if first.as_deref() != Some("tenant_id") {
            wrong.push(format!("{schema}.{table}: {index} begins with {first:?}"));
        }
    }
    assert!(seen > 30, "only {seen} keys were looked at");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

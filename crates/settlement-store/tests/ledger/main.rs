//! The ledger on a real PostgreSQL keeps the promises of the ledger, and its role cannot rewrite it.

mod hot_account;
mod promises;
mod random;
mod rights;

use tender_postgres::{PoolOptions, WriterOptions};
use tender_settlement_store::{MIGRATIONS, PgLedgerStore, SCHEMA};
use tender_testkit::TestDatabase;

async fn store() -> (PgLedgerStore, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgLedgerStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (store.unwrap_or_else(|error| panic!("{error}")), database)
}

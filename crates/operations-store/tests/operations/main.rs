//! Operations on a real PostgreSQL: its promises, a service's copy of the keys, its rights, its health.

mod api_key_projection;
mod health;
mod promises;
mod rights;

use tender_operations_store::{MIGRATIONS, PgOperationsStore, SCHEMA};
use tender_postgres::{PoolOptions, WriterOptions, open_pool};
use tender_testkit::TestDatabase;

async fn store() -> (PgOperationsStore, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgOperationsStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (store.unwrap_or_else(|error| panic!("{error}")), database)
}

async fn pool(database: &TestDatabase) -> sqlx::PgPool {
    open_pool(&database.connect_as(SCHEMA), PoolOptions::default())
        .await
        .expect("the test database can be reached")
}

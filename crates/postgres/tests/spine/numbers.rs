use std::sync::Arc;

use tender_postgres::{NUMBERS, PgNumberBook, PoolOptions, SPINE, open_pool};
use tender_testkit::TestDatabase;

/// Two processes of one service: each with a pool of its own.
async fn books() -> (Arc<PgNumberBook>, Arc<PgNumberBook>, TestDatabase) {
    let database = TestDatabase::create(&[("probe", &[SPINE, NUMBERS])]).await;
    let connect = database.connect_as("probe");
    let book = async || {
        let pool = open_pool(&connect, PoolOptions::default()).await.expect("a pool");
        Arc::new(PgNumberBook::new(pool, "probe"))
    };
    (book().await, book().await, database)
}

tender_contract::number_book_promises!(books);

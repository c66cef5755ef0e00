use tender_operations_store::{MIGRATIONS, SCHEMA};
use tender_postgres::PgApiKeyProjection;
use tender_testkit::TestDatabase;

async fn projection() -> (PgApiKeyProjection, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    (PgApiKeyProjection::new(crate::pool(&database).await, SCHEMA), database)
}

tender_contract::api_key_projection_promises!(projection);

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tender_contract::gateway::GatewayRig;
use tender_domain::kernel::TenantId;
use tender_postgres::{PoolOptions, open_pool};
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_simulator_store::{MIGRATIONS, PgSimulatorBooks, SCHEMA};
use tender_testkit::{SystemClock, TestDatabase};

pub(crate) async fn database() -> TestDatabase {
    TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await
}

/// A pool of the service's role.
pub(crate) async fn pool(database: &TestDatabase) -> PgPool {
    let options = PoolOptions { min_connections: 1, ..PoolOptions::default() };
    open_pool(&database.connect_as(SCHEMA), options).await.expect("the test database is there")
}

pub(crate) async fn books() -> (PgSimulatorBooks, TestDatabase) {
    let database = database().await;
    (PgSimulatorBooks::new(pool(&database).await), database)
}

pub(crate) fn simulator(books: PgSimulatorBooks) -> SimulatorGateway {
    let options = SimulatorOptions::new("a secret of tests").with_delay(Duration::from_millis(20));
    SimulatorGateway::new(Arc::new(books), Arc::new(SystemClock), options)
}

pub(crate) async fn gateway() -> (GatewayRig, TestDatabase) {
    let (books, database) = books().await;
    (GatewayRig::simulator(Arc::new(simulator(books)), TenantId::sandbox()), database)
}

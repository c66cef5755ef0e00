use tender_postgres::{PgPool, PoolOptions, ensure_outbox_partitions, open_pool};

use crate::probe::Fixture;

const MONTHS: &str = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'probe.outbox'::regclass \
                      AND inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$'";
const DROP_MONTHS: &str = "DO $$ DECLARE month regclass; BEGIN \
     FOR month IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'probe.outbox'::regclass \
         AND inhrelid::regclass::text ~ '_[0-9]{4}_[0-9]{2}$' \
     LOOP EXECUTE 'DROP TABLE ' || month; END LOOP; END $$";

async fn as_service(fixture: &Fixture) -> PgPool {
    open_pool(&fixture.database.connect_as("probe"), PoolOptions::default()).await.expect("a pool")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_itself_makes_the_partitions_of_this_month_and_the_next() {
    let fixture = Fixture::start().await;
    fixture.as_admin(DROP_MONTHS).await;
    assert_eq!(fixture.number(MONTHS).await, 0);
    let pool = as_service(&fixture).await;
    for _ in 0..2 {
        ensure_outbox_partitions(&pool, "probe").await.expect("made, or there");
        assert_eq!(fixture.number(MONTHS).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_has_to_wait_gives_up_before_commits_wait_long_behind_it() {
    let fixture = Fixture::start().await;
    fixture.as_admin(DROP_MONTHS).await;
    let mut reading = fixture.admin.begin().await.expect("a transaction");
    sqlx::query("SELECT 1 FROM probe.outbox").execute(&mut *reading).await.expect("read");
    let pool = as_service(&fixture).await;
    let refused = ensure_outbox_partitions(&pool, "probe").await.expect_err("the outbox is read");
    let code = refused.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    assert_eq!(code.as_deref(), Some("55P03"), "{refused}");
    reading.rollback().await.expect("read to the end");
    ensure_outbox_partitions(&pool, "probe").await.expect("made");
    assert_eq!(fixture.number(MONTHS).await, 2);
}

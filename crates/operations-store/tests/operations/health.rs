use tender_domain::kernel::{Change, EventId, Message, TenantId, Timestamp, Topic, Version};
use tender_domain::operations::{HealthSource, HealthState, OperationsStore};
use tender_operations_store::{PgDatabaseHealth, PgEventLag};
use uuid::Uuid;

use crate::{pool, store};

async fn tell(store: &dyn OperationsStore) {
    let message = Message {
        id: EventId(Uuid::from_u128(1)),
        topic: Topic::SETTINGS_CHANGED,
        key: "sandbox".to_owned(),
        subject: "sandbox".to_owned(),
        tenant: TenantId::sandbox(),
        source: "/tender/operations",
        time: Timestamp::UNIX_EPOCH,
        version: Version::FIRST,
        traceparent: None,
        data: "{}".into(),
    };
    store.commit(Change::of(TenantId::sandbox()).tell([message])).await.map(drop).expect("a message is told");
}

#[tokio::test]
async fn the_database_is_up_while_it_answers() {
    let (_store, database) = store().await;
    let pool = pool(&database).await;
    let health = PgDatabaseHealth::new(pool.clone());
    assert_eq!(health.check().await.state, HealthState::Up);
    pool.close().await;
    assert_eq!(health.check().await.state, HealthState::Down);
}

#[tokio::test]
async fn events_that_nobody_takes_are_told_and_later_count_as_down() {
    let (store, database) = store().await;
    let (pool, admin) = (pool(&database).await, database.admin().await);
    let lag = PgEventLag::new(pool);
    assert_eq!(lag.check().await.state, HealthState::Up, "no events, nobody late");
    tell(&store).await;
    assert_eq!(lag.check().await.state, HealthState::Degraded, "nobody follows");
    let follow = "INSERT INTO operations.outbox_positions (follower) VALUES ('relay')";
    sqlx::query(follow).execute(&admin).await.unwrap();
    assert_eq!(lag.check().await.state, HealthState::Up, "an event of this instant is not late");
    for (age, state) in [("20 seconds", HealthState::Degraded), ("1 hour", HealthState::Down)] {
        let sql = "UPDATE operations.outbox SET recorded_at = now() - $1::text::interval";
        sqlx::query(sql).bind(age).execute(&admin).await.unwrap();
        assert_eq!(lag.check().await.state, state, "{age}");
    }
    let done = "UPDATE operations.outbox_positions SET (tx, n) = (SELECT tx, n FROM operations.outbox)";
    sqlx::query(done).execute(&admin).await.unwrap();
    assert_eq!(lag.check().await.state, HealthState::Up, "all taken");
}

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{RateLimit, RateLimiter};
use tender_postgres::{PgPool, PgRateLimiter, PoolOptions, RATE_LIMITS, SPINE, open_pool};
use tender_testkit::TestDatabase;

async fn pool(database: &TestDatabase) -> PgPool {
    open_pool(&database.connect_as("probe"), PoolOptions::default()).await.expect("a pool")
}

async fn database() -> TestDatabase {
    TestDatabase::create(&[("probe", &[SPINE, RATE_LIMITS])]).await
}

/// Two processes of one service: each with a pool and a limiter of its own.
async fn limiters() -> (Arc<PgRateLimiter>, Arc<PgRateLimiter>, TestDatabase) {
    let database = database().await;
    let one = PgRateLimiter::new(pool(&database).await, "probe");
    let other = PgRateLimiter::new(pool(&database).await, "probe");
    (Arc::new(one), Arc::new(other), database)
}

tender_contract::rate_limiter_promises!(limiters);

fn start() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

#[tokio::test]
async fn what_is_over_is_taken_away_and_what_counts_stays() {
    let database = database().await;
    let limiter = PgRateLimiter::new(pool(&database).await, "probe");
    let limit = RateLimit::per_minute("requests", 3);
    let tenant = TenantId::sandbox();
    let take = async |subject: String, at| {
        limiter.take(&tenant, &subject, limit, at).await.expect("it can be counted");
    };
    for n in 0..100 {
        take(format!("once {n}"), start()).await;
    }
    let later = start() + TimeDelta::hours(1);
    for n in 0..100 {
        take(format!("later {}", n % 3), later).await;
    }
    let admin = database.admin().await;
    let rows: Vec<(String, i32)> =
        sqlx::query_as("SELECT subject,cardinality(hits) FROM probe.rate_limits ORDER BY subject")
            .fetch_all(&admin)
            .await
            .expect("the rows");
    let expected = ["later 0", "later 1", "later 2"].map(|subject| (subject.to_owned(), 3));
    assert_eq!(rows, expected, "no row of an hour ago, and no row longer than its limit");
}

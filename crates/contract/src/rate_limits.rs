//! What every [`RateLimiter`] promises. Each function is one promise with subjects of its own, so that they may share a
//! store.

use std::time::Duration;

use chrono::DateTime;
use futures_util::future::join_all;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{RateLimit, RateLimiter, RateVerdict};

const LIMIT: RateLimit = RateLimit::per_minute("requests", 3);

fn at(second: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + chrono::Duration::days(20_000) + chrono::Duration::seconds(second)
}

fn sandbox() -> TenantId {
    TenantId::sandbox()
}

async fn take(limiter: &dyn RateLimiter, subject: &str, second: i64) -> RateVerdict {
    limiter.take(&sandbox(), subject, LIMIT, at(second)).await.expect("it can be counted")
}

/// As many are let in as the limit says, and who is refused is told when there is room again.
///
/// # Panics
/// When the promise is broken.
pub async fn no_more_than_the_limit_are_let_in(limiter: &dyn RateLimiter) {
    for (second, left) in [(0, 2), (10, 1), (20, 0)] {
        let verdict = take(limiter, "a", second).await;
        assert!(verdict.allowed, "second {second}");
        assert_eq!(verdict.remaining, left, "second {second}");
    }
    let refused = take(limiter, "a", 30).await;
    assert!(!refused.allowed);
    assert_eq!((refused.remaining, refused.reset_after), (0, Duration::from_secs(30)));
}

/// In no window of the limit's length are more let in, wherever it begins; who was refused did not count.
///
/// # Panics
/// When the promise is broken.
pub async fn the_window_slides_and_refusals_do_not_count(limiter: &dyn RateLimiter) {
    for second in [50, 55, 59] {
        assert!(take(limiter, "b", second).await.allowed, "second {second}");
    }
    for second in [60, 61, 90, 109] {
        assert!(!take(limiter, "b", second).await.allowed, "second {second}: within a minute of the first");
    }
    assert!(take(limiter, "b", 110).await.allowed, "the first left");
    assert!(!take(limiter, "b", 111).await.allowed, "the second did not");
    assert!(take(limiter, "b", 115).await.allowed);
}

/// Subjects, limits and tenants are counted apart.
///
/// # Panics
/// When the promise is broken.
pub async fn others_are_counted_apart(limiter: &dyn RateLimiter) {
    for second in [0, 0, 0] {
        assert!(take(limiter, "c", second).await.allowed);
    }
    assert!(!take(limiter, "c", 0).await.allowed);
    assert!(take(limiter, "d", 0).await.allowed, "another subject");
    let payments = RateLimit::per_hour("payments", 1);
    let other_limit = limiter.take(&sandbox(), "c", payments, at(0)).await.expect("it can be counted");
    assert!(other_limit.allowed, "another limit");
    let acme: TenantId = "acme".parse().expect("a tenant's name");
    let other_tenant = limiter.take(&acme, "c", LIMIT, at(0)).await.expect("it can be counted");
    assert!(other_tenant.allowed, "another tenant");
}

/// Who gets a larger limit of the same name keeps what was counted, and under a smaller one too.
///
/// # Panics
/// When the promise is broken.
pub async fn a_changed_limit_counts_what_was_counted(limiter: &dyn RateLimiter) {
    let larger = RateLimit { max: 5, ..LIMIT };
    for second in 0..3 {
        assert!(take(limiter, "e", second).await.allowed);
    }
    let verdict = limiter.take(&sandbox(), "e", larger, at(3)).await.expect("it can be counted");
    assert_eq!((verdict.allowed, verdict.remaining), (true, 1));
    let lowered = take(limiter, "e", 4).await;
    assert_eq!((lowered.allowed, lowered.reset_after), (false, Duration::from_secs(57)), "two have to leave");
}

/// Of many requests at once, also through two adapters of one store as two processes have them, the limit's number is
/// let in.
///
/// # Panics
/// When the promise is broken.
pub async fn of_many_at_once_the_limits_number_is_let_in(one: &dyn RateLimiter, other: &dyn RateLimiter) {
    let calls = (0..40).map(|n| take(if n % 2 == 0 { one } else { other }, "f", 0));
    let allowed = join_all(calls).await.into_iter().filter(|verdict| verdict.allowed).count();
    assert_eq!(allowed, 3);
}

/// One test for every promise. The argument is an async function that gives two adapters of one store, as two processes
/// have them, and whatever must live as long as the test.
#[macro_export]
macro_rules! rate_limiter_promises {
    ($limiters:path) => {
        $crate::rate_limiter_promises!(@each $limiters:
            no_more_than_the_limit_are_let_in,
            the_window_slides_and_refusals_do_not_count,
            others_are_counted_apart,
            a_changed_limit_counts_what_was_counted,
        );

        #[tokio::test(flavor = "multi_thread")]
        async fn of_many_at_once_the_limits_number_is_let_in() {
            let (one, other, _alive) = $limiters().await;
            $crate::rate_limits::of_many_at_once_the_limits_number_is_let_in(&*one, &*other).await;
        }
    };
    (@each $limiters:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (one, _other, _alive) = $limiters().await;
            $crate::rate_limits::$promise(&*one).await;
        }
    )+};
}

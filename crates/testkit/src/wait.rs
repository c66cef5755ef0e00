use std::future::Future;
use std::time::Duration;

/// Waits until `check` gives something, asking every 10 ms, at most 20 s.
///
/// # Panics
/// When the limit has passed; `what` says what was waited for.
pub async fn eventually<T, F, Fut>(what: &str, mut check: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited 20 s in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

//! What runs behind the requests: relays, consumers, recovery.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a task that panicked waits before it begins again.
const PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);

/// The tasks of a process that nobody waits for until its end. One that panics is told, counted and begun again: a
/// consumer that stopped silently would leave the ledger behind for ever.
#[derive(Debug, Default)]
pub struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
    stopped: watch::Sender<bool>,
}

impl Background {
    /// Runs what `begin` makes until it ends by itself, which it does when it is told to stop; begins it again when it
    /// panics.
    pub fn keep<F, W>(&self, name: impl Into<String>, begin: F)
    where
        F: Fn(CancellationToken) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let (name, stop) = (name.into(), self.stop.clone());
        self.tasks.spawn(async move {
            loop {
                let work = AssertUnwindSafe(begin(stop.clone())).catch_unwind();
                if work.await.is_ok() {
                    return;
                }
                tracing::error!(task = name, "a task behind the requests panicked; it begins again");
                metrics::counter!("tender_task_panics_total", "task" => name.clone()).increment(1);
                tokio::select! {
                    () = tokio::time::sleep(PAUSE_AFTER_PANIC) => {}
                    () = stop.cancelled() => return,
                }
            }
        });
    }

    /// Cancelled when the process ends: what follows stops.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Becomes true when the process ends: workers end their round and stop.
    #[must_use]
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.subscribe()
    }

    /// Tells all of them to stop and waits until they have, at most so long. Says whether all did.
    pub async fn stop(self, limit: Duration) -> bool {
        self.stop.cancel();
        self.stopped.send_replace(true);
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_again() {
        let (background, begun) = (Background::default(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&begun);
        background.keep("test", move |stop| {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                assert!(!first, "the first one panics");
                stop.cancelled().await;
            }
        });
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(background.stop(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_stop_is_not_waited_for_for_ever() {
        let background = Background::default();
        background.keep("deaf", |_| std::future::pending());
        assert!(!background.stop(Duration::from_secs(1)).await);
    }
}

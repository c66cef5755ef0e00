//! Reads by key, gathered as commits are: what many requests ask for at once is read by one statement.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tender_domain::kernel::StoreError;
use tokio::sync::{mpsc, oneshot};

use crate::deadline::ANSWER_WITHIN;

/// The most keys of one statement.
const BATCH_MAX: usize = 256;
/// The most that wait; more wait for their place.
const QUEUE_MAX: usize = 4096;

type Found<V> = Result<Option<V>, StoreError>;
type Rows<K, V> = Result<Vec<(K, Result<V, StoreError>)>, StoreError>;
type Load<K, V> = Arc<dyn Fn(Vec<K>) -> BoxFuture<'static, Rows<K, V>> + Send + Sync>;

struct Asked<K, V> {
    key: K,
    reply: oneshot::Sender<Found<V>>,
}

/// Reads by key, gathered. Nobody waits for a batch to fill: a statement takes what has queued up while the ones before
/// it were under way. Nothing is remembered: every answer was read after it was asked for. Cheap to clone.
pub struct BatchedLookup<K, V> {
    queue: mpsc::Sender<Asked<K, V>>,
}

impl<K, V> Clone for BatchedLookup<K, V> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<K, V> BatchedLookup<K, V>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// Lookups over `load`, which reads distinct keys by one statement and gives a row, or what is wrong with it, for
    /// each key that exists. Its task is spawned on the runtime it is called in and ends with the last clone.
    pub fn new<F, R>(load: F) -> Self
    where
        F: Fn(Vec<K>) -> R + Send + Sync + 'static,
        R: Future<Output = Rows<K, V>> + Send + 'static,
    {
        let load: Load<K, V> = Arc::new(move |keys| Box::pin(load(keys)));
        let (queue, asked) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(serve(asked, load));
        Self { queue }
    }

    /// The row of a key, as it is now; none when there is none.
    ///
    /// # Errors
    /// When the database cannot be read, or the row is bad.
    pub async fn find(&self, key: K) -> Found<V> {
        let (reply, answer) = oneshot::channel();
        let ended = || StoreError::Unavailable("the lookup has ended".into());
        self.queue.send(Asked { key, reply }).await.map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }
}

async fn serve<K, V>(mut asked: mpsc::Receiver<Asked<K, V>>, load: Load<K, V>)
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    let mut batch = Vec::new();
    // One statement at a time: a second one beside it would only make both smaller.
    while asked.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let answered = tokio::spawn(answer(std::mem::take(&mut batch), Arc::clone(&load)));
        // One that panicked has dropped its replies: who asked is told that nothing was read.
        let _ = answered.await;
    }
}

/// A caller who went away is not answered.
async fn answer<K, V>(batch: Vec<Asked<K, V>>, load: Load<K, V>)
where
    K: Eq + Hash + Clone,
    V: Clone,
{
    let mut waiting: HashMap<K, Vec<oneshot::Sender<Found<V>>>> = HashMap::with_capacity(batch.len());
    for Asked { key, reply } in batch {
        waiting.entry(key).or_default().push(reply);
    }
    let loaded = tokio::time::timeout(ANSWER_WITHIN, load(waiting.keys().cloned().collect())).await;
    let late = |_| Err(StoreError::Unavailable(format!("no answer within {} s", ANSWER_WITHIN.as_secs())));
    match loaded.unwrap_or_else(late) {
        Ok(rows) => {
            for (key, row) in rows {
                let found = row.map(Some);
                for reply in waiting.remove(&key).into_iter().flatten() {
                    let _ = reply.send(found.clone());
                }
            }
            waiting.into_values().flatten().for_each(|reply| drop(reply.send(Ok(None))));
        }
        Err(error) => waiting.into_values().flatten().for_each(|reply| drop(reply.send(Err(error.clone())))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::watch;

    use super::*;

    #[tokio::test]
    async fn what_is_asked_while_a_statement_runs_is_read_by_one() {
        let (open, gate) = watch::channel(false);
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&statements);
        let lookup = BatchedLookup::new(move |keys: Vec<u32>| {
            let mut gate = gate.clone();
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                let _ = gate.wait_for(|open| *open).await;
                Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, Ok(key * 10))).collect())
            }
        });
        let ask = |key: u32| {
            let lookup = lookup.clone();
            tokio::spawn(async move { lookup.find(key).await })
        };
        let asked: Vec<_> = (0..100).map(|n| (n % 50, ask(n % 50))).collect();
        while lookup.queue.capacity() == QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        open.send_replace(true);
        for (key, asked) in asked {
            let found = asked.await.expect("the task ends").expect("it is read");
            assert_eq!(found, (key % 2 == 0).then_some(key * 10), "key {key}");
        }
        assert!(statements.load(Ordering::SeqCst) <= 3, "{} statements", statements.load(Ordering::SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_that_is_never_answered_fails_who_asked_and_nobody_after() {
        let silent = Arc::new(AtomicUsize::new(1));
        let lookup = BatchedLookup::new(move |keys: Vec<u32>| {
            let silent =
                silent.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            async move {
                if silent {
                    std::future::pending::<()>().await;
                }
                Ok(keys.into_iter().map(|key| (key, Ok(key))).collect())
            }
        });
        let never = tokio::time::timeout(ANSWER_WITHIN * 2, lookup.find(1)).await;
        assert!(never.expect("it is told in time").is_err());
        assert_eq!(lookup.find(1).await.expect("the next is read"), Some(1));
    }

    #[tokio::test]
    async fn a_failed_statement_fails_who_asked_and_nobody_after() {
        let fails = Arc::new(AtomicUsize::new(1));
        let lookup = BatchedLookup::new(move |keys: Vec<u32>| {
            let fails =
                fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            async move {
                if fails {
                    return Err(StoreError::Unavailable("away".into()));
                }
                Ok(keys.into_iter().map(|key| (key, Ok(key))).collect())
            }
        });
        assert!(lookup.find(1).await.is_err());
        assert_eq!(lookup.find(1).await.expect("the next is read"), Some(1));
    }
}

//! Effects: commits and calls, and what may happen between any two of them.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use async_trait::async_trait;
use futures_util::FutureExt;
use tender_domain::kernel::CommitError;
use tender_memory::CommitHook;
use tokio::sync::Notify;

use crate::dice::Dice;

/// Counts effects, and has the process die before one of them.
pub(crate) struct Effects {
    dice: Arc<Dice>,
    left: AtomicI64,
    lossy_percent: AtomicU32,
    /// How many look-ups came to nothing, and how many completions of a challenge.
    pub(crate) lost_lookups: AtomicU32,
    pub(crate) lost_completions: AtomicU32,
    dies: Notify,
}

impl Effects {
    pub(crate) fn new(dice: Arc<Dice>) -> Self {
        Self {
            dice,
            left: AtomicI64::new(i64::MAX),
            lossy_percent: AtomicU32::new(0),
            lost_lookups: AtomicU32::new(0),
            lost_completions: AtomicU32::new(0),
            dies: Notify::new(),
        }
    }

    /// A life that dies before its effect of this number, with stores that lose so many replies in a hundred.
    pub(crate) fn doomed(&self, effects: i64, lossy_percent: u32) {
        // Several tasks may have told of the last death; nobody waits for it any more.
        let _ = self.dies.notified().now_or_never();
        self.left.store(effects, Ordering::Relaxed);
        self.lossy_percent.store(lossy_percent, Ordering::Relaxed);
    }

    /// The last life: nothing is lost any more.
    pub(crate) fn safe(&self) {
        self.doomed(i64::MAX, 0);
    }

    /// The process is dying.
    pub(crate) async fn died(&self) {
        self.dies.notified().await;
    }

    /// Between two effects: on, or never any further.
    pub(crate) async fn step(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) <= 0 {
            self.dies.notify_one();
            pending::<()>().await;
        }
    }

    fn loses(&self) -> bool {
        self.dice.percent(self.lossy_percent.load(Ordering::Relaxed))
    }
}

/// The hook of every store in memory.
pub(crate) struct Stores(pub(crate) Arc<Effects>);

#[async_trait]
impl CommitHook for Stores {
    async fn before(&self) -> Result<(), CommitError> {
        self.0.step().await;
        // A store takes its moment, in which others come first.
        tokio::time::sleep(self.0.dice.moment(5)).await;
        if self.0.loses() {
            return Err(CommitError::Unavailable("the world cut the line".to_owned()));
        }
        Ok(())
    }

    async fn after(&self) -> Result<(), CommitError> {
        self.0.step().await;
        if self.0.loses() { Err(CommitError::Unresolved) } else { Ok(()) }
    }
}

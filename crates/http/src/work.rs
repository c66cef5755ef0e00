//! Work that runs to its end whoever waits for it.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

use crate::Problem;
use crate::context::RequestContext;

/// The unfinished work of an application. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unfinished {
    tasks: TaskTracker,
    /// Where it runs: not with the threads that serve requests, which end as soon as nobody is connected.
    runtime: Option<Handle>,
}

impl Unfinished {
    /// Work begun from now on runs in this runtime.
    pub(crate) fn run_in(&mut self, runtime: Handle) {
        self.runtime = Some(runtime);
    }

    fn begin<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        match &self.runtime {
            Some(runtime) => self.tasks.spawn_on(work, runtime),
            None => self.tasks.spawn(work),
        }
    }

    /// Waits until there is none, at most so long. Says whether there is none.
    pub(crate) async fn ended_within(&self, limit: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}

/// Runs `work` to its end even when the client goes away, the request's time is up, or the server is told to stop:
/// what was begun with money is finished. The work keeps the request's trace, id and clock.
///
/// # Errors
/// When the work panicked: 500, and the panic is in the log.
pub async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    let work = work.instrument(Span::current());
    let task = match RequestContext::current() {
        Some(context) => {
            let unfinished = context.unfinished.clone();
            unfinished.begin(context.scope(work))
        }
        None => tokio::spawn(work),
    };
    task.await.map_err(|error| {
        tracing::error!(%error, "work that was to run to its end did not");
        Problem::internal()
    })
}

//! One service, as the process that runs it sees it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tender_domain::ports::{Clock, Consumer, Ids};
use tender_http::CallLog;
use tender_postgres::{PgConnectOptions, PgPool};
use tender_settings::Settings;
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::partitions::keep_partitions;
use crate::{Background, Outbox};

/// What a service is built on, in its own process or in the all-in-one.
#[derive(Clone)]
pub struct Ground {
    /// What the operator decided.
    pub settings: Arc<Settings>,
    /// How to connect to the database as the service's role.
    pub connect: PgConnectOptions,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
}

/// Declares a service's routes with what they need.
pub type Mount = Arc<dyn Fn(&mut ServiceConfig<'_>) + Send + Sync>;

/// A worker of a service: begun by the process, ended when the flag it is given becomes true.
#[derive(Clone)]
pub struct Worker {
    /// What it does, for logs.
    pub name: &'static str,
    /// Makes its task.
    pub begin: Arc<dyn Fn(watch::Receiver<bool>) -> BoxFuture<'static, ()> + Send + Sync>,
}

/// What a service's composition root hands over to the process, its own or the all-in-one.
#[derive(Clone)]
pub struct Part {
    /// The service's name, and its schema's (`intents`).
    pub name: &'static str,
    /// The pool of its reads.
    pub pool: PgPool,
    /// Changes when messages were committed to its outbox.
    pub told: watch::Receiver<u64>,
    /// Its routes.
    pub mount: Mount,
    /// Where is put down what people read of it.
    pub call_log: Arc<dyn CallLog>,
    /// What it follows of others' events.
    pub consumers: Vec<Arc<dyn Consumer>>,
    /// What it does by itself.
    pub workers: Vec<Worker>,
}

impl Worker {
    /// A worker of this name.
    pub fn new<W>(
        name: &'static str,
        begin: impl Fn(watch::Receiver<bool>) -> W + Send + Sync + 'static,
    ) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        Self { name, begin: Arc::new(move |stopped| Box::pin(begin(stopped))) }
    }
}

impl Part {
    /// Its outbox.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox { schema: self.name, pool: self.pool.clone(), told: self.told.clone() }
    }

    /// Begins its workers, and what keeps room in its outbox; a panic begins one again.
    pub fn begin_workers(&self, background: &Background) {
        keep_partitions(background, self.name, &self.pool);
        for worker in &self.workers {
            let (begin, stopped) = (Arc::clone(&worker.begin), background.stopped());
            background.keep(worker.name, move |_| begin(stopped.clone()));
        }
    }
}

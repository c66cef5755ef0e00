use std::sync::Arc;

use tender_composition::credentials::pepper;
use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker, call_log};
use tender_domain::operations::HealthSource;
use tender_operations::{OperationsDeps, OperationsService, SettingsTelling, mount};
use tender_operations_store::{OperationsSchema, PgOperationsStore, SCHEMA};

/// Operations, built.
pub struct Operations {
    /// Its use cases, which are also the directory of API keys in the same process.
    pub service: Arc<OperationsService>,
    /// What the process runs of it.
    pub part: Part,
}

/// Opens the schema `operations`, as its role.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open(ground: &Ground) -> anyhow::Result<Opened<OperationsSchema>> {
    database::open(OperationsSchema, ground, &[]).await
}

/// Operations over its schema; `health` are the parts of the platform whose health it shows, in this order.
///
/// # Errors
/// When the pepper is not set or cannot be read.
pub fn build(
    ground: &Ground,
    opened: Opened<OperationsSchema>,
    health: Vec<Arc<dyn HealthSource>>,
) -> anyhow::Result<Operations> {
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let call_log = call_log(SCHEMA, &opened.writer, ground);
    let service = Arc::new(OperationsService::new(OperationsDeps {
        store: Arc::new(PgOperationsStore::new(opened.writer, opened.pool)),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        pepper: pepper(&ground.settings.auth)?,
        health,
    }));
    let telling = Arc::clone(&service);
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(mount(Arc::clone(&service))),
        call_log,
        consumers: Vec::new(),
        workers: vec![Worker::new("telling of first settings", move |stopped| {
            SettingsTelling::new(Arc::clone(&telling), SettingsTelling::INTERVAL).run(stopped)
        })],
    };
    Ok(Operations { service, part })
}

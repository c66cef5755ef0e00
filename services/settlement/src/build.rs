use std::sync::Arc;

use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, call_log};
use tender_settlement::{Deps, LedgerConsumer, SettlementService, mount};
use tender_settlement_store::{PgLedgerStore, SCHEMA, SettlementSchema};

/// Settlement, built.
pub struct Settlement {
    /// Its use cases.
    pub service: Arc<SettlementService>,
    /// What the process runs of it.
    pub part: Part,
}

/// Opens the schema `settlement`, as its role.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open(ground: &Ground) -> anyhow::Result<Opened<SettlementSchema>> {
    database::open(SettlementSchema, ground, &[]).await
}

/// Settlement over its schema.
#[must_use]
pub fn build(ground: &Ground, opened: Opened<SettlementSchema>) -> Settlement {
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let call_log = call_log(SCHEMA, &opened.writer, ground);
    let service = Arc::new(SettlementService::new(Deps {
        store: Arc::new(PgLedgerStore::new(opened.writer, opened.pool)),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
    }));
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(mount(Arc::clone(&service))),
        call_log,
        consumers: vec![Arc::new(LedgerConsumer::new(Arc::clone(&service)))],
        workers: Vec::new(),
    };
    Settlement { service, part }
}

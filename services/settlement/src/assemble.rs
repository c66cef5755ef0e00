use std::sync::Arc;

use tender_composition::{Assembled, KeySource, Process, call_timeout};
use tender_gateways::OperationsClient;

use crate::{build, open};

/// Settlement with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let settlement = build(ground, open(ground).await?);
    let keys = OperationsClient::new(
        process.http.clone(),
        &services.operations_url,
        Arc::clone(&process.tokens),
        call_timeout(services),
    );
    Ok(Assembled { part: settlement.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets: None })
}

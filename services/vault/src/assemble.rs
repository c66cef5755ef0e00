use std::sync::Arc;

use tender_composition::{Assembled, KeySource, Process, call_timeout, gateways};
use tender_gateways::OperationsClient;

use crate::{VaultPorts, build, open};

/// The vault with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let gateways = gateways(&ground.settings)?;
    let vault = build(ground, open(ground).await?, VaultPorts { gateways })?;
    let keys = OperationsClient::new(
        process.http.clone(),
        &services.operations_url,
        Arc::clone(&process.tokens),
        call_timeout(services),
    );
    Ok(Assembled { part: vault.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets: None })
}

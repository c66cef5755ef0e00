use std::sync::Arc;

use tender_composition::{
    Assembled, ConnectorFactory, KeySource, LateOwnGateways, Process, RemoteOwnGateways, call_timeout,
    gateways,
};
use tender_gateways::{ConnectorsClient, OperationsClient};

use crate::{VaultPorts, build, open};

/// The vault with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let gateways = gateways(&ground.settings)?;
    let connectors = ConnectorsClient::new(
        process.http.clone(),
        &services.intents_url,
        Arc::clone(&process.tokens),
        call_timeout(services),
    );
    let own = Arc::new(LateOwnGateways::default());
    let ports = VaultPorts {
        gateways: gateways.clone(),
        own_gateways: Arc::clone(&own) as _,
        calls_heard: Arc::new(connectors.clone()),
    };
    let vault = build(ground, open(ground).await?, ports)?;
    // The vault keeps the secrets that its own calls to tenants' connectors are made with.
    let secrets = Arc::clone(&vault.service) as _;
    let factory = ConnectorFactory::new(Arc::clone(&ground.settings), secrets, &gateways);
    own.set(Arc::new(RemoteOwnGateways::new(connectors, factory)));
    let keys = OperationsClient::new(
        process.http.clone(),
        &services.operations_url,
        Arc::clone(&process.tokens),
        call_timeout(services),
    );
    Ok(Assembled { part: vault.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets: None })
}

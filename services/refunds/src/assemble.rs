use std::sync::Arc;

use tender_composition::{
    Assembled, ConnectorFactory, KeySource, Process, RemoteOwnGateways, call_timeout, gateways,
    with_fail_points,
};
use tender_gateways::{ConnectorsClient, IntentsClient, NumbersClient, OperationsClient, VaultClient};
use tender_http::current_traceparent;

use crate::{RefundsPorts, build, open};

/// Refunds with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let deadline = call_timeout(services);
    let (http, tokens) = (&process.http, &process.tokens);
    let charges = IntentsClient::new(http.clone(), &services.intents_url, Arc::clone(tokens), deadline);
    let payments = ("intents", &*services.intents_url, "payments");
    let numbers = NumbersClient::new(http.clone(), payments, Arc::clone(tokens), deadline);
    let gateways = gateways(&ground.settings)?;
    let vault = VaultClient::new(http.clone(), &services.vault_url, Arc::clone(tokens), deadline);
    let factory = ConnectorFactory::new(Arc::clone(&ground.settings), Arc::new(vault), &gateways);
    let connectors = ConnectorsClient::new(http.clone(), &services.intents_url, Arc::clone(tokens), deadline);
    let own = RemoteOwnGateways::new(connectors.clone(), factory);
    let ports = RefundsPorts {
        charges: Arc::new(charges.with_trace(current_traceparent)),
        gateways: gateways.into_iter().map(with_fail_points).collect(),
        own_gateways: Arc::new(own),
        calls_heard: Arc::new(connectors),
        payment_numbers: Arc::new(numbers.with_trace(current_traceparent)),
    };
    let refunds = build(ground, open(ground).await?, ports)?;
    let keys = OperationsClient::new(http.clone(), &services.operations_url, Arc::clone(tokens), deadline);
    Ok(Assembled { part: refunds.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets: None })
}

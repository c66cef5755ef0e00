use std::sync::Arc;

use tender_composition::{
    Assembled, ConnectorFactory, KeySource, Process, call_timeout, credentials, gateways,
    simulator_over_http, takes_callbacks, with_fail_points,
};
use tender_domain::connectors::ConnectorSecrets;
use tender_domain::ports::SandboxGateway;
use tender_gateways::{
    DisputesClient, NumbersClient, OpenRefundsClient, OperationsClient, RefundsIntakeClient, VaultClient,
};
use tender_http::current_traceparent;

use crate::{IntentsPorts, build, open, seed_sandbox};

/// Intents with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let deadline = call_timeout(services);
    let (http, tokens) = (&process.http, &process.tokens);
    let vault = VaultClient::new(http.clone(), &services.vault_url, Arc::clone(tokens), deadline);
    takes_callbacks(&ground.settings)?;
    let sandbox = match ground.settings.is_production() {
        true => None,
        false => Some(simulator_over_http(&ground.settings)? as Arc<dyn SandboxGateway>),
    };
    let vault = Arc::new(vault.with_trace(current_traceparent));
    let methods = ("vault", &*services.vault_url, "methods");
    let methods = NumbersClient::new(http.clone(), methods, Arc::clone(tokens), deadline);
    let refunds = ("refunds", &*services.refunds_url, "refunds");
    let refunds = NumbersClient::new(http.clone(), refunds, Arc::clone(tokens), deadline);
    let untold = OpenRefundsClient::new(http.clone(), &services.refunds_url, Arc::clone(tokens), deadline);
    let gateways = gateways(&ground.settings)?;
    let secrets: Arc<dyn ConnectorSecrets> = Arc::clone(&vault) as _;
    let factory = ConnectorFactory::new(Arc::clone(&ground.settings), Arc::clone(&secrets), &gateways);
    let ports = IntentsPorts {
        vault: Arc::clone(&vault) as _,
        cards: vault,
        gateways: gateways.into_iter().map(with_fail_points).collect(),
        connector_secrets: secrets,
        connector_adapters: Arc::new(factory),
        sandbox,
        client_secret_key: credentials::pepper(&ground.settings.auth)?,
        method_numbers: Arc::new(methods.with_trace(current_traceparent)),
        refund_numbers: Arc::new(refunds.with_trace(current_traceparent)),
        open_refunds: Arc::new(untold.with_trace(current_traceparent)),
    };
    let intents = build(ground, open(ground).await?, ports)?;
    let disputes = DisputesClient::new(http.clone(), &services.refunds_url, Arc::clone(tokens), deadline);
    intents.callbacks.hand_disputes_to(Arc::new(disputes));
    let intake = RefundsIntakeClient::new(http.clone(), &services.refunds_url, Arc::clone(tokens), deadline);
    intents.callbacks.hand_refunds_to(Arc::new(intake));
    // Before the first payment, so that none passes by a limit that is known.
    intents.service.load_rules().await?;
    intents.service.load_routing().await?;
    if !ground.settings.is_production() {
        seed_sandbox(&intents).await?;
    }
    let keys = OperationsClient::new(http.clone(), &services.operations_url, Arc::clone(tokens), deadline);
    let client_secrets = Some(Arc::clone(&intents.service) as _);
    Ok(Assembled { part: intents.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets })
}

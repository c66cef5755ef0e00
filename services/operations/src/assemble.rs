use std::sync::Arc;

use tender_composition::{
    Assembled, KafkaHealth, KeySource, Process, accounts, call_timeout, simulator_over_http,
};
use tender_domain::kernel::TenantId;
use tender_domain::operations::HealthSource;
use tender_gateways::{GatewayHealth, ReadyzHealth};
use tender_operations_store::{PgDatabaseHealth, PgEventLag};

use crate::{build, open};

/// Operations with the adapters of a process of its own.
///
/// # Errors
/// When a setting is missing or the database cannot be used.
pub async fn assemble(process: Process) -> anyhow::Result<Assembled> {
    let (ground, services) = (&process.ground, &process.ground.settings.services);
    let opened = open(ground).await?;
    let mut health: Vec<Arc<dyn HealthSource>> = vec![
        Arc::new(PgDatabaseHealth::new(opened.pool.clone())),
        Arc::new(PgEventLag::new(opened.pool.clone())),
        Arc::new(KafkaHealth(process.kafka.probe()?)),
    ];
    for (name, url) in [
        ("intents", &services.intents_url),
        ("vault", &services.vault_url),
        ("refunds", &services.refunds_url),
        ("settlement", &services.settlement_url),
    ] {
        health.push(Arc::new(ReadyzHealth::new(name, url, process.http.clone(), call_timeout(services))));
    }
    if services.simulator_url.is_some() {
        health.push(Arc::new(GatewayHealth::new(simulator_over_http(&ground.settings)?)));
    }
    for gateway in accounts(&ground.settings)? {
        health.push(Arc::new(GatewayHealth::new(gateway)));
    }
    let operations = build(ground, opened, health)?;
    if !ground.settings.is_production() {
        operations.service.ensure_tenant(&TenantId::sandbox()).await?;
    }
    let owner = Arc::clone(&operations.service);
    let keys = KeySource::Own {
        directory: Arc::clone(&operations.service) as _,
        have_forget: Box::new(move |memory| owner.have_forget(memory)),
    };
    Ok(Assembled { part: operations.part, keys, client_secrets: None })
}

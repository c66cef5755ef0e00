use std::sync::Arc;

use tender_composition::{Assembled, KeySource, Process, call_timeout, gateways, with_fail_points};
use tender_gateways::{IntentsClient, NumbersClient, OperationsClient};
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
    let ports = RefundsPorts {
        charges: Arc::new(charges.with_trace(current_traceparent)),
        gateways: gateways(&ground.settings)?.into_iter().map(with_fail_points).collect(),
        payment_numbers: Arc::new(numbers.with_trace(current_traceparent)),
    };
    let refunds = build(ground, open(ground).await?, ports);
    let keys = OperationsClient::new(http.clone(), &services.operations_url, Arc::clone(tokens), deadline);
    Ok(Assembled { part: refunds.part, keys: KeySource::Followed(Arc::new(keys)), client_secrets: None })
}

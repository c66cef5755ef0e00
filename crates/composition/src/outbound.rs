//! Who calls addresses outside, as the settings have it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use secrecy::ExposeSecret;
use tender_domain::fraud::RiskScorer;
use tender_domain::ports::{OrderDirectory, WebhookSender};
use tender_gateways::{
    HttpOrderDirectory, HttpOrdersOptions, HttpRiskScorer, HttpScorerOptions, OutboundAllow, SignedWebhooks,
};
use tender_settings::Settings;

use crate::credentials::pepper;
use crate::required;

/// Who calls programs of others, with a key that is derived of the platform's pepper.
///
/// # Errors
/// When the pepper is missing, or a setting cannot be used.
pub fn webhooks(settings: &Settings) -> anyhow::Result<Arc<dyn WebhookSender>> {
    let secret = pepper(&settings.auth)?;
    Ok(Arc::new(SignedWebhooks::new(secret.expose_secret(), allowed(settings)?)?))
}

/// The orders directory of an ordering service, where the settings name one.
///
/// # Errors
/// When a setting of it cannot be used.
pub fn order_directory(settings: &Settings) -> anyhow::Result<Option<Arc<dyn OrderDirectory>>> {
    let orders = &settings.orders;
    let Some(url) = orders.url.clone() else { return Ok(None) };
    let token = required(orders.token(), "orders.token_file", "to ask the ordering service")?;
    let deadline = Duration::from_millis(orders.timeout_millis);
    let options = HttpOrdersOptions { url, token, deadline, allow: allowed(settings)? };
    Ok(Some(Arc::new(HttpOrderDirectory::new(&options)?)))
}

/// The outside scorer of fraud, where the settings name one.
///
/// # Errors
/// When a setting of it cannot be used.
pub fn risk_scorer(settings: &Settings) -> anyhow::Result<Option<Arc<dyn RiskScorer>>> {
    let fraud = &settings.fraud;
    let Some(url) = fraud.scorer_url.clone() else { return Ok(None) };
    let token = required(fraud.scorer_token(), "fraud.scorer_token_file", "to ask the risk scorer")?;
    let deadline = Duration::from_millis(fraud.scorer_timeout_millis);
    let options = HttpScorerOptions { url, token, deadline, allow: allowed(settings)? };
    Ok(Some(Arc::new(HttpRiskScorer::new(&options)?)))
}

fn allowed(settings: &Settings) -> anyhow::Result<OutboundAllow> {
    let named = settings.outbound.allow.as_deref().unwrap_or_default();
    OutboundAllow::of(named).map_err(|wrong| anyhow!("outbound.allow: `{wrong}` is no host:port"))
}

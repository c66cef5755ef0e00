//! The payment gateways of a process, as the settings have them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tender_domain::ports::PaymentGateway;
use tender_gateways::{StripeGateway, StripeOptions};
use tender_settings::Settings;

use crate::{required, simulator_over_http};

/// The gateways of a service's own process, the one for new payments first: the simulated one in the sandbox, and those
/// with an account in the settings.
///
/// # Errors
/// When a setting of one is missing or cannot be used, or there is none at all.
pub fn gateways(settings: &Settings) -> anyhow::Result<Vec<Arc<dyn PaymentGateway>>> {
    let mut gateways: Vec<Arc<dyn PaymentGateway>> = Vec::new();
    if !settings.is_production() {
        gateways.push(simulator_over_http(settings)?);
    }
    gateways.extend(accounts(settings)?);
    ensure!(
        !gateways.is_empty(),
        "there is no payment gateway: set gateways.stripe.secret_key_file (TENDER__GATEWAYS__STRIPE__SECRET_KEY_FILE)"
    );
    Ok(gateways)
}

/// The gateways that the settings have an account at.
///
/// # Errors
/// When a setting of one cannot be used.
pub fn accounts(settings: &Settings) -> anyhow::Result<Vec<Arc<dyn PaymentGateway>>> {
    let stripe = &settings.gateways.stripe;
    let Some(key) = stripe.secret_key()? else { return Ok(Vec::new()) };
    let options = StripeOptions {
        webhook_secret: stripe.webhook_secret()?,
        return_url: stripe.return_url.clone(),
        deadline: Duration::from_millis(settings.gateways.call_timeout_millis),
        ..StripeOptions::new(&*stripe.api_base, key)
    };
    Ok(vec![Arc::new(StripeGateway::new(options)?)])
}

/// That the gateways' callbacks can be taken in: without them an outcome that only they tell would stay unknown.
///
/// # Errors
/// When an account has no secret of its callbacks.
pub fn takes_callbacks(settings: &Settings) -> anyhow::Result<()> {
    let stripe = &settings.gateways.stripe;
    if stripe.secret_key()?.is_some() {
        let secret = stripe.webhook_secret();
        required(secret, "gateways.stripe.webhook_secret_file", "to take in Stripe's callbacks")?;
    }
    Ok(())
}

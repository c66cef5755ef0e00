//! The payment gateways of a process, as the settings have them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tender_domain::ports::PaymentGateway;
use tender_gateways::{
    AdyenGateway, AdyenOptions, AdyenReports, PayPalGateway, PayPalOptions, PayUGateway, PayUOptions,
    SaferpayGateway, SaferpayOptions, SquareGateway, SquareOptions, StripeGateway, StripeOptions,
    WorldpayGateway, WorldpayOptions,
};
use tender_settings::Settings;

use crate::{SystemClock, required, simulator_over_http};

/// An account at a gateway, when the settings have one; with `callbacks` also what its callbacks are known by must be set.
type Account = fn(&Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>>;

/// Every gateway that an account can be at, in the order in which new payments prefer them.
const ACCOUNTS: &[Account] = &[stripe, adyen, paypal, worldpay, square, saferpay, payu];

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
        "there is no payment gateway: set gateways.stripe.secret_key_file (TENDER__GATEWAYS__STRIPE__SECRET_KEY_FILE), \
         or the key of another of the section gateways"
    );
    Ok(gateways)
}

/// The gateways that the settings have an account at.
///
/// # Errors
/// When a setting of one cannot be used.
pub fn accounts(settings: &Settings) -> anyhow::Result<Vec<Arc<dyn PaymentGateway>>> {
    ACCOUNTS.iter().filter_map(|account| account(settings, false).transpose()).collect()
}

/// That the gateways' callbacks can be taken in: without them an outcome that only they tell would stay unknown.
///
/// # Errors
/// When an account has no secret of its callbacks.
pub fn takes_callbacks(settings: &Settings) -> anyhow::Result<()> {
    ACCOUNTS.iter().try_for_each(|account| account(settings, true).map(drop))
}

fn deadline(settings: &Settings) -> Duration {
    Duration::from_millis(settings.gateways.call_timeout_millis)
}

fn stripe(settings: &Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let stripe = &settings.gateways.stripe;
    let Some(key) = stripe.secret_key()? else { return Ok(None) };
    if callbacks {
        let secret = stripe.webhook_secret();
        required(secret, "gateways.stripe.webhook_secret_file", "to take in Stripe's callbacks")?;
    }
    let options = StripeOptions {
        webhook_secret: stripe.webhook_secret()?,
        return_url: stripe.return_url.clone(),
        deadline: deadline(settings),
        ..StripeOptions::new(&*stripe.api_base, key)
    };
    Ok(Some(Arc::new(StripeGateway::new(options)?)))
}

fn adyen(settings: &Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let adyen = &settings.gateways.adyen;
    let Some(key) = adyen.api_key()? else { return Ok(None) };
    if callbacks {
        required(adyen.hmac_key(), "gateways.adyen.hmac_key_file", "to take in Adyen's notifications")?;
    }
    // Both are there beside the key: the settings refuse it without them.
    let (account, back) = (adyen.merchant_account.as_deref(), adyen.return_url.as_deref());
    let (account, back) = (account.unwrap_or_default(), back.unwrap_or_default());
    let options = AdyenOptions {
        hmac_key: adyen.hmac_key()?,
        reports: adyen.report_key()?.map(|key| AdyenReports {
            base: adyen.reports_base(),
            key,
            first_batch: adyen.first_settlement_batch,
        }),
        deadline: deadline(settings),
        ..AdyenOptions::new(adyen.api_base(), key, account, back)
    };
    Ok(Some(Arc::new(AdyenGateway::new(options)?)))
}

/// No outcome at PayPal depends on its webhooks: they are taken in where they are set up.
fn paypal(settings: &Settings, _callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let paypal = &settings.gateways.paypal;
    let Some(secret) = paypal.client_secret()? else { return Ok(None) };
    // It is there beside the secret: the settings refuse that without it.
    let client_id = paypal.client_id.as_deref().unwrap_or_default();
    let options = PayPalOptions {
        return_url: paypal.return_url.clone(),
        webhook_id: paypal.webhook_id.clone(),
        webhook_roots: paypal.webhook_roots()?,
        deadline: deadline(settings),
        ..PayPalOptions::new(paypal.api_base(settings.is_production()), client_id, secret)
    };
    Ok(Some(Arc::new(PayPalGateway::new(options)?)))
}

fn worldpay(settings: &Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let worldpay = &settings.gateways.worldpay;
    let Some(password) = worldpay.password()? else { return Ok(None) };
    if callbacks {
        let keys = worldpay.event_keys();
        required(keys, "gateways.worldpay.event_keys_file", "to take in Worldpay's events")?;
    }
    // All are there beside the password: the settings refuse it without them.
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let options = WorldpayOptions {
        event_keys: worldpay.event_keys()?,
        return_url: worldpay.return_url.clone(),
        account_number: worldpay.account_number.clone(),
        deadline: deadline(settings),
        ..WorldpayOptions::new(
            worldpay.api_base(settings.is_production()),
            text(&worldpay.username),
            password,
            text(&worldpay.entity),
            text(&worldpay.narrative),
        )
    };
    Ok(Some(Arc::new(WorldpayGateway::new(options, Arc::new(SystemClock))?)))
}

fn square(settings: &Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let square = &settings.gateways.square;
    let Some(token) = square.access_token()? else { return Ok(None) };
    if callbacks {
        let key = square.signature_key();
        required(key, "gateways.square.signature_key_file", "to take in Square's webhooks")?;
    }
    // It is there beside the token: the settings refuse that without it.
    let location = square.location_id.as_deref().unwrap_or_default();
    let options = SquareOptions {
        signature_key: square.signature_key()?,
        notification_url: square.notification_url.clone(),
        return_url: square.return_url.clone(),
        deadline: deadline(settings),
        ..SquareOptions::new(square.api_base(settings.is_production()), token, location)
    };
    Ok(Some(Arc::new(SquareGateway::new(options)?)))
}

/// Saferpay tells nothing by itself that would be signed: it is asked.
fn saferpay(settings: &Settings, _callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let saferpay = &settings.gateways.saferpay;
    let Some(password) = saferpay.password()? else { return Ok(None) };
    // All are there beside the password: the settings refuse it without them.
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let options = SaferpayOptions {
        return_url: saferpay.return_url.clone(),
        deadline: deadline(settings),
        ..SaferpayOptions::new(
            saferpay.api_base(settings.is_production()),
            text(&saferpay.username),
            password,
            text(&saferpay.customer_id),
            text(&saferpay.terminal_id),
        )
    };
    Ok(Some(Arc::new(SaferpayGateway::new(options)?)))
}

fn payu(settings: &Settings, callbacks: bool) -> anyhow::Result<Option<Arc<dyn PaymentGateway>>> {
    let payu = &settings.gateways.payu;
    let Some(secret) = payu.client_secret()? else { return Ok(None) };
    if callbacks {
        let what = "to take in PayU's notifications";
        required(payu.second_key(), "gateways.payu.second_key_file", what)?;
        ensure!(payu.notify_url.is_some(), "gateways.payu.notify_url is needed {what}");
    }
    // It is there beside the secret: the settings refuse that without it.
    let pos_id = payu.pos_id.as_deref().unwrap_or_default();
    let options = PayUOptions {
        second_key: payu.second_key()?,
        notify_url: payu.notify_url.clone(),
        return_url: payu.return_url.clone(),
        statement_columns: payu.statement_columns.clone(),
        deadline: deadline(settings),
        ..PayUOptions::new(payu.api_base(settings.is_production()), pos_id, secret)
    };
    Ok(Some(Arc::new(PayUGateway::new(options, Arc::new(SystemClock))?)))
}

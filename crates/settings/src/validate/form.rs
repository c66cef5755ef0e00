//! Settings that need or exclude each other, and text that must have a form.

use secrecy::ExposeSecret;

use super::refused;
use crate::{Settings, SettingsError};

/// Settings that need each other, or exclude each other.
pub(super) fn check_pairs(settings: &Settings) -> Result<(), SettingsError> {
    let tls = &settings.http.tls;
    match (&tls.cert_file, &tls.key_file) {
        (Some(_), None) => {
            return refused("http.tls.key_file", "is needed beside http.tls.cert_file");
        }
        (None, Some(_)) => {
            return refused("http.tls.cert_file", "is needed beside http.tls.key_file");
        }
        _ => {}
    }
    let kafka = &settings.kafka;
    if kafka.security_protocol.uses_sasl() {
        for (key, is_set) in [
            ("kafka.sasl_mechanism", kafka.sasl_mechanism.is_some()),
            ("kafka.sasl_username", kafka.sasl_username.is_some()),
            ("kafka.sasl_password", kafka.sasl_password.is_some()),
        ] {
            if !is_set {
                return refused(key, "is needed for this kafka.security_protocol");
            }
        }
    }
    let notifications = &settings.notifications;
    if notifications.smtp_url.is_some() && notifications.smtp_from.is_none() {
        return refused("notifications.smtp_from", "is needed beside notifications.smtp_url");
    }
    if notifications.smtp_from.is_some() && notifications.smtp_url.is_none() {
        return refused("notifications.smtp_url", "is needed beside notifications.smtp_from");
    }
    let (auth, vault) = (&settings.auth, &settings.vault);
    for (key, other, both) in [
        (
            "auth.api_key_pepper",
            "auth.api_key_pepper_file",
            auth.api_key_pepper.is_some() && auth.api_key_pepper_file.is_some(),
        ),
        (
            "auth.jwt.hs256_secret",
            "auth.jwt.hs256_secret_file",
            auth.jwt.hs256_secret.is_some() && auth.jwt.hs256_secret_file.is_some(),
        ),
        (
            "auth.jwt.jwks_url",
            "auth.jwt.jwks_file",
            auth.jwt.jwks_url.is_some() && auth.jwt.jwks_file.is_some(),
        ),
        ("vault.key", "vault.keys_file", vault.key.is_some() && vault.keys_file.is_some()),
        (
            "simulator.secret",
            "simulator.secret_file",
            settings.simulator.secret.is_some() && settings.simulator.secret_file.is_some(),
        ),
        (
            "vault.fingerprint_key",
            "vault.fingerprint_key_file",
            vault.fingerprint_key.is_some() && vault.fingerprint_key_file.is_some(),
        ),
    ] {
        if both {
            return refused(key, format!("and {other} are both set; set only one"));
        }
    }
    Ok(())
}

/// Text that must have a form. Values of secrets are not repeated.
pub(super) fn check_text(settings: &Settings) -> Result<(), SettingsError> {
    if let Some(url) = &settings.database.url {
        let url = url.expose_secret();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return refused("database.url", "must begin with postgres:// or postgresql://");
        }
    }
    let services = &settings.services;
    for (key, url) in [
        ("links.public_url", settings.links.public_url.as_ref()),
        ("services.intents_url", Some(&services.intents_url)),
        ("services.vault_url", Some(&services.vault_url)),
        ("services.refunds_url", Some(&services.refunds_url)),
        ("services.settlement_url", Some(&services.settlement_url)),
        ("services.operations_url", Some(&services.operations_url)),
        ("services.simulator_url", services.simulator_url.as_ref()),
        ("simulator.callback_url", settings.simulator.callback_url.as_ref()),
        ("auth.jwt.jwks_url", settings.auth.jwt.jwks_url.as_ref()),
        ("telemetry.otlp_endpoint", settings.telemetry.otlp_endpoint.as_ref()),
    ] {
        if let Some(url) = url
            && !url.starts_with("http://")
            && !url.starts_with("https://")
        {
            return refused(key, format!("is {url:?}; it must begin with http:// or https://"));
        }
    }
    for (key, text) in [
        ("http.host", &settings.http.host),
        ("http.metrics_host", &settings.http.metrics_host),
        ("auth.jwt.issuer", &settings.auth.jwt.issuer),
        ("auth.jwt.audience", &settings.auth.jwt.audience),
    ] {
        if text.trim().is_empty() {
            return refused(key, "is empty");
        }
    }
    Ok(())
}

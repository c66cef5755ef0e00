//! Conveniences of the sandbox that would be holes where real money moves.

use secrecy::{ExposeSecret, SecretString};

use super::refused;
use crate::{Settings, SettingsError};

/// How the secrets begin that Tender ships for development (`deploy/env`, examples), plain and in base64.
const DEVELOPMENT_SECRETS: [&str; 2] = ["dev-only", "ZGV2LW9ubH"];

/// The password of databases in `deploy/env`, alone or in a URL.
const DEVELOPMENT_PASSWORD: &str = "sandbox";

pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    let jwt = &settings.auth.jwt;
    if jwt.hs256_secret.is_some() {
        return refused("auth.jwt.hs256_secret", NO_HS256);
    }
    if jwt.hs256_secret_file.is_some() {
        return refused("auth.jwt.hs256_secret_file", NO_HS256);
    }
    if jwt.jwks_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
        return refused("auth.jwt.jwks_url", "must be https:// in production");
    }
    if settings.services.simulator_url.is_some() {
        return refused("services.simulator_url", "the simulated gateway is refused in production; unset it");
    }
    let passwords = &settings.database.role_passwords;
    for (key, secret) in [
        ("auth.api_key_pepper", settings.auth.api_key_pepper()?.as_ref()),
        ("vault.key", settings.vault.key_lines()?.as_ref()),
        ("vault.fingerprint_key", settings.vault.fingerprint_key()?.as_ref()),
        ("storage.secret_key", settings.storage.secret_key()?.as_ref()),
        ("kafka.sasl_password", settings.kafka.sasl_password.as_ref()),
        ("database.url", settings.database.url.as_ref()),
        ("database.role_passwords.intents", passwords.intents.as_ref()),
        ("database.role_passwords.vault", passwords.vault.as_ref()),
        ("database.role_passwords.refunds", passwords.refunds.as_ref()),
        ("database.role_passwords.settlement", passwords.settlement.as_ref()),
        ("database.role_passwords.operations", passwords.operations.as_ref()),
        ("database.role_passwords.simulator", passwords.simulator.as_ref()),
    ] {
        if secret.is_some_and(is_for_development) {
            return refused(
                key,
                "is a development secret that anyone can read in Tender's source; make your own",
            );
        }
    }
    Ok(())
}

const NO_HS256: &str = "HS256 is for development: who can check a token can forge one. In production use \
                        auth.jwt.jwks_url or auth.jwt.jwks_file";

fn is_for_development(secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    secret == DEVELOPMENT_PASSWORD
        || secret.contains(&format!(":{DEVELOPMENT_PASSWORD}@"))
        || DEVELOPMENT_SECRETS.iter().any(|mark| secret.contains(mark))
}

//! The range of every number.

use std::{fmt::Display, ops::RangeInclusive};

use super::refused;
use crate::{Settings, SettingsError};

pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    let http = &settings.http;
    within("http.workers", http.workers, 0..=1024)?;
    within("http.request_timeout_seconds", http.request_timeout_seconds, 1..=600)?;
    within("http.drain_timeout_seconds", http.drain_timeout_seconds, 1..=600)?;

    let database = &settings.database;
    within("database.max_connections", database.max_connections, 1..=1000)?;
    within("database.min_connections", database.min_connections, 0..=database.max_connections)?;
    within("database.idle_timeout_seconds", database.idle_timeout_seconds, 1..=86_400)?;
    within("database.acquire_timeout_millis", database.acquire_timeout_millis, 1..=60_000)?;
    within("database.statement_timeout_millis", database.statement_timeout_millis, 1..=600_000)?;
    within(
        "database.lock_timeout_millis",
        database.lock_timeout_millis,
        1..=database.statement_timeout_millis,
    )?;

    let auth = &settings.auth;
    within("auth.api_key_trust_max_seconds", auth.api_key_trust_max_seconds, 1..=3600)?;
    within("auth.jwt.jwks_refresh_seconds", auth.jwt.jwks_refresh_seconds, 10..=86_400)?;
    within("auth.jwt.leeway_seconds", auth.jwt.leeway_seconds, 0..=300)?;
    within("vault.key_version", settings.vault.key_version, 1..=u32::MAX)?;
    let log_days = settings.vault.access_log_retention_days;
    within("vault.access_log_retention_days", log_days, 366..=36_500)?;

    within("services.call_timeout_millis", settings.services.call_timeout_millis, 1..=60_000)?;
    // At most 10 s: fifteen after an attempt was committed its call counts as interrupted, and is looked up.
    // A gateway that takes longer than the request may is answered 202 `processing` by us, not 503 by the limit.
    let before_the_request_ends =
        http.request_timeout_seconds.saturating_mul(1000).saturating_sub(1).min(10_000);
    within(
        "gateways.call_timeout_millis",
        settings.gateways.call_timeout_millis,
        1..=before_the_request_ends,
    )?;
    within("gateways.challenge_timeout_seconds", settings.gateways.challenge_timeout_seconds, 60..=86_400)?;
    within("gateways.callback_retention_days", settings.gateways.callback_retention_days, 14..=3_650)?;
    within("simulator.delay_millis", settings.simulator.delay_millis, 0..=60_000)?;
    check_workers(settings)
}

fn check_workers(settings: &Settings) -> Result<(), SettingsError> {
    let writer = &settings.writer;
    within("writer.batch_max", writer.batch_max, 1..=10_000)?;
    within("writer.queue_max", writer.queue_max, 1..=1_000_000)?;
    within("writer.background_batch_max", writer.background_batch_max, 1..=10_000)?;
    within("writer.background_queue_max", writer.background_queue_max, 1..=1_000_000)?;

    let relay = &settings.relay;
    within("relay.batch_max", relay.batch_max, 1..=10_000)?;
    within("relay.poll_interval_millis", relay.poll_interval_millis, 1..=60_000)?;
    within("relay.gather_millis", relay.gather_millis, 0..=1000)?;
    within("relay.lease_seconds", relay.lease_seconds, 1..=600)?;

    let recovery = &settings.recovery;
    within("recovery.interval_millis", recovery.interval_millis, 10..=60_000)?;
    within("recovery.batch_max", recovery.batch_max, 1..=10_000)?;

    within("limits.concurrent_requests_max", settings.limits.concurrent_requests_max, 1..=100_000)
}

fn within<T: PartialOrd + Display>(
    key: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), SettingsError> {
    if range.contains(&value) {
        return Ok(());
    }
    refused(key, format!("is {value}; it must be from {} to {}", range.start(), range.end()))
}

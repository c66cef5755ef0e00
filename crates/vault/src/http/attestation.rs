//! `/v1/payments/pci/attestation`: what of PCI DSS 4.0 the vault measures of itself.

use actix_web::{HttpResponse, get, web};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use tender_domain::kernel::Timestamp;
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::ToSchema;

use crate::use_cases::{Attestation, KEY_AGE_MAX_DAYS, READS_DAYS, SCAN_AGE_MAX_HOURS};
use crate::{ProcessFacts, VaultService};

/// What was measured, requirement by requirement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AttestationResource {
    /// Always `pci_attestation`.
    #[schema(value_type = String, example = "pci_attestation")]
    object: &'static str,
    /// Which standard.
    #[schema(value_type = String, example = "PCI DSS 4.0")]
    standard: &'static str,
    /// When it was measured: now.
    #[schema(value_type = String, format = DateTime)]
    measured_at: Timestamp,
    /// What was measured. The other requirements are the operator's to attest.
    requirements: Vec<Requirement>,
}

/// One requirement.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Requirement {
    /// Its number in PCI DSS 4.0.
    #[schema(value_type = String, example = "3.7.4")]
    requirement: &'static str,
    /// What it asks for.
    #[schema(value_type = String, example = "Keys are changed at the end of their cryptoperiod")]
    asks: &'static str,
    /// `met`, `not_met`, or `not_measured`: there is nothing to measure yet, or not here.
    #[schema(value_type = String, example = "met")]
    status: &'static str,
    /// What was measured.
    #[schema(value_type = Object)]
    facts: Value,
}

const fn status(met: bool) -> &'static str {
    if met { "met" } else { "not_met" }
}

impl From<&Attestation> for AttestationResource {
    fn from(measured: &Attestation) -> Self {
        Self {
            object: "pci_attestation",
            standard: "PCI DSS 4.0",
            measured_at: measured.measured_at,
            requirements: vec![
                card_numbers(measured),
                wrapped_keys(measured),
                key_ages(measured),
                retired_keys(measured),
                in_transit(&measured.process),
                reads(measured),
                log_protection(measured),
                log_retention(&measured.process),
                log_masking(measured),
            ],
        }
    }
}

fn card_numbers(measured: &Attestation) -> Requirement {
    let (requirement, asks) = ("3.5.1", "Card numbers are unreadable wherever they are stored");
    let Some(scan) = &measured.last_scan else {
        return Requirement {
            requirement,
            asks,
            status: "not_measured",
            facts: json!({ "last_scan": null }),
        };
    };
    let fresh = measured.measured_at - scan.finished_at <= TimeDelta::hours(SCAN_AGE_MAX_HOURS);
    let facts = json!({ "last_scan": {
        "started_at": scan.started_at, "finished_at": scan.finished_at, "rows": scan.rows,
        "card_numbers_found": scan.found, "places": scan.findings, "is_recent": fresh,
    }});
    Requirement { requirement, asks, status: status(fresh && scan.found == 0), facts }
}

fn wrapped_keys(measured: &Attestation) -> Requirement {
    let keys = measured.current_keys.iter().map(|(purpose, key)| {
        json!({ "purpose": purpose.as_str(), "key_version": key.number, "wrapped_by": key.wrapped_by() })
    });
    Requirement {
        requirement: "3.6.1.2",
        asks: "Keys that encrypt data are stored encrypted by a key-encryption key",
        status: if measured.current_keys.is_empty() {
            "not_measured"
        } else {
            status(measured.sealed_otherwise == 0)
        },
        facts: json!({
            "keys": keys.collect::<Vec<_>>(), "records_not_under_the_current_key": measured.sealed_otherwise,
        }),
    }
}

fn key_ages(measured: &Attestation) -> Requirement {
    let age = |at: Timestamp| (measured.measured_at - at).num_days();
    let keys = measured.current_keys.iter().map(|(purpose, key)| {
        json!({ "purpose": purpose.as_str(), "created_at": key.created_at, "age_days": age(key.created_at) })
    });
    let young = measured.current_keys.values().all(|key| age(key.created_at) <= KEY_AGE_MAX_DAYS);
    Requirement {
        requirement: "3.7.4",
        asks: "Keys are changed at the end of their cryptoperiod",
        status: if measured.current_keys.is_empty() { "not_measured" } else { status(young) },
        facts: json!({
            "cryptoperiod_days": KEY_AGE_MAX_DAYS, "keys": keys.collect::<Vec<_>>(),
            "last_rotation_at": measured.last_rotation,
        }),
    }
}

fn retired_keys(measured: &Attestation) -> Requirement {
    Requirement {
        requirement: "3.7.5",
        asks: "Keys that are not used any more are retired and destroyed",
        status: if measured.current_keys.is_empty() {
            "not_measured"
        } else {
            status(measured.retiring_keys == 0)
        },
        facts: json!({ "older_keys_in_use": measured.retiring_keys }),
    }
}

fn in_transit(process: &ProcessFacts) -> Requirement {
    let listeners = process
        .listeners
        .iter()
        .map(|listener| json!({ "name": listener.name, "address": listener.address, "tls": listener.tls }));
    let all = process.listeners.iter().all(|listener| listener.tls);
    Requirement {
        requirement: "4.2.1",
        asks: "Card data is protected by strong cryptography in transit over open networks",
        // Behind an edge that ends TLS a plain listener may be right: that is not for the vault to see.
        status: if all && !process.listeners.is_empty() { "met" } else { "not_measured" },
        facts: json!({ "listeners": listeners.collect::<Vec<_>>(), "database_tls": process.database_tls }),
    }
}

fn reads(measured: &Attestation) -> Requirement {
    let readers = measured.reads.iter().map(|count| {
        json!({
            "reader_type": count.reader.kind(), "reader": count.reader.name(), "purpose": count.purpose.as_str(),
            "reads": count.reads, "last_at": count.last_at,
        })
    });
    let (looked_for, found) = (measured.reads_looked_for, measured.reads_found);
    Requirement {
        requirement: "10.2.1.1",
        asks: "Every access to cardholder data is logged with who, what and when",
        status: if looked_for == 0 {
            "not_measured"
        } else {
            status(found == looked_for && !measured.log_can_be_changed)
        },
        facts: json!({
            "days": READS_DAYS, "secret_reads": readers.collect::<Vec<_>>(),
            "newest_reads_looked_for": looked_for, "newest_reads_in_the_log": found,
            "service_role_can_change_the_log": measured.log_can_be_changed,
        }),
    }
}

fn log_protection(measured: &Attestation) -> Requirement {
    Requirement {
        requirement: "10.3.2",
        asks: "Audit logs are protected from being changed",
        status: status(!measured.log_can_be_changed),
        facts: json!({ "service_role_can_change_the_log": measured.log_can_be_changed }),
    }
}

fn log_retention(process: &ProcessFacts) -> Requirement {
    Requirement {
        requirement: "10.5.1",
        asks: "Audit logs are kept for twelve months at least, the last three of them at hand",
        status: status(process.log_kept_days >= 365),
        facts: json!({ "kept_days": process.log_kept_days, "at_hand_days": process.log_kept_days }),
    }
}

fn log_masking(measured: &Attestation) -> Requirement {
    Requirement {
        requirement: "3.4.1",
        asks: "Card numbers are masked where they are displayed",
        status: status(measured.logs_are_masked),
        facts: json!({ "log_masking": measured.logs_are_masked, "digits_shown": "the first six and the last four" }),
    }
}

/// Measures what of PCI DSS 4.0 the vault can measure of itself.
///
/// Every fact is of now, or of the last scan or rotation, whose time it says.
#[utoipa::path(
    operation_id = "get_pci_attestation",
    tag = "vault",
    security(("bearer" = ["vault:read"])),
    responses(
        (status = 200, description = "What was measured", body = AttestationResource),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `vault:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/pci/attestation")]
pub(super) async fn attestation(
    caller: Authorized<scopes::VaultRead>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let measured = vault.attest(&caller).await?;
    Ok(respond_json(200, &AttestationResource::from(&measured)))
}

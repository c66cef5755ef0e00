//! Verifications, as clients see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::vault::{self, PaymentMethod, ThreeDsSupport, Verification, VerificationStatus};
use utoipa::ToSchema;

/// How a payment method is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerificationKind {
    /// By an authorization of nothing: the issuer says whether the card is good. Of cards, also in wallets.
    ZeroAmount,
    /// By whether the card's issuer takes part in 3-D Secure. Of cards.
    ThreeDs,
    /// By two small deposits, whose amounts the customer reads on the account's statement. Of bank accounts.
    MicroDeposits,
}

impl From<VerificationKind> for vault::VerificationKind {
    fn from(kind: VerificationKind) -> Self {
        match kind {
            VerificationKind::ZeroAmount => Self::ZeroAmount,
            VerificationKind::ThreeDs => Self::ThreeDs,
            VerificationKind::MicroDeposits => Self::MicroDeposits,
        }
    }
}

impl From<vault::VerificationKind> for VerificationKind {
    fn from(kind: vault::VerificationKind) -> Self {
        match kind {
            vault::VerificationKind::ZeroAmount => Self::ZeroAmount,
            vault::VerificationKind::ThreeDs => Self::ThreeDs,
            vault::VerificationKind::MicroDeposits => Self::MicroDeposits,
        }
    }
}

/// What a directory server says of a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ThreeDsResource {
    /// `enrolled`, `not_enrolled`, or `unknown` when the directory server could not say.
    #[schema(value_type = String, example = "enrolled")]
    enrolment: &'static str,
    /// The highest version of EMV 3-D Secure that the issuer speaks.
    #[schema(example = "2.2.0")]
    version: Option<String>,
    /// Whether the issuer wants to see the customer's device before the authentication.
    device_fingerprint_required: bool,
}

impl From<&ThreeDsSupport> for ThreeDsResource {
    fn from(support: &ThreeDsSupport) -> Self {
        Self {
            enrolment: support.enrolment.as_str(),
            version: support.version.clone(),
            device_fingerprint_required: support.device_fingerprint,
        }
    }
}

/// Whether a payment method is verified, and what came of its last verification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct VerificationResource {
    /// `unverified`: never, or nothing came of it. `pending`: the gateway's answer is awaited, or the amounts of the deposits
    /// are. `verified`. `failed`: it was tried, and is not.
    #[schema(value_type = String, example = "verified")]
    status: &'static str,
    /// How it was verified last; absent when it never was, as is the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<VerificationKind>,
    /// By which connector.
    #[schema(example = "simulator")]
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<String>,
    /// What it waits for while it is pending: `gateway_answer` or `deposit_amounts`.
    #[schema(value_type = Option<String>, example = "deposit_amounts")]
    #[serde(skip_serializing_if = "Option::is_none")]
    awaits: Option<&'static str>,
    /// How many pairs of amounts may still be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u8>,
    /// Until when the amounts may be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    /// Why it is not verified: `declined`, `not_enrolled`, `enrolment_unknown`, `deposits_refused`, `deposits_expired`,
    /// `too_many_attempts`, `not_done`, `no_answer` or `answer_not_understood`.
    #[schema(example = "declined")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why the issuer declined.
    #[schema(example = "stolen_card")]
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_code: Option<String>,
    /// The network's response code.
    #[schema(example = "85")]
    #[serde(skip_serializing_if = "Option::is_none")]
    network_code: Option<String>,
    /// What the check of the address found, as the gateway tells it.
    #[schema(example = "Y")]
    #[serde(skip_serializing_if = "Option::is_none")]
    avs_result: Option<String>,
    /// What the check of the code found, as the gateway tells it. The code itself is never kept.
    #[schema(example = "P")]
    #[serde(skip_serializing_if = "Option::is_none")]
    cvv_result: Option<String>,
    /// What the directory server said; of `three_ds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    three_ds: Option<ThreeDsResource>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
}

impl VerificationResource {
    pub(super) fn of(method: &PaymentMethod) -> Self {
        let last = method.verification.as_deref();
        let amounts = last.filter(|last| last.awaits_amounts());
        let result = last.map(|last| last.result.clone()).unwrap_or_default();
        Self {
            status: method.verification_status().as_str(),
            kind: last.map(|last| last.kind.into()),
            connector: last.map(|last| last.connector.clone()),
            awaits: last.and_then(awaits),
            tries_left: amounts.map(Verification::tries_left),
            expires_at: amounts.and_then(|last| last.due_at),
            reason: result.reason,
            decline_code: result.decline_code,
            network_code: result.network_code,
            avs_result: result.avs_result,
            cvv_result: result.cvv_result,
            three_ds: result.three_ds.as_ref().map(ThreeDsResource::from),
            started_at: last.map(|last| last.started_at),
            ended_at: last.and_then(|last| last.ended_at),
        }
    }
}

fn awaits(last: &Verification) -> Option<&'static str> {
    match last.status {
        VerificationStatus::Pending if last.awaits_amounts() => Some("deposit_amounts"),
        VerificationStatus::Pending => Some("gateway_answer"),
        _ => None,
    }
}

//! A row of `gateway_callbacks`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::intents::{CallbackState, GatewayCallback};
use tender_domain::kernel::{CallbackId, Currency, Money, StoreError, TenantId, Version, gateway_text};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, Decline, DeclineCode, GatewayAnswer, GatewayFact, ScaAnswer,
};
use uuid::Uuid;

use super::column::{Place, from_row};
use super::dispute_json::DisputeJson;
use super::outside_json::{DeclineJson, OutsideCaptureJson, OutsideJson};

/// In place of a tenant when none was found.
pub(crate) const NOBODY: &str = "-";

pub(crate) struct CallbackRow {
    tenant_id: String,
    connector: String,
    event_id: String,
    event_type: String,
    occurred_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    fact: String,
    body: String,
    state: String,
    failures: i32,
    next_try_at: Option<DateTime<Utc>>,
    note: Option<String>,
    callback_id: Uuid,
    version: i64,
    round: i32,
}

from_row!(CallbackRow {
    tenant_id,
    connector,
    event_id,
    event_type,
    occurred_at,
    received_at,
    fact,
    body,
    state,
    failures,
    next_try_at,
    note,
    callback_id,
    version,
    round,
});

impl TryFrom<CallbackRow> for GatewayCallback {
    type Error = StoreError;

    fn try_from(row: CallbackRow) -> Result<Self, StoreError> {
        let place = Place { table: "gateway_callbacks", row: row.event_id.as_str() };
        let tenant = match row.tenant_id.as_str() {
            NOBODY => None,
            name => Some(name.parse::<TenantId>().map_err(|error| place.corrupt("tenant_id", error))?),
        };
        let fact: FactJson = place.json("fact", &row.fact)?;
        Ok(Self {
            id: CallbackId::from_uuid(row.callback_id),
            version: Version::new(row.version),
            round: place.count("round", row.round)?,
            tenant,
            fact: fact.into_fact().map_err(|problem| place.corrupt("fact", problem))?,
            state: place.word("state", &row.state, CallbackState::find)?,
            failures: place.count("failures", row.failures)?,
            connector: row.connector,
            event_type: row.event_type,
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            body: row.body,
            next_try_at: row.next_try_at,
            note: row.note,
            event_id: row.event_id,
        })
    }
}

/// `gateway_callbacks.fact`: written and read here only. Texts that a gateway made up are masked on their way in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum FactJson {
    Ended { call: String, reference: String, end: EndJson },
    Pending { call: String, reference: String },
    Outside { call: String, authorization: String, amount_minor: i64, currency: Currency },
    CapturedOutside(OutsideCaptureJson),
    RefundedOutside(OutsideJson),
    Disputed(DisputeJson),
    Other,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub(crate) enum EndJson {
    Approved {
        gateway_reference: String,
        amount_minor: i64,
        currency: Currency,
        captured: bool,
        response_code: Option<String>,
        acquirer: Option<String>,
        avs_result: Option<String>,
        cvv_result: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Declined {
        decline_code: String,
        network_code: Option<String>,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Challenge {
        url: String,
        challenge_reference: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        creq: Option<String>,
    },
    NotDone {
        reason: String,
    },
    TakenBack {
        gateway_reference: String,
        why: DeclineJson,
    },
}

impl From<&GatewayFact> for FactJson {
    fn from(fact: &GatewayFact) -> Self {
        let call = |kind: &CallKind| kind.as_str().to_owned();
        match fact {
            GatewayFact::Ended { kind, reference, end } => {
                Self::Ended { call: call(kind), reference: reference.clone(), end: end.into() }
            }
            GatewayFact::Pending { kind, reference } => {
                Self::Pending { call: call(kind), reference: reference.clone() }
            }
            GatewayFact::Outside { kind, authorization, amount } => Self::Outside {
                call: call(kind),
                authorization: authorization.clone(),
                amount_minor: amount.minor(),
                currency: amount.currency(),
            },
            GatewayFact::CapturedOutside(told) => Self::CapturedOutside((&**told).into()),
            GatewayFact::RefundedOutside(told) => Self::RefundedOutside((&**told).into()),
            GatewayFact::Disputed(told) => Self::Disputed(told.as_ref().into()),
            GatewayFact::Other => Self::Other,
        }
    }
}

impl From<&CallEnd> for EndJson {
    fn from(end: &CallEnd) -> Self {
        match end {
            CallEnd::Answered(GatewayAnswer::Approved {
                gateway_reference,
                amount,
                captured,
                response_code,
                acquirer,
                avs,
                sca,
            }) => Self::Approved {
                gateway_reference: gateway_reference.clone(),
                amount_minor: amount.minor(),
                currency: amount.currency(),
                captured: *captured,
                response_code: response_code.clone(),
                acquirer: acquirer.clone(),
                avs_result: avs.avs_result.clone(),
                cvv_result: avs.cvv_result.clone(),
                sca: sca.clone(),
            },
            CallEnd::Answered(GatewayAnswer::Declined(decline)) => Self::Declined {
                decline_code: decline.code.as_str().to_owned(),
                network_code: decline.network_code.clone(),
                message: gateway_text(&decline.message),
                sca: decline.sca.clone(),
            },
            CallEnd::Answered(GatewayAnswer::Challenge { url, challenge_reference, creq }) => {
                Self::Challenge {
                    url: url.clone(),
                    challenge_reference: challenge_reference.clone(),
                    creq: creq.clone(),
                }
            }
            CallEnd::NotDone(reason) => Self::NotDone { reason: gateway_text(reason) },
            CallEnd::TakenBack { gateway_reference, why } => {
                Self::TakenBack { gateway_reference: gateway_reference.clone(), why: why.into() }
            }
        }
    }
}

impl FactJson {
    fn into_fact(self) -> Result<GatewayFact, String> {
        let kind = |call: &str| CallKind::find(call).ok_or_else(|| format!("the call `{call}` is not known"));
        Ok(match self {
            Self::Ended { call, reference, end } => {
                GatewayFact::Ended { kind: kind(&call)?, reference, end: end.into_end()? }
            }
            Self::Pending { call, reference } => GatewayFact::Pending { kind: kind(&call)?, reference },
            Self::Outside { call, authorization, amount_minor, currency } => GatewayFact::Outside {
                kind: kind(&call)?,
                authorization,
                amount: Money::new(amount_minor, currency),
            },
            Self::CapturedOutside(told) => GatewayFact::CapturedOutside(Box::new(told.into_outside()?)),
            Self::RefundedOutside(told) => GatewayFact::RefundedOutside(Box::new(told.into_outside()?)),
            Self::Disputed(told) => GatewayFact::Disputed(Box::new(told.into_told()?)),
            Self::Other => GatewayFact::Other,
        })
    }
}

impl EndJson {
    fn into_end(self) -> Result<CallEnd, String> {
        let answer = match self {
            Self::Approved {
                gateway_reference,
                amount_minor,
                currency,
                captured,
                response_code,
                acquirer,
                avs_result,
                cvv_result,
                sca,
            } => GatewayAnswer::Approved {
                gateway_reference,
                amount: Money::new(amount_minor, currency),
                captured,
                response_code,
                acquirer,
                avs: Avs { avs_result, cvv_result },
                sca,
            },
            Self::Declined { decline_code, network_code, message, sca } => {
                let code = DeclineCode::find(&decline_code);
                let code = code.ok_or_else(|| format!("the decline code `{decline_code}` is not known"))?;
                GatewayAnswer::Declined(Decline { code, network_code, message, sca })
            }
            Self::Challenge { url, challenge_reference, creq } => {
                GatewayAnswer::Challenge { url, challenge_reference, creq }
            }
            Self::NotDone { reason } => return Ok(CallEnd::NotDone(reason)),
            Self::TakenBack { gateway_reference, why } => {
                return Ok(CallEnd::TakenBack { gateway_reference, why: why.into_decline()? });
            }
        };
        Ok(CallEnd::Answered(answer))
    }
}

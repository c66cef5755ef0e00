//! A connector as it is told and asked for.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tender_domain::connectors::{CallHealth, Connector, ConnectorStatus};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::DeclineCode;
use tender_http::Problem;
use utoipa::ToSchema;

use crate::use_cases::{Account, ShownConnector};

/// Whether a connector takes new payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConnectorStatusWord {
    /// It does.
    Enabled,
    /// It takes no new ones; what was begun there goes on, and is refunded there.
    Disabled,
}

/// A connector to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegisterConnector)]
pub(super) struct RegisterBody {
    /// How attempts, reports and the ledger call it, for ever: 1 to 40 characters of a-z, 0-9, `-` and `_`.
    #[schema(example = "adyen-eu")]
    pub(super) name: String,
    /// The gateway's type: `stripe`, `adyen`, `paypal`, `worldpay`, `square`, `saferpay`, `payu`; in the sandbox also `simulator`.
    #[serde(rename = "type")]
    #[schema(example = "adyen")]
    pub(super) kind: String,
    /// What the type needs. Its secrets go to the vault and are never shown again.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) config: BTreeMap<String, SecretString>,
    /// Where no routing rule decides, the highest comes first.
    #[serde(default)]
    #[schema(minimum = -1_000_000, maximum = 1_000_000, example = 10)]
    pub(super) priority: i32,
    /// Where it is, in your own words.
    #[schema(example = "EU")]
    pub(super) region: Option<String>,
    /// After which `decline_code`s the next connector is tried; left out: `do_not_honor`, `card_declined` and
    /// `issuer_unavailable`. See `decline-table`.
    pub(super) retryable_declines: Option<Vec<String>>,
}

/// What of a connector is to change; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateConnector)]
pub(super) struct UpdateBody {
    /// Whether it takes new payments.
    pub(super) status: Option<ConnectorStatusWord>,
    /// Where no routing rule decides, the highest comes first.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub(super) priority: Option<i32>,
    /// Where it is; an empty text takes it away.
    pub(super) region: Option<String>,
    /// Laid over the configuration; an empty text removes its field. No secrets: they are rotated.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub(super) config: Option<BTreeMap<String, SecretString>>,
    /// After which `decline_code`s the next connector is tried.
    pub(super) retryable_declines: Option<Vec<String>>,
    /// The version you have seen; or send `If-Match`.
    pub(super) version: Option<i64>,
}

/// New credentials.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RotateCredentials)]
pub(super) struct RotateBody {
    /// All the secrets of the type, anew.
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) config: BTreeMap<String, SecretString>,
    /// How long callbacks signed by the credentials before still count, in seconds; a day when it is left out. Calls are
    /// made with the new ones at once.
    #[serde(default = "a_day")]
    #[schema(maximum = 604_800, example = 86_400)]
    pub(super) overlap_seconds: u32,
}

const fn a_day() -> u32 {
    86_400
}

/// What may be told of credentials. Never a value.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConnectorCredentials)]
pub(super) struct CredentialsBody {
    /// The names of the secrets that are set.
    fields: Vec<String>,
    /// Which credentials of the connector they are: each rotation makes the next.
    version: u32,
    /// Since when they are used.
    #[schema(value_type = String, format = DateTime)]
    rotated_at: Timestamp,
    /// Until when callbacks signed by the ones before still count.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_until: Option<Timestamp>,
}

/// What the process that answers heard of a connector in the last thirty seconds.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConnectorHealth)]
pub(super) struct HealthBody {
    /// `closed`: payments go there; `open`: none do, for it answers nothing; `half_open`: one at a time, to see.
    #[schema(value_type = String, example = "closed")]
    circuit_breaker: &'static str,
    /// How many calls.
    calls: u32,
    /// How many had no answer.
    failures: u32,
    /// How long a call took on average, in milliseconds.
    average_millis: Option<u64>,
    /// How long the longest took, in milliseconds.
    longest_millis: Option<u64>,
}

/// A connector.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Connector)]
pub(super) struct ConnectorBody {
    /// Always `connector`.
    #[schema(value_type = String, example = "connector")]
    object: &'static str,
    /// Its id.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: String,
    /// How attempts, reports and the ledger call it.
    #[schema(example = "adyen-eu")]
    name: String,
    /// `tenant`: you registered it; `operator`: it is in the settings of the installation, and is not changed here.
    #[schema(value_type = String, example = "tenant")]
    origin: &'static str,
    /// The gateway's type.
    #[serde(rename = "type")]
    #[schema(example = "adyen")]
    kind: String,
    /// `enabled`, `disabled` or `deleted`.
    #[schema(value_type = String, example = "enabled")]
    status: &'static str,
    /// Where no routing rule decides, the highest comes first.
    priority: i32,
    /// Where it is.
    region: Option<String>,
    /// Its configuration, without secrets.
    config: BTreeMap<String, String>,
    /// What may be told of its secrets; none of the operator's.
    credentials: Option<CredentialsBody>,
    /// After which `decline_code`s the next connector is tried.
    retryable_declines: Vec<&'static str>,
    /// What was heard of it lately.
    health: HealthBody,
    /// Whether live money moves there; none of the operator's.
    livemode: Option<bool>,
    /// How often it changed; none of the operator's.
    version: Option<i64>,
    /// When it was registered.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// When it last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

/// The connectors of a tenant and the operator's, all of them: there are a hundred of one's own at most.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Connectors)]
pub(super) struct ConnectorsBody {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The connectors: your own, oldest first, then the operator's.
    data: Vec<ConnectorBody>,
    /// Always false: they are all there.
    has_more: bool,
    /// Always null.
    next_cursor: Option<String>,
}

impl From<&[ShownConnector]> for ConnectorsBody {
    fn from(all: &[ShownConnector]) -> Self {
        let data = all.iter().map(ConnectorBody::from).collect();
        Self { object: "list", data, has_more: false, next_cursor: None }
    }
}

impl From<&ShownConnector> for ConnectorBody {
    fn from(shown: &ShownConnector) -> Self {
        let health = health(shown.breaker.as_str(), shown.health);
        match &shown.account {
            Account::Own(connector) => own(connector, health),
            Account::Operator { id, name, declines, .. } => Self {
                object: "connector",
                id: id.to_string(),
                connector_id: id.to_string(),
                name: name.clone(),
                origin: "operator",
                kind: name.clone(),
                status: ConnectorStatus::Enabled.as_str(),
                priority: 0,
                region: None,
                config: BTreeMap::new(),
                credentials: None,
                retryable_declines: codes(declines.codes()),
                health,
                livemode: None,
                version: None,
                created_at: None,
                updated_at: None,
            },
        }
    }
}

fn own(connector: &Connector, health: HealthBody) -> ConnectorBody {
    let note = &connector.credentials;
    ConnectorBody {
        object: "connector",
        id: connector.id.to_string(),
        connector_id: connector.id.to_string(),
        name: connector.name.clone(),
        origin: "tenant",
        kind: connector.kind.clone(),
        status: connector.status.as_str(),
        priority: connector.priority,
        region: connector.region.clone(),
        config: connector.config.clone(),
        credentials: Some(CredentialsBody {
            fields: note.fields.clone(),
            version: note.generation,
            rotated_at: note.rotated_at,
            previous_until: note.previous_until,
        }),
        retryable_declines: codes(connector.declines.codes()),
        health,
        livemode: Some(connector.livemode),
        version: Some(connector.version.number()),
        created_at: Some(connector.created_at),
        updated_at: Some(connector.updated_at),
    }
}

pub(super) fn codes(codes: &[DeclineCode]) -> Vec<&'static str> {
    codes.iter().copied().map(DeclineCode::as_str).collect()
}

fn health(circuit_breaker: &'static str, heard: CallHealth) -> HealthBody {
    let millis = |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let some = heard.calls > 0;
    HealthBody {
        circuit_breaker,
        calls: heard.calls,
        failures: heard.failures,
        average_millis: heard.took.checked_div(heard.calls).map(millis),
        longest_millis: some.then(|| millis(heard.longest)),
    }
}

/// The table of declines that a client sends.
pub(super) fn declines(codes: Vec<String>) -> Result<Vec<DeclineCode>, Problem> {
    let code = |(place, text): (usize, String)| {
        DeclineCode::find(&text).ok_or_else(|| {
            let known: Vec<_> = DeclineCode::ALL.iter().copied().map(DeclineCode::as_str).collect();
            let detail = format!("must be one of {}", known.join(", "));
            Problem::bad_request("invalid_decline_code", &detail)
                .pointer(format!("/retryable_declines/{place}"), detail)
        })
    };
    codes.into_iter().enumerate().map(code).collect()
}

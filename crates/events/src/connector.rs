//! What happened to tenants' own connectors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tender_domain::connectors::Connector;
use tender_domain::kernel::{ConnectorId, TenantId, Timestamp, Version};
use tender_domain::ports::DeclineCode;
use utoipa::ToSchema;

use crate::public_event::public_event;

/// `connector.changed`: the whole state of a tenant's connector, but its secrets. Compacted: the last one of each
/// connector is kept, also of one that was deleted: the books name it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectorChanged {
    /// The connector.
    #[schema(value_type = String, example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    pub connector_id: ConnectorId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// How attempts, reports and the ledger call it.
    #[schema(example = "adyen-eu")]
    pub name: String,
    /// The gateway's type.
    #[serde(rename = "type")]
    #[schema(example = "adyen")]
    pub kind: String,
    /// `enabled`, `disabled` or `deleted`.
    #[schema(example = "enabled")]
    pub status: String,
    /// Whether live money moves there.
    pub livemode: bool,
    /// Where no routing rule decides, the highest comes first.
    pub priority: i32,
    /// Where it is, in the tenant's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its configuration, without secrets.
    pub config: BTreeMap<String, String>,
    /// After which declines the next connector is tried.
    #[schema(example = json!(["do_not_honor"]))]
    pub retryable_declines: Vec<String>,
    /// Which credentials it has, from 1: each rotation makes the next. Never a value.
    pub credentials_version: u32,
    /// When it came to this state.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// How often it changed.
    #[schema(value_type = i64, example = 1)]
    pub version: Version,
}

impl ConnectorChanged {
    /// The state of a connector.
    #[must_use]
    pub fn of(connector: &Connector) -> Self {
        let declines = connector.declines.codes().iter().copied().map(DeclineCode::as_str);
        Self {
            connector_id: connector.id,
            tenant_id: connector.tenant.clone(),
            name: connector.name.clone(),
            kind: connector.kind.clone(),
            status: connector.status.as_str().to_owned(),
            livemode: connector.livemode,
            priority: connector.priority,
            region: connector.region.clone(),
            config: connector.config.clone(),
            retryable_declines: declines.map(str::to_owned).collect(),
            credentials_version: connector.credentials.generation,
            updated_at: connector.updated_at,
            version: connector.version,
        }
    }
}

public_event! {
    ConnectorChanged is CONNECTOR_CHANGED of "/tender/intents":
    key connector_id, subject connector_id, at updated_at
}

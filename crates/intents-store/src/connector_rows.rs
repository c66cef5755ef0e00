//! The tables of connectors and rules, and the rows of their writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tender_domain::connectors::{Connector, CredentialsNote, DeclineTable, RoutingRules};
use tender_domain::kernel::{ConnectorId, Save, Timestamp};
use tender_domain::ports::DeclineCode;
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec};
use uuid::Uuid;

use crate::payment_link_rows::LOCATOR;

/// The kind of the locator's entries: a callback names its connector, and nobody's tenant.
pub(crate) const CONNECTOR_LOCATED_AS: &str = "connector";

pub(crate) static CONNECTORS: TableSpec = TableSpec {
    name: "connectors",
    key: &[Column::new("connector_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("livemode", ColumnType::Bool),
        Column::new("name", ColumnType::Text),
        Column::new("kind", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("priority", ColumnType::Int),
        Column::new("region", ColumnType::Text),
        Column::new("config", ColumnType::Json),
        Column::new("credentials", ColumnType::Json),
        Column::new("retryable_declines", ColumnType::Json),
        Column::new("decline_table_version", ColumnType::BigInt),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static ROUTING_RULE_SETS: TableSpec = TableSpec {
    name: "routing_rule_sets",
    key: &[],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("rules", ColumnType::Json),
        Column::new("operator_declines", ColumnType::Json),
        Column::new("operator_decline_versions", ColumnType::Json),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

/// What may be told of credentials, as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct CredentialsJson {
    pub(crate) fields: Vec<String>,
    pub(crate) generation: u32,
    pub(crate) rotated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_until: Option<Timestamp>,
}

impl From<&CredentialsNote> for CredentialsJson {
    fn from(note: &CredentialsNote) -> Self {
        Self {
            fields: note.fields.clone(),
            generation: note.generation,
            rotated_at: note.rotated_at,
            previous_until: note.previous_until,
        }
    }
}

impl From<CredentialsJson> for CredentialsNote {
    fn from(json: CredentialsJson) -> Self {
        Self {
            fields: json.fields,
            generation: json.generation,
            rotated_at: json.rotated_at,
            previous_until: json.previous_until,
        }
    }
}

pub(crate) fn connector_rows(save: &Save<Connector>, rows: &mut Rows) {
    let connector = &*save.after;
    let json = "texts and numbers have a JSON form";
    let declines = connector.declines.set().map(code_texts);
    let cells = vec![
        connector.id.uuid().into(),
        connector.version.number().into(),
        connector.livemode.into(),
        connector.name.as_str().into(),
        connector.kind.as_str().into(),
        connector.status.as_str().into(),
        connector.priority.into(),
        connector.region.as_deref().into(),
        Cell::json(&connector.config).expect(json),
        Cell::json(&CredentialsJson::from(&connector.credentials)).expect(json),
        declines.map_or(Cell::Json(None), |declines| Cell::json(&declines).expect(json)),
        connector.declines.version().number().into(),
        connector.created_at.into(),
        connector.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => {
            rows.insert(&CONNECTORS, cells);
            let key = connector.id.to_string();
            rows.insert(&LOCATOR, vec![CONNECTOR_LOCATED_AS.into(), key.as_str().into()]);
        }
        Some(before) => rows.update(&CONNECTORS, before.version.number(), cells),
    }
}

fn code_texts(codes: &[DeclineCode]) -> Vec<&'static str> {
    codes.iter().copied().map(DeclineCode::as_str).collect()
}

pub(crate) fn routing_rule_rows(save: &Save<RoutingRules>, rows: &mut Rows) {
    let set = &*save.after;
    let edited = |(connector, table): (&ConnectorId, &DeclineTable)| {
        table.set().map(|codes| (connector.uuid(), code_texts(codes)))
    };
    let declines: BTreeMap<Uuid, Vec<&str>> = set.declines.iter().filter_map(edited).collect();
    let versions: BTreeMap<Uuid, i64> =
        set.declines.iter().map(|(connector, table)| (connector.uuid(), table.version().number())).collect();
    let cells = vec![
        set.version.number().into(),
        Cell::json(&set.rules).expect("rules are structs with a JSON form"),
        Cell::json(&declines).expect("texts have a JSON form"),
        Cell::json(&versions).expect("numbers have a JSON form"),
        set.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&ROUTING_RULE_SETS, cells),
        Some(before) => rows.update(&ROUTING_RULE_SETS, before.version.number(), cells),
    }
}

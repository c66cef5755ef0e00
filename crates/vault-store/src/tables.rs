//! The table as data, and the row of a write.

use tender_domain::vault::{PaymentMethod, VaultWrite};
use tender_postgres::{Cell, Column, ColumnType, Rows, Schema, TableSpec};

use crate::SCHEMA;

static METHODS: TableSpec = TableSpec {
    name: "payment_methods",
    key: &[Column::new("method_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("customer_id", ColumnType::Text),
        Column::new("type", ColumnType::Text),
        Column::new("brand", ColumnType::Text),
        Column::new("last4", ColumnType::Text),
        Column::new("exp_month", ColumnType::Int),
        Column::new("exp_year", ColumnType::Int),
        Column::new("fingerprint", ColumnType::Bytes),
        Column::new("sealed", ColumnType::Bytes),
        Column::new("key_version", ColumnType::Int),
        Column::new("is_default", ColumnType::Bool),
        Column::new("metadata", ColumnType::Json),
        Column::new("billing", ColumnType::Json),
        Column::new("consent_text_version", ColumnType::Text),
        Column::new("consented_at", ColumnType::Timestamp),
        Column::new("deleted_at", ColumnType::Timestamp),
        Column::new("livemode", ColumnType::Bool),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
        Column::new("bin", ColumnType::Text),
    ],
};

static TABLES: [&TableSpec; 1] = [&METHODS];

/// Schema `vault`, as the batched commit sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct VaultSchema;

impl Schema for VaultSchema {
    type Write = VaultWrite;

    fn name(&self) -> &'static str {
        SCHEMA
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        &TABLES
    }

    fn rows(&self, write: &VaultWrite, rows: &mut Rows) {
        let VaultWrite::Method(save) = write;
        let cells = cells(&save.after);
        match &save.before {
            None => rows.insert(&METHODS, cells),
            Some(before) => rows.update(&METHODS, before.version.number(), cells),
        }
    }
}

fn cells(method: &PaymentMethod) -> Vec<Cell> {
    let json = "texts by text are always JSON";
    let tokens = method.tokens();
    let key_version =
        tokens.map(|sealed| i32::try_from(sealed.key_version).expect("the vault's keys are few"));
    let consent = method.consent.as_ref();
    vec![
        method.id.uuid().into(),
        method.version.number().into(),
        method.customer_id.as_deref().into(),
        "card".into(),
        method.card.brand.as_str().into(),
        method.card.last4.as_str().into(),
        i32::from(method.card.exp_month).into(),
        i32::from(method.card.exp_year).into(),
        method.fingerprint.0.to_vec().into(),
        tokens.map(|sealed| sealed.bytes.clone()).into(),
        key_version.into(),
        method.is_default().into(),
        Cell::json(&method.metadata).expect(json),
        method.billing.as_ref().map_or(Cell::Json(None), |billing| Cell::json(billing).expect(json)),
        consent.map(|consent| consent.text_version.as_str()).into(),
        consent.map(|consent| consent.at).into(),
        method.deleted_at().into(),
        method.livemode.into(),
        method.created_at.into(),
        method.updated_at.into(),
        method.card.bin.as_deref().into(),
    ]
}

//! The tables as data, and the row of a write.

use tender_domain::vault::{ExpiryNotice, PaymentMethod, SealingKey, VaultWrite};
use tender_postgres::{Cell, Column, ColumnType, Rows, Schema, TableSpec};

use crate::SCHEMA;
use crate::connector_secrets::{CONNECTOR_SECRETS, secret_cells};
use crate::keys::{DATA_KEYS, KEY_ROTATIONS, key_cells, rotation_cells};

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
        Column::new("data_key_id", ColumnType::Uuid),
        Column::new("account_country", ColumnType::Text),
        Column::new("bic", ColumnType::Text),
        Column::new("paypal_email", ColumnType::Text),
        Column::new("mandate_reference", ColumnType::Text),
        Column::new("mandate_signed_at", ColumnType::Timestamp),
        Column::new("mandate_sequence", ColumnType::Text),
        Column::new("from_raw_data", ColumnType::Bool),
        Column::new("duplicate_of", ColumnType::Uuid),
        Column::new("verification", ColumnType::Json),
        Column::new("verification_due_at", ColumnType::Timestamp),
        Column::new("expiry_told", ColumnType::Text),
        Column::new("merchant_account_id", ColumnType::Text),
    ],
};

static TABLES: [&TableSpec; 4] = [&METHODS, &DATA_KEYS, &KEY_ROTATIONS, &CONNECTOR_SECRETS];

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
        let (table, expected, cells) = match write {
            VaultWrite::Method(save) => {
                (&METHODS, save.before.as_ref().map(|before| before.version), cells(&save.after))
            }
            VaultWrite::DataKey(save) => {
                (&DATA_KEYS, save.before.as_ref().map(|before| before.version), key_cells(&save.after))
            }
            VaultWrite::Rotation(save) => (
                &KEY_ROTATIONS,
                save.before.as_ref().map(|before| before.version),
                rotation_cells(&save.after),
            ),
            VaultWrite::ConnectorSecret(save) => (
                &CONNECTOR_SECRETS,
                save.before.as_ref().map(|before| before.version),
                secret_cells(&save.after),
            ),
        };
        match expected {
            None => rows.insert(table, cells),
            Some(version) => rows.update(table, version.number(), cells),
        }
    }
}

fn cells(method: &PaymentMethod) -> Vec<Cell> {
    let json = "texts by text are always JSON";
    let tokens = method.tokens();
    let (data_key, key_version) = match tokens.map(|sealed| sealed.key) {
        Some(SealingKey::Data(id)) => (Some(id.uuid()), None),
        Some(SealingKey::Installation(version)) => {
            (None, Some(i32::try_from(version).expect("the installation's keys are few")))
        }
        None => (None, None),
    };
    let (consent, mandate) = (method.consent.as_ref(), method.mandate.as_ref());
    let (card, account) = (method.details.card(), method.details.bank_account());
    vec![
        method.id.uuid().into(),
        method.version.number().into(),
        method.customer_id.as_deref().into(),
        method.details.method_type().as_str().into(),
        card.map(|card| card.brand.as_str()).into(),
        method.details.last4().into(),
        card.map(|card| i32::from(card.exp_month)).into(),
        card.map(|card| i32::from(card.exp_year)).into(),
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
        card.and_then(|card| card.bin.as_deref()).into(),
        data_key.into(),
        account.map(|account| account.country.as_str()).into(),
        account.and_then(|account| account.bic.as_deref()).into(),
        method.details.paypal().and_then(|paypal| paypal.email()).into(),
        mandate.map(|mandate| mandate.reference.as_str()).into(),
        mandate.map(|mandate| mandate.signed_at).into(),
        mandate.map(|mandate| mandate.sequence.as_str()).into(),
        method.from_raw_data.into(),
        method.duplicate_of.map(|id| id.uuid()).into(),
        method.verification.as_ref().map_or(Cell::Json(None), |last| Cell::json(last).expect(json)),
        method.verification.as_ref().and_then(|last| last.due_at).into(),
        method.expiry_told.map(ExpiryNotice::as_str).into(),
        method.merchant_account_id.as_deref().into(),
    ]
}

//! A stored row, and the laws it must keep.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};
use tender_domain::kernel::{DataKeyId, Metadata, MethodId, StoreError, Version};
use tender_domain::vault::{
    Card, Consent, MethodFingerprint, MethodState, PaymentMethod, SealedTokens, SealingKey,
};
use uuid::Uuid;

const TABLE: &str = "payment_methods";

/// What [`MethodRow`] reads.
pub(crate) const COLUMNS: &str = "tenant_id, method_id, version, customer_id, type, brand, last4, exp_month, \
     exp_year, fingerprint, sealed, key_version, is_default, metadata, billing, consent_text_version, consented_at, \
     deleted_at, livemode, created_at, updated_at, bin, data_key_id";

pub(crate) struct MethodRow {
    tenant_id: String,
    method_id: Uuid,
    version: i64,
    customer_id: Option<String>,
    method_type: String,
    brand: String,
    last4: String,
    exp_month: i32,
    exp_year: i32,
    fingerprint: Vec<u8>,
    sealed: Option<Vec<u8>>,
    key_version: Option<i32>,
    is_default: bool,
    metadata: Value,
    billing: Option<Value>,
    consent_text_version: Option<String>,
    consented_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    livemode: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    bin: Option<String>,
    data_key_id: Option<Uuid>,
}

impl MethodRow {
    /// Which row it is: its tenant and its id.
    pub(crate) fn place(&self) -> (&str, Uuid) {
        (&self.tenant_id, self.method_id)
    }
}

impl FromRow<'_, PgRow> for MethodRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            method_id: row.try_get("method_id")?,
            version: row.try_get("version")?,
            customer_id: row.try_get("customer_id")?,
            method_type: row.try_get("type")?,
            brand: row.try_get("brand")?,
            last4: row.try_get("last4")?,
            exp_month: row.try_get("exp_month")?,
            exp_year: row.try_get("exp_year")?,
            fingerprint: row.try_get("fingerprint")?,
            sealed: row.try_get("sealed")?,
            key_version: row.try_get("key_version")?,
            is_default: row.try_get("is_default")?,
            metadata: row.try_get("metadata")?,
            billing: row.try_get("billing")?,
            consent_text_version: row.try_get("consent_text_version")?,
            consented_at: row.try_get("consented_at")?,
            deleted_at: row.try_get("deleted_at")?,
            livemode: row.try_get("livemode")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            bin: row.try_get("bin")?,
            data_key_id: row.try_get("data_key_id")?,
        })
    }
}

impl MethodRow {
    fn state(&mut self) -> Result<MethodState, &'static str> {
        let key = match (self.data_key_id, self.key_version) {
            (Some(id), None) => Some(SealingKey::Data(DataKeyId::from_uuid(id))),
            (None, Some(version)) => {
                Some(SealingKey::Installation(u32::try_from(version).map_err(|_| "key_version")?))
            }
            (None, None) => None,
            (Some(_), Some(_)) => return Err("data_key_id"),
        };
        match (self.sealed.take(), key, self.deleted_at) {
            (Some(bytes), Some(key), None) => {
                Ok(MethodState::Active { is_default: self.is_default, tokens: SealedTokens { key, bytes } })
            }
            (None, None, Some(at)) => Ok(MethodState::Deleted { at }),
            _ => Err("sealed"),
        }
    }
}

impl TryFrom<MethodRow> for PaymentMethod {
    type Error = StoreError;

    fn try_from(mut row: MethodRow) -> Result<Self, StoreError> {
        let id = MethodId::from_uuid(row.method_id);
        let place = format!("{} {id}", row.tenant_id);
        let bad =
            |column: &'static str| StoreError::corrupt(TABLE, column, &place, "breaks a law of methods");
        if row.method_type != "card" {
            return Err(StoreError::corrupt(
                TABLE,
                "type",
                &place,
                format!("`{}` is no type", row.method_type),
            ));
        }
        let card = Card {
            brand: std::mem::take(&mut row.brand),
            last4: std::mem::take(&mut row.last4),
            exp_month: u8::try_from(row.exp_month).map_err(|_| bad("exp_month"))?,
            exp_year: u16::try_from(row.exp_year).map_err(|_| bad("exp_year"))?,
            bin: row.bin.take(),
        };
        if !card.is_plausible() {
            return Err(bad("last4"));
        }
        let fingerprint = <[u8; 32]>::try_from(row.fingerprint.as_slice()).map_err(|_| bad("fingerprint"))?;
        let metadata: Metadata = serde_json::from_value(std::mem::take(&mut row.metadata))
            .map_err(|error| StoreError::corrupt(TABLE, "metadata", &place, error))?;
        let billing = row.billing.take().map(serde_json::from_value).transpose();
        let billing = billing.map_err(|error| StoreError::corrupt(TABLE, "billing", &place, error))?;
        let consent = match (row.consent_text_version.take(), row.consented_at) {
            (Some(text_version), Some(at)) => Some(Consent { text_version, at }),
            (None, None) => None,
            _ => return Err(bad("consented_at")),
        };
        Ok(Self {
            state: row.state().map_err(bad)?,
            tenant: row
                .tenant_id
                .parse()
                .map_err(|error| StoreError::corrupt(TABLE, "tenant_id", &place, error))?,
            id,
            version: Version::new(row.version),
            created_at: row.created_at,
            updated_at: row.updated_at,
            livemode: row.livemode,
            customer_id: row.customer_id,
            card,
            fingerprint: MethodFingerprint(fingerprint),
            metadata,
            consent,
            billing,
        })
    }
}

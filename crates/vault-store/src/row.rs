//! A stored row, and the laws it must keep.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};
use tender_domain::kernel::{DataKeyId, Metadata, MethodId, StoreError, Version};
use tender_domain::vault::{
    BankAccount, Card, Consent, ExpiryNotice, Mandate, MandateSequence, MethodDetails, MethodFingerprint,
    MethodState, MethodType, PaymentMethod, PaypalAccount, SealedTokens, SealingKey,
};
use uuid::Uuid;

const TABLE: &str = "payment_methods";

/// What [`MethodRow`] reads.
pub(crate) const COLUMNS: &str = "tenant_id, method_id, version, customer_id, type, brand, last4, exp_month, \
     exp_year, fingerprint, sealed, key_version, is_default, metadata, billing, consent_text_version, consented_at, \
     deleted_at, livemode, created_at, updated_at, bin, data_key_id, account_country, bic, paypal_email, \
     mandate_reference, mandate_signed_at, mandate_sequence, from_raw_data, duplicate_of, \
     verification, expiry_told, merchant_account_id";

pub(crate) struct MethodRow {
    tenant_id: String,
    method_id: Uuid,
    version: i64,
    customer_id: Option<String>,
    method_type: String,
    brand: Option<String>,
    last4: Option<String>,
    exp_month: Option<i32>,
    exp_year: Option<i32>,
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
    account_country: Option<String>,
    bic: Option<String>,
    paypal_email: Option<String>,
    mandate_reference: Option<String>,
    mandate_signed_at: Option<DateTime<Utc>>,
    mandate_sequence: Option<String>,
    from_raw_data: bool,
    duplicate_of: Option<Uuid>,
    verification: Option<Value>,
    expiry_told: Option<String>,
    merchant_account_id: Option<String>,
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
            account_country: row.try_get("account_country")?,
            bic: row.try_get("bic")?,
            paypal_email: row.try_get("paypal_email")?,
            mandate_reference: row.try_get("mandate_reference")?,
            mandate_signed_at: row.try_get("mandate_signed_at")?,
            mandate_sequence: row.try_get("mandate_sequence")?,
            from_raw_data: row.try_get("from_raw_data")?,
            duplicate_of: row.try_get("duplicate_of")?,
            verification: row.try_get("verification")?,
            expiry_told: row.try_get("expiry_told")?,
            merchant_account_id: row.try_get("merchant_account_id")?,
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

impl MethodRow {
    fn details(&mut self) -> Result<MethodDetails, &'static str> {
        let details = match MethodType::find(&self.method_type).ok_or("type")? {
            MethodType::Card => MethodDetails::Card(self.card()?),
            MethodType::ApplePay => MethodDetails::ApplePay(self.card()?),
            MethodType::GooglePay => MethodDetails::GooglePay(self.card()?),
            MethodType::BankAccount => MethodDetails::BankAccount(self.account()?),
            MethodType::SepaDebit => MethodDetails::SepaDebit(self.account()?),
            MethodType::Paypal => MethodDetails::Paypal(PaypalAccount::new(self.paypal_email.as_deref())),
        };
        if details.is_plausible() { Ok(details) } else { Err("last4") }
    }

    fn card(&mut self) -> Result<Card, &'static str> {
        let number = |value: Option<i32>| value.and_then(|value| u16::try_from(value).ok());
        Ok(Card {
            brand: self.brand.take().ok_or("brand")?,
            last4: self.last4.take().ok_or("last4")?,
            exp_month: number(self.exp_month)
                .and_then(|month| u8::try_from(month).ok())
                .ok_or("exp_month")?,
            exp_year: number(self.exp_year).ok_or("exp_year")?,
            bin: self.bin.take(),
        })
    }

    fn account(&mut self) -> Result<BankAccount, &'static str> {
        Ok(BankAccount {
            country: self.account_country.take().ok_or("account_country")?,
            last4: self.last4.take().ok_or("last4")?,
            bic: self.bic.take(),
        })
    }

    fn mandate(&mut self) -> Result<Option<Mandate>, &'static str> {
        match (self.mandate_reference.take(), self.mandate_signed_at, self.mandate_sequence.as_deref()) {
            (Some(reference), Some(signed_at), Some(sequence)) => {
                let sequence = MandateSequence::find(sequence).ok_or("mandate_sequence")?;
                Ok(Some(Mandate { reference, signed_at, sequence }))
            }
            (None, None, None) => Ok(None),
            _ => Err("mandate_reference"),
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
        let details = row.details().map_err(bad)?;
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
        let mandate = row.mandate().map_err(bad)?;
        let verification = row.verification.take().map(serde_json::from_value).transpose();
        let verification =
            verification.map_err(|error| StoreError::corrupt(TABLE, "verification", &place, error))?;
        let told = row.expiry_told.as_deref();
        let expiry_told = told.map(|told| ExpiryNotice::find(told).ok_or("expiry_told")).transpose();
        let expiry_told = expiry_told.map_err(bad)?;
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
            merchant_account_id: row.merchant_account_id,
            from_raw_data: row.from_raw_data,
            details,
            mandate,
            fingerprint: MethodFingerprint(fingerprint),
            duplicate_of: row.duplicate_of.map(MethodId::from_uuid),
            metadata,
            consent,
            billing,
            verification,
            expiry_told,
        })
    }
}

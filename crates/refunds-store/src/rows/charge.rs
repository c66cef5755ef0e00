//! A row of `refundable_charges`, with its captures, refunds and disputes.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use tender_domain::kernel::{CaptureId, ChargeId, IntentId, Money, StoreError, TenantId, Version};
use tender_domain::refunds::RefundableCharge;
use uuid::Uuid;

use super::column::{Place, get};
use super::{DisputeRow, RefundRow};

/// A row of `refundable_charges` with its children.
pub(crate) struct ChargeRow {
    charge_id: Uuid,
    version: i64,
    intent_id: Uuid,
    merchant_account_id: String,
    connector: String,
    gateway_reference: String,
    customer_id: Option<String>,
    order_id: Option<String>,
    livemode: bool,
    currency: String,
    authorized_minor: i64,
    captured_minor: i64,
    disputed_minor: i64,
    refunded_minor: i64,
    refunded_outside_minor: Option<i64>,
    reversed_minor: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    capture_ids: Vec<Uuid>,
    capture_amounts_minor: Vec<i64>,
    reversed_ids: Vec<Uuid>,
    refunds: Vec<RefundRow>,
    disputes: Json<Vec<DisputeRow>>,
}

impl ChargeRow {
    /// The charge of rows that each hold the charge, its captures as arrays, and one refund or none. None when there
    /// are no rows.
    pub(crate) fn of(rows: &[PgRow]) -> Result<Option<Self>, sqlx::Error> {
        let Some(first) = rows.first() else { return Ok(None) };
        let refunds = rows.iter().map(RefundRow::beside).filter_map(Result::transpose);
        Ok(Some(Self {
            charge_id: get(first, "charge_id")?,
            version: get(first, "version")?,
            intent_id: get(first, "intent_id")?,
            merchant_account_id: get(first, "merchant_account_id")?,
            connector: get(first, "connector")?,
            gateway_reference: get(first, "gateway_reference")?,
            customer_id: get(first, "customer_id")?,
            order_id: get(first, "order_id")?,
            livemode: get(first, "livemode")?,
            currency: get(first, "currency")?,
            authorized_minor: get(first, "authorized_minor")?,
            captured_minor: get(first, "captured_minor")?,
            disputed_minor: get(first, "disputed_minor")?,
            refunded_minor: get(first, "refunded_minor")?,
            refunded_outside_minor: get(first, "refunded_outside_minor")?,
            reversed_minor: get(first, "reversed_minor")?,
            created_at: get(first, "created_at")?,
            updated_at: get(first, "updated_at")?,
            capture_ids: get(first, "capture_ids")?,
            capture_amounts_minor: get(first, "capture_amounts_minor")?,
            reversed_ids: get(first, "reversed_ids")?,
            refunds: refunds.collect::<Result<_, _>>()?,
            disputes: get(first, "disputes")?,
        }))
    }

    /// The aggregate.
    pub(crate) fn into_charge(self, tenant: &TenantId) -> Result<RefundableCharge, StoreError> {
        let place = Place { table: "refundable_charges", row: self.charge_id };
        let currency = place.currency("currency", &self.currency)?;
        let captures = self.capture_ids.into_iter().map(CaptureId::from_uuid);
        let amounts = self.capture_amounts_minor.into_iter().map(|minor| Money::new(minor, currency));
        let charge = RefundableCharge {
            tenant: tenant.clone(),
            id: ChargeId::from_uuid(self.charge_id),
            version: Version::new(self.version),
            intent_id: IntentId::from_uuid(self.intent_id),
            merchant_account_id: self.merchant_account_id,
            connector: self.connector,
            gateway_reference: self.gateway_reference,
            customer_id: self.customer_id,
            order_id: self.order_id,
            livemode: self.livemode,
            authorized: Money::new(self.authorized_minor, currency),
            captures: captures.zip(amounts).collect(),
            reversed: self.reversed_ids.into_iter().map(CaptureId::from_uuid).collect(),
            refunds: self.refunds.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            disputes: self.disputes.0.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        place.adds_up("captured_minor", self.captured_minor, charge.ever_captured())?;
        place.adds_up("reversed_minor", self.reversed_minor.unwrap_or(0), charge.taken_back())?;
        place.adds_up("refunded_minor", self.refunded_minor, charge.refunded_by_us())?;
        let outside = self.refunded_outside_minor.unwrap_or(0);
        place.adds_up("refunded_outside_minor", outside, charge.refunded_outside())?;
        place.adds_up("disputed_minor", self.disputed_minor, charge.disputed())?;
        Ok(charge)
    }
}

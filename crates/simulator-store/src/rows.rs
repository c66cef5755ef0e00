//! Stored rows, turned into what they mean. A row that breaks a law is told by table, column and key.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use tender_domain::kernel::{Currency, Money, StoreError, TenantId, Version};
use tender_domain::ports::{CallKind, Decline, DeclineCode};
use tender_domain::simulator::{
    BookTotals, BookedCallback, BookedOperation, BookedOutcome, BookedPayment, LateRefund,
};
use tender_postgres::read_error;

use crate::details::DetailsJson;

fn column<'r, T>(row: &'r PgRow, name: &'static str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(name).map_err(|error| read_error(&error))
}

/// A column that the row's outcome needs.
fn needed<'r, T>(row: &'r PgRow, name: &'static str, key: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let found: Option<T> = column(row, name)?;
    found.ok_or_else(|| StoreError::corrupt("operations", name, key, "missing for this outcome"))
}

fn parsed<T>(table: &'static str, name: &'static str, key: &str, text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.parse().map_err(|problem| StoreError::corrupt(table, name, key, problem))
}

pub(crate) fn operation(row: &PgRow, kind: CallKind) -> Result<BookedOperation, StoreError> {
    let reference: String = column(row, "reference")?;
    let key = format!("{} {reference}", kind.as_str());
    let tenant: &str = column(row, "tenant_id")?;
    let digest: Option<Vec<u8>> = column(row, "request_digest")?;
    let digest = digest.map(<[u8; 32]>::try_from).transpose();
    let digest =
        digest.map_err(|_| StoreError::corrupt("operations", "request_digest", &key, "not 32 bytes"))?;
    let visible_at: DateTime<Utc> = column(row, "visible_at")?;
    let details: Option<String> = column(row, "details")?;
    let details: Option<DetailsJson> = details
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|problem| StoreError::corrupt("operations", "details", &key, problem))?;
    let details = details.unwrap_or_default();
    Ok(BookedOperation {
        tenant: parsed::<TenantId>("operations", "tenant_id", &key, tenant)?,
        kind,
        request_digest: digest,
        outcome: outcome(row, &key)?,
        visible_at,
        sca: details.sca,
        session: details.session,
        return_url: details.return_url,
        embeds: details.embeds,
        late_refunds: details
            .late_refunds
            .map(|word| {
                let unknown = || StoreError::corrupt("operations", "details", &key, "no such late refund");
                LateRefund::find(&word).ok_or_else(unknown)
            })
            .transpose()?,
        reference,
    })
}

fn outcome(row: &PgRow, key: &str) -> Result<BookedOutcome, StoreError> {
    let amount = || -> Result<Money, StoreError> {
        let currency: &str = needed(row, "currency", key)?;
        Ok(Money::new(needed(row, "amount_minor", key)?, parsed("operations", "currency", key, currency)?))
    };
    let outcome: &str = column(row, "outcome")?;
    Ok(match outcome {
        "approved" => BookedOutcome::Approved {
            gateway_reference: needed(row, "gateway_reference", key)?,
            amount: amount()?,
            captured: needed(row, "captured", key)?,
        },
        "declined" => {
            let code: &str = needed(row, "decline_code", key)?;
            let unknown = || StoreError::corrupt("operations", "decline_code", key, format_args!("`{code}`"));
            BookedOutcome::Declined(Decline {
                code: DeclineCode::find(code).ok_or_else(unknown)?,
                network_code: column(row, "network_code")?,
                message: needed(row, "message", key)?,
                sca: None,
            })
        }
        "challenged" => BookedOutcome::Challenged {
            amount: amount()?,
            capture: needed(row, "captured", key)?,
            fails: needed(row, "challenge_fails", key)?,
        },
        "refused" => BookedOutcome::Refused(needed(row, "message", key)?),
        other => return Err(StoreError::corrupt("operations", "outcome", key, format_args!("`{other}`"))),
    })
}

pub(crate) fn payment(row: &PgRow) -> Result<BookedPayment, StoreError> {
    let gateway_reference: String = column(row, "gateway_reference")?;
    let tenant: &str = column(row, "tenant_id")?;
    let currency: &str = column(row, "currency")?;
    let currency: Currency = parsed("payments", "currency", &gateway_reference, currency)?;
    Ok(BookedPayment {
        tenant: parsed("payments", "tenant_id", &gateway_reference, tenant)?,
        reference: column(row, "reference")?,
        authorized: Money::new(column(row, "authorized_minor")?, currency),
        captured_minor: column(row, "captured_minor")?,
        refunded_minor: column(row, "refunded_minor")?,
        released: column(row, "released")?,
        version: Version::new(column(row, "version")?),
        gateway_reference,
    })
}

pub(crate) fn totals(row: &PgRow) -> Result<BookTotals, StoreError> {
    let currency: &str = column(row, "currency")?;
    let sum =
        |name| -> Result<i128, StoreError> { parsed("totals", name, currency, column::<&str>(row, name)?) };
    Ok(BookTotals {
        currency: parsed("totals", "currency", currency, currency)?,
        payments: column(row, "payments")?,
        authorized_minor: sum("authorized_minor")?,
        captured_minor: sum("captured_minor")?,
        refunded_minor: sum("refunded_minor")?,
    })
}

pub(crate) fn callback(row: &PgRow) -> Result<BookedCallback, StoreError> {
    let id: String = column(row, "callback_id")?;
    let tenant: &str = column(row, "tenant_id")?;
    let failures: i32 = column(row, "failures")?;
    Ok(BookedCallback {
        tenant: parsed("callbacks", "tenant_id", &id, tenant)?,
        event_id: column(row, "event_id")?,
        reference: column(row, "reference")?,
        body: column(row, "body")?,
        due_at: column(row, "due_at")?,
        failures: u32::try_from(failures)
            .map_err(|_| StoreError::corrupt("callbacks", "failures", &id, failures))?,
        delivered_at: column(row, "delivered_at")?,
        id,
    })
}

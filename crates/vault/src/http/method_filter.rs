//! Which methods a list shows, as clients ask for it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tender_domain::kernel::Timestamp;
use tender_domain::vault::{Card, MethodFilter, MethodFingerprint, MonthRange};
use tender_http::{CreatedRange, MetadataFilter, Problem};
use utoipa::{IntoParams, ToSchema};

use super::instrument::MethodType;

/// Where a method that can be listed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ListedStatus {
    /// Can be used.
    Active,
    /// Its card's last month is over.
    Expired,
}

/// Which methods a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct MethodListFilter {
    /// Of this customer.
    customer_id: Option<String>,
    /// Of this merchant account.
    merchant_account_id: Option<String>,
    /// Of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    method_type: Option<MethodType>,
    /// In this status.
    #[param(inline)]
    status: Option<ListedStatus>,
    /// Of cards whose last month is before this one, as `2027-03`: what expires soon, or has expired.
    expires_before: Option<String>,
    /// Of this card or account: the `fingerprint` of a method.
    fingerprint: Option<String>,
    /// Made in this range, as in `created[gte]=2026-01-01T00:00:00Z`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    created: CreatedRange,
    /// With this metadata, as in `metadata[nickname]=Personal Visa`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    metadata: MetadataFilter,
}

impl MethodListFilter {
    /// The filter at this instant.
    pub(super) fn at(self, now: Timestamp) -> Result<MethodFilter, Problem> {
        let (from, until) = range(self.created);
        let created = tender_domain::vault::CreatedRange { from, until };
        let good = Card::first_good_month(now);
        let mut last_month = match self.status {
            None => MonthRange::default(),
            Some(ListedStatus::Active) => MonthRange { from: Some(good), until: None, or_none: true },
            Some(ListedStatus::Expired) => MonthRange { from: None, until: Some(good), or_none: false },
        };
        if let Some(before) = self.expires_before.as_deref() {
            let before =
                month(before).ok_or_else(|| bad("expires_before", "must be a month as `2027-03`"))?;
            last_month.until = Some(last_month.until.map_or(before, |until| until.min(before)));
            last_month.or_none = false;
        }
        let fingerprint = self.fingerprint.as_deref().map(|text| {
            fingerprint(text).ok_or_else(|| bad("fingerprint", "must be the `fingerprint` of a method"))
        });
        Ok(MethodFilter {
            customer_id: self.customer_id,
            merchant_account_id: self.merchant_account_id,
            created,
            metadata: self.metadata.into_iter().collect(),
            method_type: self.method_type.map(Into::into),
            fingerprint: fingerprint.transpose()?,
            last_month,
        })
    }
}

fn bad(parameter: &str, why: &str) -> Problem {
    Problem::bad_request("invalid_parameter", format!("the query parameter `{parameter}` {why}"))
        .parameter(parameter, why)
}

/// `2027-03` as of [`Card::months`].
fn month(text: &str) -> Option<i32> {
    let (year, month) = text.split_once('-')?;
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(Card::months(year.parse().ok()?, month))
}

fn fingerprint(text: &str) -> Option<MethodFingerprint> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(MethodFingerprint(bytes))
}

/// At or after, and before.
pub(super) fn range(created: CreatedRange) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let tick = TimeDelta::microseconds(1);
    let CreatedRange { gt, gte, lt, lte } = created;
    let from = gte.max(gt.and_then(|instant| instant.checked_add_signed(tick)));
    (from, [lt, lte.and_then(|instant| instant.checked_add_signed(tick))].into_iter().flatten().min())
}

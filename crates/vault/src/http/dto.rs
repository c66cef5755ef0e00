//! What clients send and get.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Metadata, MethodId, Version};
use tender_domain::ports::CardData;
use tender_domain::vault::{BillingDetails, MethodFilter, PaymentMethod};
use tender_http::{CreatedRange, MetadataFilter, Problem};
use utoipa::{IntoParams, ToSchema};

use super::billing::BillingBody;
use crate::{ConsentGiven, CreateMethodRequest, MethodSource, UpdateMethodRequest};

/// The kind of a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MethodType {
    /// A payment card.
    Card,
    /// Not available yet.
    BankAccount,
    /// Not available yet.
    ApplePay,
    /// Not available yet.
    GooglePay,
    /// Not available yet.
    Paypal,
    /// Not available yet.
    SepaDebit,
}

/// A card's data. Tokenised in memory and dropped; never kept, logged or shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CardBody {
    /// The card number; spaces and dashes are allowed.
    #[schema(value_type = String, example = "4242 4242 4242 4242", write_only)]
    number: SecretString,
    /// Month of expiry, 1 to 12.
    #[schema(example = 12)]
    exp_month: u8,
    /// Year of expiry, four digits.
    #[schema(example = 2030)]
    exp_year: u16,
    /// The verification code; serves this one tokenisation.
    #[schema(value_type = Option<String>, example = "123", write_only)]
    cvc: Option<SecretString>,
    /// The name on the card.
    holder_name: Option<String>,
}

/// The customer's consent that the method is kept on file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentBody {
    /// Must be true: leave `consent` out when it was not given.
    #[schema(example = true)]
    given: bool,
    /// Which version of the text the customer agreed to.
    #[schema(example = "2026-01")]
    text_version: String,
    /// When; now, if left out.
    at: Option<DateTime<Utc>>,
}

/// Saves a payment method: of a `token` that a gateway gave the client, or of a `card`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateMethodBody {
    /// Which kind. Only `card` is available now; the others are a 422 `method_type_not_available`.
    #[serde(rename = "type")]
    method_type: MethodType,
    /// The customer it belongs to.
    #[schema(example = "cust_123")]
    customer_id: Option<String>,
    /// A token of a gateway; not together with `card`.
    #[schema(value_type = Option<String>, example = "tok_visa", write_only)]
    token: Option<SecretString>,
    /// Card data; not together with `token`.
    card: Option<CardBody>,
    /// What to keep with it.
    #[schema(example = json!({ "nickname": "Personal Visa" }))]
    metadata: Option<BTreeMap<String, String>>,
    /// The customer's consent. Required with `customer_id` and `card`.
    consent: Option<ConsentBody>,
    /// Whether it is to be the customer's default.
    #[serde(default)]
    is_default: bool,
    /// Where bills go.
    billing_details: Option<BillingBody>,
}

/// Changes a payment method. What is left out stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateMethodBody {
    /// Laid over the metadata; an empty value removes its key.
    metadata: Option<BTreeMap<String, String>>,
    /// Whether it is to be the customer's default.
    is_default: Option<bool>,
    /// In place of the billing details.
    billing_details: Option<BillingBody>,
    /// The version that the client has read; or send `If-Match`.
    #[schema(value_type = Option<i64>)]
    pub(super) version: Option<Version>,
}

/// Gives a payment method to a customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachMethodBody {
    /// Which method.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) payment_method_id: String,
    /// To whom.
    #[schema(example = "cust_123")]
    pub(super) customer_id: String,
}

/// Which methods a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct MethodListFilter {
    /// Of this customer.
    customer_id: Option<String>,
    /// Made in this range, as in `created[gte]=2026-01-01T00:00:00Z`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    created: CreatedRange,
    /// With this metadata, as in `metadata[nickname]=Personal Visa`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    metadata: MetadataFilter,
}

/// A saved payment method. Never a card number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MethodResource {
    /// Its id.
    #[schema(value_type = String, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) id: MethodId,
    /// Always `payment_method`.
    #[schema(value_type = String, example = "payment_method")]
    object: &'static str,
    /// Its id again.
    #[schema(value_type = String, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: MethodId,
    /// Which kind.
    #[serde(rename = "type")]
    method_type: MethodType,
    /// `active`, or `deleted` in the answer of the request that deleted it.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// The card's scheme.
    #[schema(example = "VISA")]
    brand: String,
    /// The card's last four digits.
    #[schema(example = "4242")]
    last4: String,
    /// Month of expiry, 1 to 12.
    #[schema(example = 12)]
    exp_month: u8,
    /// Year of expiry, four digits.
    #[schema(example = 2030)]
    exp_year: u16,
    /// The customer it belongs to; null until it is attached.
    customer_id: Option<String>,
    /// What the client keeps with it.
    metadata: BTreeMap<String, String>,
    /// Whether it is its customer's default.
    is_default: bool,
    /// Equal for the same card of the same tenant.
    fingerprint: String,
    /// The customer's consent.
    consent: Option<ConsentResource>,
    /// Where bills go.
    billing_details: Option<BillingBody>,
    /// Who keeps it.
    #[schema(value_type = String, example = "our_vault")]
    vault_provider: &'static str,
    /// Whether it is for live money.
    livemode: bool,
    /// How often it was changed; the `ETag`.
    #[schema(value_type = i64, example = 1)]
    version: Version,
    /// When it was saved.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<DateTime<Utc>>,
}

/// A consent that was given.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ConsentResource {
    /// Always true.
    given: bool,
    /// Which version of the text the customer agreed to.
    text_version: String,
    /// When.
    at: DateTime<Utc>,
}

impl From<&PaymentMethod> for MethodResource {
    fn from(method: &PaymentMethod) -> Self {
        let consent = method.consent.as_ref().map(|consent| ConsentResource {
            given: true,
            text_version: consent.text_version.clone(),
            at: consent.at,
        });
        Self {
            id: method.id,
            object: "payment_method",
            payment_method_id: method.id,
            method_type: MethodType::Card,
            status: method.status().as_str(),
            brand: method.card.brand.clone(),
            last4: method.card.last4.clone(),
            exp_month: method.card.exp_month,
            exp_year: method.card.exp_year,
            customer_id: method.customer_id.clone(),
            metadata: method.metadata.entries().clone(),
            is_default: method.is_default(),
            fingerprint: method.fingerprint.to_string(),
            consent,
            billing_details: method.billing.clone().map(BillingBody::from),
            vault_provider: "our_vault",
            livemode: method.livemode,
            version: method.version,
            created_at: method.created_at,
            updated_at: method.updated_at,
            deleted_at: method.deleted_at(),
        }
    }
}

/// 201 with the method.
pub(super) fn created(method: &PaymentMethod) -> Answer {
    tender_http::keep(201, &MethodResource::from(method))
}

/// 200 with the method.
pub(super) fn shown(method: &PaymentMethod) -> Answer {
    tender_http::keep(200, &MethodResource::from(method))
}

impl TryFrom<CreateMethodBody> for CreateMethodRequest {
    type Error = Problem;

    fn try_from(body: CreateMethodBody) -> Result<Self, Problem> {
        if body.method_type != MethodType::Card {
            let detail = "only methods of type `card` can be saved now";
            return Err(
                Problem::unprocessable("method_type_not_available", detail).pointer("/type", "not available")
            );
        }
        let source = match (body.token, body.card) {
            (Some(token), None) => MethodSource::Token(token),
            (None, Some(card)) => MethodSource::Card(card.into()),
            _ => {
                let detail = "send either `token` or `card`";
                return Err(Problem::unprocessable("method_source_required", detail));
            }
        };
        Ok(Self {
            source,
            customer_id: body.customer_id,
            metadata: Metadata::new(body.metadata.unwrap_or_default()).map_err(crate::VaultError::from)?,
            consent: body.consent.map(ConsentGiven::try_from).transpose()?,
            billing: body.billing_details.map(BillingDetails::from),
            is_default: body.is_default,
        })
    }
}

impl TryFrom<ConsentBody> for ConsentGiven {
    type Error = Problem;

    fn try_from(body: ConsentBody) -> Result<Self, Problem> {
        if !body.given {
            let detail = "`consent.given` must be true; leave `consent` out when it was not given";
            return Err(
                Problem::unprocessable("invalid_consent", detail).pointer("/consent/given", "must be true")
            );
        }
        Ok(Self { text_version: body.text_version, at: body.at })
    }
}

impl From<CardBody> for CardData {
    fn from(body: CardBody) -> Self {
        Self {
            number: bare_digits(&body.number),
            exp_month: body.exp_month,
            exp_year: body.exp_year,
            cvc: body.cvc,
            holder_name: body.holder_name,
        }
    }
}

/// The number without the spaces and dashes that people write in it. Written into a buffer that never grows, and which
/// the secret takes over.
pub(super) fn bare_digits(number: &SecretString) -> SecretString {
    let mut digits = String::with_capacity(number.expose_secret().len());
    digits.extend(number.expose_secret().chars().filter(|c| !matches!(c, ' ' | '-')));
    digits.into()
}

impl From<UpdateMethodBody> for UpdateMethodRequest {
    fn from(body: UpdateMethodBody) -> Self {
        Self {
            metadata: body.metadata,
            billing: body.billing_details.map(BillingDetails::from),
            is_default: body.is_default,
        }
    }
}

/// At or after, and before.
pub(super) fn range(created: CreatedRange) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let tick = chrono::TimeDelta::microseconds(1);
    let CreatedRange { gt, gte, lt, lte } = created;
    let from = gte.max(gt.and_then(|instant| instant.checked_add_signed(tick)));
    (from, [lt, lte.and_then(|instant| instant.checked_add_signed(tick))].into_iter().flatten().min())
}

impl From<MethodListFilter> for MethodFilter {
    fn from(filter: MethodListFilter) -> Self {
        let (from, until) = range(filter.created);
        let created = tender_domain::vault::CreatedRange { from, until };
        Self { customer_id: filter.customer_id, created, metadata: filter.metadata.into_iter().collect() }
    }
}

//! What clients send and get.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Metadata, MethodId, Timestamp, Version};
use tender_domain::ports::CardData;
use tender_domain::vault::{BillingDetails, PaymentMethod};
use tender_http::Problem;
use utoipa::ToSchema;

use super::billing::BillingBody;
use super::instrument::{BankAccountBody, BankAccountResource, MandateBody, MandateResource, MethodType};
use super::verification::VerificationResource;
use crate::{ConsentGiven, CreateMethodRequest, MandateGiven, MethodSource, UpdateMethodRequest};

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

/// Saves a payment method: of a `token` that a gateway gave the client, of a `card`, or of a `bank_account`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateMethodBody {
    /// Which kind. One that no connector takes is a 422 `method_type_not_available`.
    #[serde(rename = "type")]
    method_type: MethodType,
    /// The customer it belongs to.
    #[schema(example = "cust_123")]
    customer_id: Option<String>,
    /// The merchant account that alone may charge it; each of yours may when it is left out.
    #[schema(example = "ma_1")]
    merchant_account_id: Option<String>,
    /// A token of a gateway; not together with `card` or `bank_account`.
    #[schema(value_type = Option<String>, example = "tok_visa", write_only)]
    token: Option<SecretString>,
    /// Card data, of type `card`; not together with `token`.
    card: Option<CardBody>,
    /// Data of a bank account, of type `bank_account` or `sepa_debit`; not together with `token`.
    bank_account: Option<BankAccountBody>,
    /// On what it is debited. Required with `sepa_debit`, and of no other type.
    mandate: Option<MandateBody>,
    /// What to keep with it.
    #[schema(example = json!({ "nickname": "Personal Visa" }))]
    metadata: Option<BTreeMap<String, String>>,
    /// The customer's consent. Required with `customer_id` and `card` or `bank_account`; a mandate is one.
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
    /// A consent that the customer gave since; in place of the one before.
    consent: Option<ConsentBody>,
    /// The version that the client has read; or send `If-Match`.
    #[schema(value_type = Option<i64>)]
    pub(super) version: Option<Version>,
}

/// Gives a payment method to a customer, to a merchant account, or to both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachMethodBody {
    /// Which method.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) payment_method_id: String,
    /// To which customer.
    #[schema(example = "cust_123")]
    pub(super) customer_id: Option<String>,
    /// To which merchant account; no other may charge it from then on. Never said by a publishable key.
    #[schema(example = "ma_1")]
    pub(super) merchant_account_id: Option<String>,
    /// The customer's consent. Required where it has none yet and was made of card or bank account data, or a publishable
    /// key asks.
    pub(super) consent: Option<ConsentBody>,
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
    /// `active`, `expired` when the card's last month is over, or `deleted` in the answer of the request that deleted it.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// The card's scheme; of cards, also in a wallet.
    #[schema(example = "VISA")]
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    /// The last four characters of the card's or account's number; absent for `paypal`.
    #[schema(example = "4242")]
    #[serde(skip_serializing_if = "Option::is_none")]
    last4: Option<String>,
    /// Month of expiry, 1 to 12.
    #[schema(example = 12)]
    #[serde(skip_serializing_if = "Option::is_none")]
    exp_month: Option<u8>,
    /// Year of expiry, four digits.
    #[schema(example = 2030)]
    #[serde(skip_serializing_if = "Option::is_none")]
    exp_year: Option<u16>,
    /// The bank account; of `bank_account` and `sepa_debit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_account: Option<BankAccountResource>,
    /// The PayPal account's address, masked; of `paypal`, when the gateway tells it.
    #[schema(example = "b***@example.com")]
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// On what it is debited; of `sepa_debit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    mandate: Option<MandateResource>,
    /// The customer it belongs to; null until it is attached.
    customer_id: Option<String>,
    /// The merchant account that alone may charge it; null while each of yours may.
    merchant_account_id: Option<String>,
    /// What the client keeps with it.
    metadata: BTreeMap<String, String>,
    /// Whether it is its customer's default.
    is_default: bool,
    /// Equal for the same card or account of the same tenant and type.
    fingerprint: String,
    /// The method of the same card or account that the customer had already when it was saved or attached.
    #[schema(value_type = Option<String>, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<MethodId>,
    /// Whether it is verified.
    verification: VerificationResource,
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

impl MethodResource {
    /// The method as it is at this instant.
    pub(super) fn of(method: &PaymentMethod, now: Timestamp) -> Self {
        let consent = method.consent.as_ref().map(|consent| ConsentResource {
            given: true,
            text_version: consent.text_version.clone(),
            at: consent.at,
        });
        let (card, account) = (method.details.card(), method.details.bank_account());
        let expired = method.has_expired(now);
        Self {
            id: method.id,
            object: "payment_method",
            payment_method_id: method.id,
            method_type: method.details.method_type().into(),
            status: if expired { "expired" } else { method.status().as_str() },
            brand: card.map(|card| card.brand.clone()),
            last4: method.details.last4().map(str::to_owned),
            exp_month: card.map(|card| card.exp_month),
            exp_year: card.map(|card| card.exp_year),
            bank_account: account.map(BankAccountResource::from),
            email: method.details.paypal().and_then(|paypal| paypal.email()).map(str::to_owned),
            mandate: method.mandate.as_ref().map(MandateResource::from),
            duplicate_of: method.duplicate_of,
            customer_id: method.customer_id.clone(),
            merchant_account_id: method.merchant_account_id.clone(),
            metadata: method.metadata.entries().clone(),
            is_default: method.is_default(),
            fingerprint: method.fingerprint.to_string(),
            verification: VerificationResource::of(method),
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
pub(super) fn created(method: &PaymentMethod, now: Timestamp) -> Answer {
    tender_http::keep(201, &MethodResource::of(method, now))
}

/// 200 with the method.
pub(super) fn shown(method: &PaymentMethod, now: Timestamp) -> Answer {
    tender_http::keep(200, &MethodResource::of(method, now))
}

impl TryFrom<CreateMethodBody> for CreateMethodRequest {
    type Error = Problem;

    fn try_from(body: CreateMethodBody) -> Result<Self, Problem> {
        let source = source(body.method_type, body.token, body.card, body.bank_account)?;
        Ok(Self {
            method_type: body.method_type.into(),
            source,
            mandate: body.mandate.map(MandateGiven::from),
            customer_id: body.customer_id,
            merchant_account_id: body.merchant_account_id,
            metadata: Metadata::new(body.metadata.unwrap_or_default()).map_err(crate::VaultError::from)?,
            consent: body.consent.map(ConsentGiven::try_from).transpose()?,
            billing: body.billing_details.map(BillingDetails::from),
            is_default: body.is_default,
        })
    }
}

/// What a method of the type may be made of.
fn source(
    method_type: MethodType,
    token: Option<SecretString>,
    card: Option<CardBody>,
    account: Option<BankAccountBody>,
) -> Result<MethodSource, Problem> {
    let is_account = matches!(method_type, MethodType::BankAccount | MethodType::SepaDebit);
    match (token, card, account) {
        (Some(token), None, None) => Ok(MethodSource::Token(token)),
        (None, Some(card), None) if method_type == MethodType::Card => Ok(MethodSource::Card(card.into())),
        (None, None, Some(account)) if is_account => Ok(MethodSource::BankAccount(account.try_into()?)),
        _ => {
            let detail = match method_type {
                MethodType::Card => "send either `token` or `card`",
                MethodType::BankAccount | MethodType::SepaDebit => "send either `token` or `bank_account`",
                MethodType::ApplePay | MethodType::GooglePay | MethodType::Paypal => {
                    "send the `token` that a gateway gave for it"
                }
            };
            Err(Problem::unprocessable("method_source_required", detail))
        }
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

impl TryFrom<UpdateMethodBody> for UpdateMethodRequest {
    type Error = Problem;

    fn try_from(body: UpdateMethodBody) -> Result<Self, Problem> {
        Ok(Self {
            metadata: body.metadata,
            billing: body.billing_details.map(BillingDetails::from),
            is_default: body.is_default,
            consent: body.consent.map(ConsentGiven::try_from).transpose()?,
        })
    }
}

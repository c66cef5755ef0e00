//! What clients ask: bodies and queries, and the way to commands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{
    CaptureMode, Channel, Instrument, IntentFilter, IntentStatus, MethodSummary, PaymentOptions,
};
use tender_domain::kernel::{
    Currency, InvalidMetadata, Limits, Metadata, MethodId, Money, Timestamp, Version, find_card_number,
};
use tender_http::{CreatedRange, MetadataFilter, Problem};
use utoipa::{IntoParams, ToSchema};

use super::capture_request::{CaptureModeWord, MethodOptions, capture_delay, capture_mode};
use super::expand::OfIntent;
use super::fraud::DeviceBody;
use super::payer_body::{ContactBody, told};
use super::strong_body::{SetupWord, options};
use crate::use_cases::CreateIntent;

/// The merchant account of a tenant that names none.
pub(crate) const DEFAULT_MERCHANT_ACCOUNT: &str = "ma_default";
const STATEMENT_DESCRIPTOR_CHARS: usize = 22;

/// What is to be paid.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreatePaymentIntent)]
pub(super) struct CreateIntentBody {
    /// Stands in for the header `Idempotency-Key`.
    pub(super) request_id: Option<String>,
    /// In minor units.
    #[schema(minimum = 1, example = 5194)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "GBP")]
    currency: String,
    /// The customer who pays.
    #[schema(example = "cust_1")]
    pub(super) customer_id: Option<String>,
    /// The saved method to charge; now or later by `attach-method`.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<String>,
    /// Whether the money is taken by us or by `capture`; the tenant's
    /// `default_capture_mode` when it is not there.
    capture_mode: Option<CaptureModeWord>,
    /// How long after its authorization the money is taken, in mode `auto`; with it when it is not there. Until then it
    /// is held (`authorized`), and can be captured earlier or canceled.
    #[schema(minimum = 1, maximum = 518_400)]
    capture_delay_seconds: Option<u32>,
    /// What it is for.
    #[schema(example = "Order ord_123")]
    description: Option<String>,
    /// What you keep beside it: at most 50 keys, values of at most 500 characters.
    metadata: Option<BTreeMap<String, String>>,
    /// Says for cards what `capture_mode` says; both must agree.
    payment_method_options: Option<MethodOptions>,
    /// The merchant account that it is for.
    #[schema(example = "ma_1")]
    merchant_account_id: Option<String>,
    /// Whether to confirm it in the same call.
    #[serde(default)]
    confirm: bool,
    /// Whether the customer is away, so that no challenge can be met; with `confirm` only, and on a `mandate`. Never said by
    /// the customer.
    #[serde(default)]
    pub(super) off_session: bool,
    /// What the cardholder reads on the statement, at most 22 characters.
    statement_descriptor: Option<String>,
    /// Begins a mandate with this payment: the saved method can then be charged without the customer. The mandate is in
    /// `mandate` once it is paid.
    setup_future_usage: Option<SetupWord>,
    /// The mandate that an `off_session` payment is made on.
    #[schema(example = "mdt_01h2xcejqtf2nbrexx3vqjhp41")]
    mandate: Option<String>,
    /// Where the customer's browser comes back to after a challenge: `https`, or `http` for a developer's machine.
    #[schema(example = "https://shop.example/return")]
    return_url: Option<String>,
    /// The order behind it.
    order_ref: Option<String>,
    /// When it can no longer be confirmed.
    expires_at: Option<DateTime<Utc>>,
    /// The customer's device, for the fraud rules and for authentication.
    device: Option<DeviceBody>,
    /// Whom the bill is for.
    billing_details: Option<ContactBody>,
    /// Where what is bought goes.
    shipping: Option<ContactBody>,
}

/// A confirmation.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmPaymentIntent)]
pub(super) struct ConfirmBody {
    /// A saved method to attach first.
    pub(super) payment_method_id: Option<String>,
    /// Whether the customer is away, so that no challenge can be met; the intent needs a `mandate`. Never said by the customer.
    #[serde(default)]
    pub(super) off_session: bool,
    /// The customer's device, for the fraud rules and for authentication.
    pub(super) device: Option<DeviceBody>,
    /// Whom the bill is for; in the place of what was told before.
    pub(super) billing_details: Option<ContactBody>,
    /// Where what is bought goes; in the place of what was told before.
    pub(super) shipping: Option<ContactBody>,
    /// The version you have seen; instead of `If-Match`.
    pub(super) version: Option<i64>,
}

/// A method for an intent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AttachMethodToIntent)]
pub(super) struct AttachMethodBody {
    /// The saved method.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) payment_method_id: String,
    /// The version you have seen; instead of `If-Match`.
    pub(super) version: Option<i64>,
}

/// What a challenge ended with.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompleteChallenge)]
pub(super) struct CompleteChallengeBody {
    /// As the challenge's page handed it over; at the simulator `success` or `fail`.
    #[schema(example = "success")]
    pub(super) result: String,
}

/// A capture.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CapturePaymentIntent)]
pub(super) struct CaptureIntentBody {
    /// In minor units; all that is left when it is not there.
    #[schema(minimum = 1)]
    pub(super) amount: Option<i64>,
    /// Whether what it leaves is let go; `true` when it is not there.
    pub(super) final_capture: Option<bool>,
    /// The version you have seen; instead of `If-Match`.
    pub(super) version: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentIntentStatus)]
enum StatusWord {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    Authorized,
    RequiresCapture,
    Succeeded,
    Canceled,
    Failed,
}

/// Which intents.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct IntentQuery {
    /// Those that stand so.
    #[param(inline)]
    status: Option<StatusWord>,
    /// Those of a customer.
    customer_id: Option<String>,
    /// Those for an order.
    order_ref: Option<String>,
    /// Those created then: `created[gte]`, `created[lt]`, `created[gt]`, `created[lte]`, RFC 3339 instants.
    #[param(inline, style = DeepObject, explode)]
    created: Option<CreatedRange>,
    /// Those with these entries: `metadata[key]=value`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    #[serde(default)]
    metadata: MetadataFilter,
    /// What is opened of each.
    #[param(ignore)]
    #[serde(default)]
    expand: Vec<OfIntent>,
}

impl CreateIntentBody {
    /// With what is seen of who pays in the place of what the client says of it.
    pub(super) fn see(&mut self, seen: &RiskSignals) {
        if seen.ip.is_some() || seen.user_agent.is_some() {
            self.device.get_or_insert_default().see(seen);
        }
    }

    /// The command, checked. `default` is how an intent that says nothing is captured.
    pub(super) fn into_command(self, default: CaptureMode) -> Result<CreateIntent, Problem> {
        let currency: Currency =
            self.currency.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
                Problem::bad_request("unknown_currency", error.to_string())
                    .pointer("/currency", "must be an ISO 4217 code")
            })?;
        let amount = Money::positive(self.amount, currency).map_err(|error| {
            Problem::bad_request("invalid_amount", error.to_string())
                .pointer("/amount", format!("must be from 1 to {}", Money::MAX_MINOR))
        })?;
        let capture_mode =
            capture_mode(self.capture_mode, self.payment_method_options.as_ref())?.unwrap_or(default);
        let card = self.payment_method_options.as_ref().and_then(|options| options.card.as_ref());
        let (signals, payer) = told(self.device, self.billing_details, self.shipping)?;
        let options = options(
            card.map(|card| (card.request_three_d_secure, card.challenge_form)).unwrap_or_default(),
            self.setup_future_usage,
            self.mandate.as_deref(),
            self.return_url.clone(),
        )?;
        let capture_delay_seconds = capture_delay(self.capture_delay_seconds, capture_mode)?;
        let instrument = self.payment_method_id.as_deref().map(method_id).transpose()?;
        Ok(CreateIntent {
            amount,
            customer_id: reference("/customer_id", self.customer_id)?,
            merchant_account_id: reference("/merchant_account_id", self.merchant_account_id)?
                .unwrap_or_else(|| DEFAULT_MERCHANT_ACCOUNT.to_owned()),
            instrument: instrument.map(Instrument::Saved),
            method: MethodSummary::default(),
            capture_mode,
            capture_delay_seconds,
            description: text("/description", self.description, Limits::TEXT_CHARS)?,
            statement_descriptor: text(
                "/statement_descriptor",
                self.statement_descriptor,
                STATEMENT_DESCRIPTOR_CHARS,
            )?,
            order_ref: reference("/order_ref", self.order_ref)?,
            reservation_ref: None,
            metadata: Metadata::new(self.metadata.unwrap_or_default()).map_err(|why| bad_metadata(&why))?,
            expires_at: self.expires_at,
            off_session: self.off_session,
            options: PaymentOptions { payer, ..options },
            signals,
            channel: Channel::Core,
            confirm: self.confirm,
            max_attempts: None,
            claims_order: false,
            link: None,
            storefront: None,
        })
    }
}

/// From when on, and before when.
pub(super) fn bounds(range: Option<CreatedRange>) -> (Option<Timestamp>, Option<Timestamp>) {
    // What is stored has microseconds: later than an instant is from the next one on.
    let next = |at: Timestamp| at + chrono::Duration::microseconds(1);
    let range = range.unwrap_or_default();
    let from = range.gte.into_iter().chain(range.gt.map(next)).max();
    (from, range.lt.into_iter().chain(range.lte.map(next)).min())
}

impl IntentQuery {
    /// Which intents, and what is opened of each.
    pub(super) fn into_parts(self) -> (IntentFilter, Vec<OfIntent>) {
        let (created_from, created_to) = bounds(self.created);
        let filter = IntentFilter {
            customer_id: self.customer_id,
            status: self.status.map(IntentStatus::from),
            order_ref: self.order_ref,
            created_from,
            created_to,
            metadata: self.metadata,
            ..IntentFilter::default()
        };
        (filter, self.expand)
    }
}

impl From<StatusWord> for IntentStatus {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::RequiresPaymentMethod => Self::RequiresPaymentMethod,
            StatusWord::RequiresConfirmation => Self::RequiresConfirmation,
            StatusWord::RequiresAction => Self::RequiresAction,
            StatusWord::Processing => Self::Processing,
            StatusWord::Authorized => Self::Authorized,
            StatusWord::RequiresCapture => Self::RequiresCapture,
            StatusWord::Succeeded => Self::Succeeded,
            StatusWord::Canceled => Self::Canceled,
            StatusWord::Failed => Self::Failed,
        }
    }
}

/// The id of a saved method.
pub(super) fn method_id(text: &str) -> Result<MethodId, Problem> {
    text.parse().map_err(|error: tender_domain::kernel::ParseIdError| {
        Problem::bad_request("invalid_id", error.to_string())
            .pointer("/payment_method_id", "must be an id of the form pm_…")
    })
}

/// A version that the body names.
pub(crate) fn version(number: Option<i64>) -> Option<Version> {
    number.map(Version::new)
}

/// A reference that the client makes up.
pub(crate) fn reference(pointer: &str, given: Option<String>) -> Result<Option<String>, Problem> {
    if given.as_ref().is_some_and(String::is_empty) {
        let detail = "a reference must not be empty; leave it out instead";
        return Err(Problem::bad_request("invalid_reference", detail).pointer(pointer, "must not be empty"));
    }
    // References become names elsewhere: of a merchant account, the ledger's account.
    if given.as_ref().is_some_and(|text| text.chars().any(char::is_control)) {
        let detail = "a reference must not hold control characters, such as a line's end";
        return Err(
            Problem::bad_request("invalid_reference", detail).pointer(pointer, "holds a control character")
        );
    }
    text(pointer, given, Limits::REFERENCE_CHARS)
}

/// Free text of the client: bounded, and never a card number.
pub(crate) fn text(
    pointer: &str,
    given: Option<String>,
    chars_max: usize,
) -> Result<Option<String>, Problem> {
    let Some(text) = given else { return Ok(None) };
    if text.chars().count() > chars_max {
        let detail = format!("the text is longer than {chars_max} characters");
        return Err(Problem::bad_request("text_too_long", &detail).pointer(pointer, &detail));
    }
    if text.contains('\0') {
        return Err(Problem::bad_request("invalid_text", "text must not hold the character U+0000")
            .pointer(pointer, "holds U+0000"));
    }
    find_card_number(&text).map_err(|error| {
        Problem::unprocessable("card_number_detected", error.to_string())
            .pointer(pointer, "must not hold a card number")
    })?;
    Ok(Some(text))
}

pub(super) fn bad_metadata(why: &InvalidMetadata) -> Problem {
    let detail = why.to_string();
    match why {
        InvalidMetadata::CardNumber(_) => Problem::unprocessable("card_number_detected", detail)
            .pointer("/metadata", "must not hold a card number"),
        _ => Problem::bad_request("invalid_metadata", &detail).pointer("/metadata", &detail),
    }
}

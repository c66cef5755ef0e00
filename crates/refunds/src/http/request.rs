//! What clients ask: bodies and queries, and the way to commands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{ChargeId, Currency, Id, IdKind, IntentId, InvalidMetadata, Metadata, Timestamp};
use tender_domain::refunds::{CreatedRange, RefundFilter, RefundMethod, RefundReason, RefundStatus};
use tender_http::{MetadataFilter, Problem};
use utoipa::{IntoParams, ToSchema};

use crate::{CreateRefund, NamedCharge};

/// What to refund. Names the charge by `charge_id`, by `payment_intent_id`, or by both, which must belong together.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateRefund)]
pub(super) struct CreateRefundBody {
    /// The intent whose charge is refunded.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent_id: Option<String>,
    /// The charge.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    #[serde(skip_serializing_if = "Option::is_none")]
    charge_id: Option<String>,
    /// In minor units; all that is left when it is not there.
    #[schema(minimum = 1, example = 5194)]
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// The charge's currency; another one is refused. May be left out.
    #[schema(example = "GBP")]
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// Why; `other` when it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonWord>,
    /// How; `original_payment_method` when it is not there. `store_credit` is kept for the charge's customer, who must be
    /// known; no gateway is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_method: Option<MethodWord>,
    /// What you keep beside it: at most 50 keys, values of at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundReason)]
enum ReasonWord {
    CustomerRequest,
    ProductReturn,
    Fraud,
    Other,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundMethod)]
enum MethodWord {
    OriginalPaymentMethod,
    StoreCredit,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundStatus)]
enum StatusWord {
    Pending,
    Processing,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

/// Which refunds.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RefundQuery {
    /// Those that stand so.
    #[param(inline)]
    status: Option<StatusWord>,
    /// Those of an intent.
    #[param(value_type = Option<String>)]
    payment_intent_id: Option<IntentId>,
    /// Those of a charge.
    #[param(value_type = Option<String>)]
    charge_id: Option<ChargeId>,
    /// Those of a customer.
    customer_id: Option<String>,
    /// Those created then: `created[gte]`, `created[lt]`, `created[gt]`, `created[lte]`, RFC 3339 instants.
    #[param(inline, style = DeepObject, explode)]
    created: Option<tender_http::CreatedRange>,
    /// Those with these entries: `metadata[key]=value`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    #[serde(default)]
    metadata: MetadataFilter,
}

impl TryFrom<CreateRefundBody> for CreateRefund {
    type Error = Problem;

    fn try_from(body: CreateRefundBody) -> Result<Self, Problem> {
        let charge = named_charge(body.charge_id.as_deref(), body.payment_intent_id.as_deref())?;
        Ok(Self {
            charge,
            amount: body.amount,
            currency: body.currency.as_deref().map(currency).transpose()?,
            reason: body.reason.map_or(RefundReason::Other, RefundReason::from),
            method: body.refund_method.map_or(RefundMethod::OriginalPaymentMethod, RefundMethod::from),
            metadata: Metadata::new(body.metadata.unwrap_or_default()).map_err(|why| bad_metadata(&why))?,
            ignores_window: false,
        })
    }
}

/// The charge that a body names, by itself, by its intent, or by both.
pub(super) fn named_charge(charge: Option<&str>, intent: Option<&str>) -> Result<NamedCharge, Problem> {
    let intent = intent.map(|id| id_at("/payment_intent_id", id)).transpose()?;
    let charge = charge.map(|id| id_at("/charge_id", id)).transpose()?;
    match (charge, intent) {
        (Some(charge), Some(intent)) => Ok(NamedCharge::Both { charge, intent }),
        (Some(charge), None) => Ok(NamedCharge::Charge(charge)),
        (None, Some(intent)) => Ok(NamedCharge::Intent(intent)),
        (None, None) => {
            let detail = "name the charge: `payment_intent_id`, `charge_id`, or both";
            Err(Problem::bad_request("charge_required", detail)
                .pointer("/payment_intent_id", "required without charge_id"))
        }
    }
}

fn id_at<K: IdKind>(pointer: &str, text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|error: tender_domain::kernel::ParseIdError| {
        Problem::bad_request("invalid_id", error.to_string())
            .pointer(pointer, format!("must be an id of the form {}_…", error.prefix))
    })
}

pub(super) fn currency(code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
        Problem::bad_request("unknown_currency", error.to_string())
            .pointer("/currency", "must be an ISO 4217 code")
    })
}

fn bad_metadata(why: &InvalidMetadata) -> Problem {
    let detail = why.to_string();
    match why {
        InvalidMetadata::CardNumber(_) => Problem::unprocessable("card_number_detected", detail)
            .pointer("/metadata", "must not hold a card number"),
        _ => Problem::bad_request("invalid_metadata", &detail).pointer("/metadata", &detail),
    }
}

impl From<RefundQuery> for RefundFilter {
    fn from(query: RefundQuery) -> Self {
        Self {
            status: query.status.map(RefundStatus::from),
            intent_id: query.payment_intent_id,
            charge_id: query.charge_id,
            customer_id: query.customer_id,
            created: query.created.as_ref().map_or_else(CreatedRange::default, created),
            metadata: query.metadata,
        }
    }
}

/// What is stored has microseconds: later than an instant is from the next one on.
pub(super) fn created(range: &tender_http::CreatedRange) -> CreatedRange {
    let next = |at: Timestamp| at + chrono::Duration::microseconds(1);
    CreatedRange {
        from: range.gte.into_iter().chain(range.gt.map(next)).max(),
        until: range.lt.into_iter().chain(range.lte.map(next)).min(),
    }
}

impl From<ReasonWord> for RefundReason {
    fn from(word: ReasonWord) -> Self {
        match word {
            ReasonWord::CustomerRequest => Self::CustomerRequest,
            ReasonWord::ProductReturn => Self::ProductReturn,
            ReasonWord::Fraud => Self::Fraud,
            ReasonWord::Other => Self::Other,
        }
    }
}

impl From<MethodWord> for RefundMethod {
    fn from(word: MethodWord) -> Self {
        match word {
            MethodWord::OriginalPaymentMethod => Self::OriginalPaymentMethod,
            MethodWord::StoreCredit => Self::StoreCredit,
        }
    }
}

impl From<StatusWord> for RefundStatus {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::Pending => Self::Pending,
            StatusWord::Processing => Self::Processing,
            StatusWord::RequiresAction => Self::RequiresAction,
            StatusWord::Succeeded => Self::Succeeded,
            StatusWord::Failed => Self::Failed,
            StatusWord::Canceled => Self::Canceled,
        }
    }
}

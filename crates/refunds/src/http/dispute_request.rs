//! What clients ask about disputes: bodies and queries, and the way to commands.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::disputes::{
    CardNetwork, DisputeFilter, DisputeReason, DisputeStatus, DisputeUpdate, ToldChargeback, ToldDispute,
    reason_of_code,
};
use tender_domain::kernel::{ChargeId, IntentId, Money, Version, to_micros};
use tender_domain::refunds::CreatedRange;
use tender_http::{IfMatch, Problem};
use utoipa::{IntoParams, ToSchema};

use super::request::{created, currency, named_charge};
use super::texts::{reference, text};
use crate::{DecideDispute, OpenDispute, Seen, UpdateDispute};

/// A dispute that you have been told of. Names the charge by `charge_id`, by `payment_intent_id`, or by both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateDispute)]
pub(super) struct CreateDisputeBody {
    /// The charge.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: Option<String>,
    /// The intent of the charge.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// How much is disputed, in minor units; all that was captured when it is not there.
    #[schema(minimum = 1, example = 5194)]
    amount: Option<i64>,
    /// Its currency; the charge's when it is not there.
    #[schema(example = "GBP")]
    currency: Option<String>,
    /// What the processor takes for it, in minor units of the same currency. Without it nothing is said of the fee, and it
    /// can still be told once; another one than was told is refused.
    #[schema(minimum = 0, example = 1500)]
    fee: Option<i64>,
    /// Why: a word of ours, or the network's code with `network`.
    #[schema(example = "product_not_received")]
    reason_code: String,
    /// The network whose code it is.
    network: Option<NetworkWord>,
    /// What the processor calls the dispute. By it the same dispute is known when it is told again; without it the
    /// request needs an `Idempotency-Key`.
    processor_reference: Option<String>,
    /// When the processor took it in; now when it is not there.
    received_at: Option<DateTime<Utc>>,
    /// Until when it may be answered.
    respond_by: Option<DateTime<Utc>>,
}

/// A chargeback, as a processor tells it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateChargeback)]
pub(super) struct CreateChargebackBody {
    /// The connector that took the money back.
    #[schema(example = "simulator")]
    processor: String,
    /// What it calls the dispute; the same again is the same dispute.
    #[schema(example = "cb_2026_0001")]
    processor_reference: String,
    /// What the gateway calls the charge.
    #[schema(example = "sim_ch_1")]
    gateway_reference: String,
    /// How much was taken back, in minor units.
    #[schema(minimum = 1, example = 5194)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "GBP")]
    currency: String,
    /// What the processor takes for it, in minor units of the same currency. Without it nothing is said of the fee, and it
    /// can still be told once; another one than was told is refused.
    #[schema(minimum = 0, example = 1500)]
    fee: Option<i64>,
    /// Why: the network's code with `network`, or a word of ours.
    #[schema(example = "10.4")]
    reason_code: String,
    /// The network whose code it is.
    network: Option<NetworkWord>,
    /// When the processor took it in.
    received_at: DateTime<Utc>,
    /// Until when it may be answered.
    respond_by: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CardNetwork)]
enum NetworkWord {
    Visa,
    Mastercard,
    Amex,
    Other,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DisputeStatus)]
enum StatusWord {
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
    Accepted,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReviewWord {
    UnderReview,
}

/// What a gateway told by a callback.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToldDisputeBody {
    /// The chargeback.
    chargeback: CreateChargebackBody,
    /// Where it stands: `needs_response`, `under_review`, `won`, `lost` or `accepted`.
    standing: StatusWord,
    /// What the reason means, of a code that may have no meaning here: one of our words.
    reason: String,
    /// When it came to stand so.
    at: DateTime<Utc>,
    /// Whether it opens no dispute where none is known.
    #[serde(default)]
    only_if_known: bool,
}

/// What changes; what is not there stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateDispute)]
pub(super) struct UpdateDisputeBody {
    /// `under_review`, once you have answered. How it ends is said by `resolve` and `close`.
    #[schema(value_type = Option<String>, example = "under_review")]
    status: Option<ReviewWord>,
    /// Something to write into its history.
    note: Option<String>,
    /// Until when evidence must be handed in.
    evidence_due_by: Option<DateTime<Utc>>,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

/// Giving in.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CloseDispute)]
pub(super) struct CloseDisputeBody {
    /// Why, for its history.
    reason: Option<String>,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

/// How a dispute was decided, as you were told.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResolveDispute)]
pub(super) struct ResolveDisputeBody {
    /// How: `won` or `lost`.
    #[schema(value_type = String, example = "won")]
    outcome: OutcomeWord,
    /// Who told you, and where it is written.
    reason: String,
    /// When it was decided; now when it is not there.
    decided_at: Option<DateTime<Utc>>,
    /// Whether it is decided the other way already, and this overturns that.
    #[serde(default)]
    overturn: bool,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeWord {
    Won,
    Lost,
}

/// Which disputes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DisputeQuery {
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
    /// Those of a merchant account.
    merchant_account_id: Option<String>,
    /// Those written down then: `created[gte]`, `created[lt]`, `created[gt]`, `created[lte]`, RFC 3339 instants.
    #[param(inline, style = DeepObject, explode)]
    created: Option<tender_http::CreatedRange>,
}

impl TryFrom<CreateDisputeBody> for OpenDispute {
    type Error = Problem;

    fn try_from(body: CreateDisputeBody) -> Result<Self, Problem> {
        let network = body.network.map(CardNetwork::from);
        let (reason, code) = reason(network, body.reason_code)?;
        let reference = body.processor_reference.map(|given| reference("/processor_reference", given));
        Ok(Self {
            charge: named_charge(body.charge_id.as_deref(), body.payment_intent_id.as_deref())?,
            amount: body.amount,
            currency: body.currency.as_deref().map(currency).transpose()?,
            fee_minor: body.fee,
            processor_reference: reference.transpose()?,
            network,
            network_reason_code: code,
            reason,
            received_at: body.received_at,
            respond_by: body.respond_by,
        })
    }
}

impl TryFrom<CreateChargebackBody> for ToldChargeback {
    type Error = Problem;

    fn try_from(body: CreateChargebackBody) -> Result<Self, Problem> {
        let network = body.network.map(CardNetwork::from);
        let (reason, network_reason_code) = reason(network, body.reason_code)?;
        let currency = currency(&body.currency)?;
        let amount = Money::positive(body.amount, currency).map_err(|why| {
            Problem::bad_request("invalid_amount", why.to_string()).pointer("/amount", why.to_string())
        })?;
        if body.fee.is_some_and(|minor| !(0..=Money::MAX_MINOR).contains(&minor)) {
            let detail = "a fee is zero or more minor units";
            return Err(Problem::bad_request("invalid_amount", detail).pointer("/fee", detail));
        }
        let received_at = to_micros(body.received_at);
        Ok(Self {
            gateway_reference: reference("/gateway_reference", body.gateway_reference)?,
            dispute: ToldDispute {
                processor: reference("/processor", body.processor)?,
                processor_reference: Some(reference("/processor_reference", body.processor_reference)?),
                amount,
                fee_minor: body.fee,
                network,
                network_reason_code,
                reason,
                received_at,
                respond_by: body.respond_by.map(to_micros),
            },
            standing: DisputeStatus::NeedsResponse,
            at: received_at,
            only_if_known: false,
        })
    }
}

impl TryFrom<ToldDisputeBody> for ToldChargeback {
    type Error = Problem;

    fn try_from(body: ToldDisputeBody) -> Result<Self, Problem> {
        let mut told = Self::try_from(body.chargeback)?;
        told.dispute.reason = DisputeReason::find(&body.reason).ok_or_else(|| {
            Problem::bad_request("unknown_reason_code", "the reason is none of our words")
                .pointer("/reason", "not known")
        })?;
        Ok(Self {
            standing: body.standing.into(),
            at: to_micros(body.at),
            only_if_known: body.only_if_known,
            ..told
        })
    }
}

impl UpdateDisputeBody {
    pub(super) fn into_wanted(self, if_match: IfMatch) -> Result<UpdateDispute, Problem> {
        let update = DisputeUpdate {
            under_review: self.status.is_some(),
            note: self.note.map(|note| text("/note", note)).transpose()?,
            evidence_due_by: self.evidence_due_by,
        };
        Ok(UpdateDispute { update, seen: seen(if_match, self.version) })
    }
}

impl CloseDisputeBody {
    pub(super) fn into_wanted(self, if_match: IfMatch) -> Result<DecideDispute, Problem> {
        Ok(DecideDispute {
            status: DisputeStatus::Accepted,
            reason: self.reason.map(|reason| text("/reason", reason)).transpose()?,
            decided_at: None,
            overturns: false,
            seen: seen(if_match, self.version),
        })
    }
}

impl ResolveDisputeBody {
    pub(super) fn into_wanted(self, if_match: IfMatch) -> Result<DecideDispute, Problem> {
        let status = match self.outcome {
            OutcomeWord::Won => DisputeStatus::Won,
            OutcomeWord::Lost => DisputeStatus::Lost,
        };
        let reason = text("/reason", self.reason)?;
        if reason.trim().is_empty() {
            let detail = "say who decided it, and where that is written";
            return Err(Problem::bad_request("invalid_text", detail).pointer("/reason", "must not be empty"));
        }
        Ok(DecideDispute {
            status,
            reason: Some(reason),
            decided_at: self.decided_at.map(to_micros),
            overturns: self.overturn,
            seen: seen(if_match, self.version),
        })
    }
}

pub(super) fn seen(if_match: IfMatch, version: Option<i64>) -> Seen {
    Seen { if_match, version: version.map(Version::new) }
}

/// What a reason code means, and the code when it is a network's.
fn reason(network: Option<CardNetwork>, code: String) -> Result<(DisputeReason, Option<String>), Problem> {
    let code = reference("/reason_code", code)?;
    let reason = reason_of_code(network, &code).map_err(|error| {
        let words: Vec<&str> = DisputeReason::ALL.iter().map(|word| word.as_str()).collect();
        let detail = format!("{error}: name its `network`, or use one of {}", words.join(", "));
        Problem::bad_request("unknown_reason_code", detail).pointer("/reason_code", "not known")
    })?;
    let of_network = DisputeReason::find(&code).is_none();
    Ok((reason, of_network.then_some(code)))
}

impl From<DisputeQuery> for DisputeFilter {
    fn from(query: DisputeQuery) -> Self {
        Self {
            status: query.status.map(DisputeStatus::from),
            intent_id: query.payment_intent_id,
            charge_id: query.charge_id,
            customer_id: query.customer_id,
            merchant_account_id: query.merchant_account_id,
            created: query.created.as_ref().map_or_else(CreatedRange::default, created),
        }
    }
}

impl From<NetworkWord> for CardNetwork {
    fn from(word: NetworkWord) -> Self {
        match word {
            NetworkWord::Visa => Self::Visa,
            NetworkWord::Mastercard => Self::Mastercard,
            NetworkWord::Amex => Self::Amex,
            NetworkWord::Other => Self::Other,
        }
    }
}

impl From<StatusWord> for DisputeStatus {
    fn from(word: StatusWord) -> Self {
        match word {
            StatusWord::NeedsResponse => Self::NeedsResponse,
            StatusWord::UnderReview => Self::UnderReview,
            StatusWord::Won => Self::Won,
            StatusWord::Lost => Self::Lost,
            StatusWord::Accepted => Self::Accepted,
        }
    }
}

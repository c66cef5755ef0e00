//! What the annex's client sends about disputes.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use tender_domain::dispute_cases::{
    CaseFilter, CaseReason, CaseSource, CaseStatus, CaseUpdate, DecisionKind, Tier,
};
use tender_domain::disputes::{CardNetwork, DisputeStatus, ToldChargeback, ToldDispute, reason_of_code};
use tender_domain::kernel::{
    Currency, IntentId, Limits, Money, Timestamp, Version, find_card_number, to_micros,
};
use tender_domain::refunds::CreatedRange;
use tender_http::Problem;
use tender_http::storefront::adventures::instant;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::envelope::Refused;
use crate::dialects::annex::minor;
use crate::{ResolveGuestDispute, UpdateGuestDispute};

/// The longest reason of a decision: it is kept beside the refund.
const REASON_CHARS: usize = Limits::METADATA_VALUE_CHARS;

/// A dispute that a guest opens.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresOpenDispute)]
pub(super) struct OpenBody {
    /// The payment.
    pub(super) payment_id: Uuid,
    /// The guest, who must have paid it.
    pub(super) guest_id: Uuid,
    /// `SERVICE_NOT_PROVIDED`, `QUALITY`, `WEATHER`, `MEDICAL`, `BILLING_ERROR`, `FRAUD` or `OTHER`.
    #[schema(value_type = String, example = "WEATHER")]
    reason: Option<String>,
    /// In major units: greater than zero, with no more places than the currency has.
    #[schema(value_type = f64, example = 120.00)]
    pub(super) requested_amount: Option<Value>,
    /// What happened; at most 1,000 characters.
    #[schema(value_type = String)]
    description: Option<String>,
    /// Whether there is evidence of the reason: for the refund policy.
    #[serde(default)]
    pub(super) has_evidence: bool,
    /// When it was canceled; now when it is not there: for the refund policy.
    pub(super) cancelled_at: Option<DateTime<Utc>>,
    /// When the trip was to start: for the refund policy.
    pub(super) trip_starts_at: Option<DateTime<Utc>>,
    /// Of which product type it was: for a refund policy of its own.
    pub(super) product_type: Option<String>,
    /// At which rate plan it was booked: for a refund policy of its own.
    pub(super) rate_plan: Option<String>,
}

/// What is changed of a dispute.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresUpdateDispute)]
pub(super) struct UpdateBody {
    /// Who works on it from now on.
    assigned_to: Option<String>,
    /// Something to write down; at most 1,000 characters.
    add_note: Option<String>,
    /// Whether a higher tier is to decide.
    #[serde(default)]
    escalate: bool,
    /// The version you have seen.
    #[schema(value_type = i64)]
    version: Option<i64>,
}

/// How a dispute is decided.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresResolveDispute)]
pub(super) struct ResolveBody {
    /// `FULL_REFUND`, `PARTIAL_REFUND` or `DENIED`.
    #[schema(value_type = String, example = "PARTIAL_REFUND")]
    decision: Option<String>,
    /// In major units; needed for a part, and no more than was asked for.
    #[schema(value_type = Option<f64>, example = 60.00)]
    amount: Option<Value>,
    /// Why; at most 500 characters.
    #[schema(value_type = String)]
    reason: Option<String>,
    /// The version you have seen.
    #[schema(value_type = i64)]
    version: Option<i64>,
}

/// A chargeback, as a processor tells it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresChargeback)]
pub(super) struct ChargebackBody {
    /// The connector that took the money back.
    #[schema(value_type = String, example = "simulator")]
    processor: Option<String>,
    /// What it calls the dispute; the same again is the same dispute.
    #[schema(value_type = String)]
    processor_reference: Option<String>,
    /// What the gateway calls the payment.
    #[schema(value_type = String)]
    gateway_ref: Option<String>,
    /// In major units: greater than zero, with no more places than the currency has.
    #[schema(value_type = f64, example = 120.00)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    currency: Option<String>,
    /// The network's code.
    #[schema(value_type = String, example = "13.1")]
    reason_code: Option<String>,
    /// `visa`, `mastercard`, `amex` or another.
    #[schema(example = "visa")]
    network: Option<String>,
    /// When the processor took it in.
    received_at: Option<DateTime<Utc>>,
    /// Until when it may be answered.
    respond_by: Option<DateTime<Utc>>,
}

/// Which disputes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DisputesQuery {
    /// `OPEN`, `UNDER_REVIEW`, `ESCALATED` or `RESOLVED`.
    status: Option<String>,
    /// 1, 2 or 3.
    tier: Option<i16>,
    /// Those that somebody works on.
    assigned_to: Option<String>,
    /// Those of a guest.
    guest_id: Option<String>,
    /// Those of a payment.
    payment_id: Option<Uuid>,
    /// `GUEST` or `CHARGEBACK`.
    source: Option<String>,
    /// Those opened then or later: an RFC 3339 instant, or a day.
    from: Option<String>,
    /// Those opened before: an RFC 3339 instant; or on that day or before.
    to: Option<String>,
}

impl OpenBody {
    pub(super) fn reason(&self) -> Result<CaseReason, Refused> {
        word("reason", self.reason.as_deref(), (CaseReason::find, CaseReason::ALL, CaseReason::as_str))
    }

    pub(super) fn description(&self) -> Result<String, Refused> {
        text("description", self.description.clone(), Limits::TEXT_CHARS)
    }
}

impl UpdateBody {
    pub(super) fn into_command(self) -> Result<UpdateGuestDispute, Refused> {
        let named = |name: String| text("assigned_to", Some(name), Limits::REFERENCE_CHARS);
        let noted = |note: String| text("add_note", Some(note), Limits::TEXT_CHARS);
        let update = CaseUpdate {
            assigned_to: self.assigned_to.map(named).transpose()?,
            note: self.add_note.map(noted).transpose()?,
            escalate: self.escalate,
        };
        Ok(UpdateGuestDispute { update, seen: version(self.version)? })
    }
}

impl ResolveBody {
    /// The command, in the currency of the dispute.
    pub(super) fn into_command(self, currency: Currency) -> Result<ResolveGuestDispute, Refused> {
        let kind = word(
            "decision",
            self.decision.as_deref(),
            (DecisionKind::find, DecisionKind::ALL, DecisionKind::as_str),
        )?;
        Ok(ResolveGuestDispute {
            kind,
            amount_minor: self.amount.map(|amount| minor(&amount, currency)).transpose()?,
            reason: text("reason", self.reason, REASON_CHARS)?,
            seen: version(self.version)?,
        })
    }
}

impl ChargebackBody {
    pub(super) fn into_command(self, now: Timestamp) -> Result<ToldChargeback, Refused> {
        let code = text("currency", self.currency, 3)?;
        let currency: Currency =
            code.parse().map_err(|error| Refused::field("currency", format!("{error}")))?;
        let amount = self.amount.ok_or_else(|| Refused::field("amount", "amount is required"))?;
        let network = self.network.map(|network| text("network", Some(network), Limits::REFERENCE_CHARS));
        let network = network.transpose()?.map(|name| name.to_ascii_lowercase());
        let network =
            network.map_or(CardNetwork::Other, |name| CardNetwork::find(&name).unwrap_or(CardNetwork::Other));
        let code = text("reason_code", self.reason_code, Limits::REFERENCE_CHARS)?;
        let received_at = to_micros(self.received_at.unwrap_or(now));
        let dispute = ToldDispute {
            processor: text("processor", self.processor, Limits::REFERENCE_CHARS)?,
            processor_reference: Some(text(
                "processor_reference",
                self.processor_reference,
                Limits::REFERENCE_CHARS,
            )?),
            amount: Money::new(minor(&amount, currency)?, currency),
            // The document has no fee: nothing is said of it.
            fee_minor: None,
            network: Some(network),
            reason: reason_of_code(Some(network), &code)
                .map_err(|error| Refused::field("reason_code", error.to_string()))?,
            network_reason_code: Some(code),
            received_at,
            respond_by: self.respond_by.map(to_micros),
        };
        Ok(ToldChargeback {
            gateway_reference: text("gateway_ref", self.gateway_ref, Limits::REFERENCE_CHARS)?,
            dispute,
            standing: DisputeStatus::NeedsResponse,
            at: received_at,
            only_if_known: false,
        })
    }
}

impl DisputesQuery {
    pub(super) fn filter(self) -> Result<CaseFilter, Refused> {
        let status = |text: String| {
            word("status", Some(&text), (CaseStatus::find, CaseStatus::ALL, CaseStatus::as_str))
        };
        let source = |text: String| {
            word("source", Some(&text), (CaseSource::find, CaseSource::ALL, CaseSource::as_str))
        };
        let tier = |number| Tier::find(number).ok_or_else(|| Refused::field("tier", "tier is 1, 2 or 3"));
        Ok(CaseFilter {
            status: self.status.map(status).transpose()?,
            tier: self.tier.map(tier).transpose()?,
            assigned_to: self.assigned_to,
            guest_id: self.guest_id,
            intent_id: self.payment_id.map(IntentId::from_uuid),
            source: self.source.map(source).transpose()?,
            created: CreatedRange {
                from: self.from.map(|text| instant("from", &text, 0)).transpose()?,
                until: self.to.map(|text| instant("to", &text, 1)).transpose()?,
            },
        })
    }
}

/// A closed list of words: how one is found, all there are, and how each is written.
type Words<T> = (fn(&str) -> Option<T>, &'static [T], fn(T) -> &'static str);

/// A word of a closed list; of one that is not there, which there are.
fn word<T: Copy + 'static>(
    field: &str,
    given: Option<&str>,
    (find, all, as_str): Words<T>,
) -> Result<T, Refused> {
    given.and_then(find).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
        Refused::field(field, format!("{field} must be one of {}", words.join(", ")))
    })
}

/// Text that must be there: bounded, and never a card number.
fn text(field: &str, given: Option<String>, chars: usize) -> Result<String, Refused> {
    let given = given.filter(|text| !text.trim().is_empty());
    let given = given.ok_or_else(|| Refused::field(field, format!("{field} is required")))?;
    if given.chars().count() > chars {
        return Err(Refused::field(field, format!("{field} has at most {chars} characters")));
    }
    if given.contains('\0') {
        return Err(Refused::field(field, format!("{field} must not hold the character U+0000")));
    }
    find_card_number(&given).map_err(|found| {
        let problem = Problem::unprocessable("card_number_detected", found.to_string());
        Refused::from(problem.pointer(format!("/{field}"), "must not hold a card number"))
    })?;
    Ok(given)
}

fn version(given: Option<i64>) -> Result<Version, Refused> {
    let given =
        given.ok_or_else(|| Refused::field("version", "version is required: name the one you have seen"))?;
    Ok(Version::new(given))
}

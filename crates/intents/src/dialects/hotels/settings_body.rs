//! A hotel's settings as they are sent and shown.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use tender_domain::deposits::{DepositTerms, PolicyType, RatePlanPolicy};
use tender_domain::hotels::{HotelAgent, HotelSettings, HotelValues};
use tender_domain::kernel::Money;
use tender_http::storefront::adventures::Refused;
use utoipa::ToSchema;

use super::request::address;
use crate::dialects::annex::{amount, currency, of_field};
use crate::http::reference;
use crate::use_cases::{HotelAsks, WantedSettings};

/// A language tag has no more characters than this (RFC 5646 asks for 35 to be kept).
const LOCALE_CHARS: usize = 35;

/// The settings of a hotel, all of them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelPutSettings)]
pub(super) struct PutSettingsBody {
    /// The connector on whose page its guests pay; without it the one that takes new payments.
    #[schema(example = "simulator")]
    psp: Option<String>,
    /// The language of guests who name none.
    #[schema(example = "de")]
    locale: Option<String>,
    /// Who is called when a payment that names nobody itself, or one by link, has ended: `https`, at a public address.
    #[schema(example = "https://booking.example/told")]
    notification_url: Option<String>,
    /// Who has an e-mail when a payment has ended, or was refunded: at most ten addresses.
    #[serde(default)]
    #[schema(example = json!(["frontdesk@hotel.example"]))]
    notification_emails: Vec<String>,
    /// Where those are reached by e-mail who ask for refunds: at most 100, each once. They are told when theirs are done.
    #[serde(default)]
    agents: Vec<AgentBody>,
    /// All of its deposit policies, at most 100; without it they stay as they are.
    deposit_policies: Option<Vec<PolicyBody>>,
    /// Not taken: payments are not posted to a property management system.
    #[schema(value_type = Option<Object>)]
    pms: Option<Value>,
    /// The version you have seen, 0 for none; without it whatever there is is replaced.
    pub(super) version: Option<i64>,
}

/// A person who asks for refunds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = HotelAgent)]
pub(super) struct AgentBody {
    /// By what refunds name them: the `sub` of their token, or what the booking system gives as `agent_id`.
    #[schema(example = "usr_4711")]
    agent_id: String,
    /// Their e-mail address.
    #[schema(example = "ben@hotel.example")]
    email: String,
}

/// How much of a stay is to be paid in advance.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelDepositPolicy)]
pub(super) struct PolicyBody {
    /// For which rate plan; without it for all that have no policy of their own.
    #[schema(example = "flex")]
    rate_plan: Option<String>,
    /// `NONE`, `FULL_PREPAYMENT`, `PERCENTAGE`, `FIXED_AMOUNT`, `FIRST_NIGHT` or `NON_REFUNDABLE`.
    #[schema(value_type = String, example = "PERCENTAGE")]
    policy_type: Option<String>,
    /// Of `PERCENTAGE`: more than 0 and at most 100, with two places at most.
    #[schema(value_type = Option<f64>, example = 30)]
    percentage: Option<Value>,
    /// Of `FIXED_AMOUNT`: in major units.
    #[schema(value_type = Option<f64>)]
    amount: Option<Value>,
    /// Of `FIXED_AMOUNT`: ISO 4217 code.
    currency: Option<String>,
}

impl PutSettingsBody {
    /// What is wanted, or which field is wrong.
    pub(super) fn checked(self) -> Result<WantedSettings, Refused> {
        if self.pms.is_some_and(|pms| !pms.is_null()) {
            let why = "payments are not posted to a property management system here; leave pms out";
            return Err(Refused::field("pms", why));
        }
        let locale = of_field("locale", reference("", self.locale))?;
        let is_tag = |text: &String| {
            text.len() <= LOCALE_CHARS
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if locale.as_ref().is_some_and(|locale| !is_tag(locale)) {
            return Err(Refused::field("locale", "locale must be a language tag, such as de or pt-BR"));
        }
        let values = HotelValues {
            psp: of_field("psp", reference("", self.psp))?,
            locale,
            notification_url: self
                .notification_url
                .map(|url| address("notification_url", Some(url)))
                .transpose()?,
            notification_emails: emails(self.notification_emails)?,
            agents: agents(self.agents)?,
        };
        let checked = |policies: Vec<PolicyBody>| {
            policies.into_iter().map(PolicyBody::checked).collect::<Result<Vec<_>, Refused>>()
        };
        Ok(WantedSettings { values, policies: self.deposit_policies.map(checked).transpose()? })
    }
}

fn emails(given: Vec<String>) -> Result<Vec<String>, Refused> {
    let field = "notification_emails";
    if given.len() > HotelValues::EMAILS_MAX {
        return Err(Refused::field(
            field,
            format!("{field} holds at most {} addresses", HotelValues::EMAILS_MAX),
        ));
    }
    let mut checked = Vec::with_capacity(given.len());
    for email in given {
        let email = email_of(field, email)?;
        if !checked.contains(&email) {
            checked.push(email);
        }
    }
    Ok(checked)
}

fn email_of(field: &str, given: String) -> Result<String, Refused> {
    let email = of_field(field, reference("", Some(given)))?.unwrap_or_default();
    let parts = email.rsplit_once('@');
    if !parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !email.contains(' ')) {
        return Err(Refused::field(field, format!("{field} holds addresses such as desk@hotel.example")));
    }
    Ok(email)
}

fn agents(given: Vec<AgentBody>) -> Result<Vec<HotelAgent>, Refused> {
    let field = "agents";
    if given.len() > HotelValues::AGENTS_MAX {
        return Err(Refused::field(field, format!("{field} holds at most {}", HotelValues::AGENTS_MAX)));
    }
    let mut checked: Vec<HotelAgent> = Vec::with_capacity(given.len());
    for AgentBody { agent_id, email } in given {
        let agent_id = of_field(field, reference("", Some(agent_id)))?.unwrap_or_default();
        if checked.iter().any(|known| known.agent_id == agent_id) {
            return Err(Refused::field(field, format!("{field} names {agent_id} twice")));
        }
        checked.push(HotelAgent { agent_id, email: email_of(field, email)? });
    }
    Ok(checked)
}

impl PolicyBody {
    fn checked(self) -> Result<RatePlanPolicy, Refused> {
        let field = "deposit_policies";
        let kind = self.policy_type.as_deref().and_then(PolicyType::find);
        let terms = match (kind, self.percentage, self.amount, self.currency) {
            (Some(PolicyType::None), None, None, None) => DepositTerms::None,
            (Some(PolicyType::FullPrepayment), None, None, None) => DepositTerms::FullPrepayment,
            (Some(PolicyType::FirstNight), None, None, None) => DepositTerms::FirstNight,
            (Some(PolicyType::NonRefundable), None, None, None) => DepositTerms::NonRefundable,
            (Some(PolicyType::Percentage), Some(part), None, None) => {
                let wrong = || {
                    Refused::field(field, "percentage must be more than 0 and at most 100, with two places")
                };
                DepositTerms::Percentage(hundredths(&part).ok_or_else(wrong)?)
            }
            (Some(PolicyType::FixedAmount), None, Some(fixed), Some(code)) => {
                let fixed = amount(field, Some(fixed), currency(Some(code))?)?;
                DepositTerms::FixedAmount { minor: fixed.minor(), currency: fixed.currency() }
            }
            _ => {
                let why = "policy_type is one of the document's; PERCENTAGE has percentage, FIXED_AMOUNT has amount and \
                           currency, the others have none of them";
                return Err(Refused::field(field, why));
            }
        };
        Ok(RatePlanPolicy { rate_plan: of_field(field, reference("", self.rate_plan))?, terms })
    }
}

/// A percentage in hundredths, from its JSON text.
fn hundredths(part: &Value) -> Option<u32> {
    let Value::Number(number) = part else { return None };
    let exact = Decimal::from_str_exact(&number.to_string()).ok()?.checked_mul(Decimal::ONE_HUNDRED)?;
    exact.fract().is_zero().then(|| u32::try_from(exact.trunc()).ok()).flatten()
}

/// A hotel's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelSettings)]
pub(super) struct SettingsBody {
    /// The hotel.
    hotel_id: String,
    /// The connector on whose page its guests pay.
    psp: Option<String>,
    /// The language of guests who name none.
    locale: Option<String>,
    /// Who is called when a payment has ended.
    notification_url: Option<String>,
    /// The public key by which such calls are checked, as Standard Webhooks writes it (`whpk_…`, Ed25519).
    #[schema(example = "whpk_MCowBQYDK2VwAyEAc2Vl")]
    notification_key: String,
    /// Who has an e-mail when a payment has ended, or was refunded.
    notification_emails: Vec<String>,
    /// Where those are reached who ask for refunds.
    agents: Vec<AgentBody>,
    /// Its deposit policies.
    deposit_policies: Vec<PolicyShown>,
    /// Grows with every change of the settings; 0 while none were set.
    version: i64,
    /// When they last changed.
    updated_at: Option<DateTime<Utc>>,
}

/// How much of a stay is to be paid in advance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelDepositPolicyShown)]
struct PolicyShown {
    /// For which rate plan; `null` for all that have no policy of their own.
    rate_plan: Option<String>,
    /// The kind of the policy.
    #[schema(value_type = String, example = "PERCENTAGE")]
    policy_type: &'static str,
    /// Of `PERCENTAGE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    percentage: Option<Number>,
    /// Of `FIXED_AMOUNT`: in major units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    amount: Option<Number>,
    /// Of `FIXED_AMOUNT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    currency: Option<&'static str>,
}

impl From<&RatePlanPolicy> for PolicyShown {
    fn from(policy: &RatePlanPolicy) -> Self {
        let (percentage, fixed) = match policy.terms {
            DepositTerms::Percentage(part) => (Some(Decimal::new(i64::from(part), 2)), None),
            DepositTerms::FixedAmount { minor, currency } => (None, Some(Money::new(minor, currency))),
            _ => (None, None),
        };
        Self {
            rate_plan: policy.rate_plan.clone(),
            policy_type: policy.terms.policy_type().as_str(),
            percentage: percentage.and_then(exact),
            amount: fixed.and_then(|fixed| exact(fixed.to_decimal())),
            currency: fixed.map(|fixed| fixed.currency().code()),
        }
    }
}

/// A number with exactly these places.
fn exact(number: Decimal) -> Option<Number> {
    serde_json::from_str(&number.to_string()).ok()
}

impl SettingsBody {
    pub(super) fn of(hotel_id: &str, asks: &HotelAsks, notification_key: String) -> Self {
        let settings = asks.settings.as_ref();
        let values = settings.map(|settings| settings.values.clone()).unwrap_or_default();
        Self {
            hotel_id: hotel_id.to_owned(),
            psp: values.psp,
            locale: values.locale,
            notification_url: values.notification_url,
            notification_key,
            notification_emails: values.notification_emails,
            agents: values
                .agents
                .into_iter()
                .map(|HotelAgent { agent_id, email }| AgentBody { agent_id, email })
                .collect(),
            deposit_policies: asks
                .policies
                .iter()
                .flat_map(|hotel| &hotel.policies)
                .map(PolicyShown::from)
                .collect(),
            version: settings.map_or(HotelSettings::UNSET_VERSION, |settings| settings.version).number(),
            updated_at: settings.map(|settings| settings.updated_at),
        }
    }
}

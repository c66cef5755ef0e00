//! Rules as clients write and read them.

use serde::{Deserialize, Serialize};
use tender_domain::fraud::{Condition, CountrySource, Effect, Rule, Subject};
use tender_domain::kernel::{Currency, UnknownCurrency};
use tender_http::Problem;
use utoipa::ToSchema;

/// When a rule fires: exactly one of these. What a condition asks about and is not known never fires it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FraudCondition)]
pub(super) struct ConditionBody {
    /// More than `at_most` payments of the subject began within the window, this one counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity_count: Option<VelocityCountBody>,
    /// Payments of the subject of more than `at_most` in one currency began within the window, this one counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity_amount: Option<VelocityAmountBody>,
    /// The amount is above the limit, in its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_above: Option<AmountAboveBody>,
    /// The amount is not what the order of the orders directory says.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_amount_mismatch: Option<OrderAmountMismatchBody>,
    /// Two countries are known and differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    country_mismatch: Option<CountryMismatchBody>,
    /// The card's number begins with one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_bin: Option<BlockedBinBody>,
    /// The card is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_card: Option<BlockedBody>,
    /// The device is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_device: Option<BlockedBody>,
}

/// A number of payments within a window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudVelocityCount)]
pub(super) struct VelocityCountBody {
    /// Whose.
    by: SubjectWord,
    /// How long the window is, 60 seconds to 30 days. It slides in twelfths.
    #[schema(minimum = 60, maximum = 2_592_000, example = 3600)]
    window_seconds: u32,
    /// The most that does not fire it.
    #[schema(example = 10)]
    at_most: u32,
}

/// An amount within a window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudVelocityAmount)]
pub(super) struct VelocityAmountBody {
    /// Whose.
    by: SubjectWord,
    /// How long the window is, 60 seconds to 30 days. It slides in twelfths.
    #[schema(minimum = 60, maximum = 2_592_000, example = 86400)]
    window_seconds: u32,
    /// The most that does not fire it, in minor units.
    #[schema(minimum = 1, example = 100_000)]
    at_most: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
}

/// A limit of one payment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudAmountAbove)]
pub(super) struct AmountAboveBody {
    /// In minor units.
    #[schema(minimum = 1, example = 500_000)]
    limit: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
}

/// Nothing more is to be said.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudOrderAmountMismatch)]
pub(super) struct OrderAmountMismatchBody {}

/// Which two countries are compared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudCountryMismatch)]
pub(super) struct CountryMismatchBody {
    /// The one.
    first: CountryWord,
    /// The other.
    second: CountryWord,
}

/// Beginnings of card numbers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudBlockedBin)]
pub(super) struct BlockedBinBody {
    /// Six digits each; at most 1,000.
    #[schema(example = json!(["400000"]))]
    bins: Vec<String>,
}

/// Fingerprints of payment methods or devices.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudBlocked)]
pub(super) struct BlockedBody {
    /// At most 1,000.
    fingerprints: Vec<String>,
}

/// Whose payments are counted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FraudSubject)]
pub(super) enum SubjectWord {
    /// The card, by its fingerprint.
    Card,
    /// The customer.
    Customer,
    /// The address that the customer comes from.
    Ip,
    /// The device.
    Device,
    /// The merchant account. Its payments are then committed one after the other.
    MerchantAccount,
}

/// From where a country is known.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FraudCountrySource)]
pub(super) enum CountryWord {
    /// Who issued the card.
    Card,
    /// The billing address.
    Billing,
    /// The shipping address.
    Shipping,
    /// The customer's address on the network.
    Ip,
}

/// What a rule that fires does: exactly one of these.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FraudEffect)]
pub(super) struct EffectBody {
    /// Adds to the score, 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100, example = 30)]
    points: Option<u8>,
    /// What is done, whatever the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<EffectAction>,
}

/// What is done, whatever the score.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FraudEffectAction)]
pub(super) enum EffectAction {
    /// The customer must authenticate.
    Challenge,
    /// The payment ends.
    Deny,
}

/// A rule of fraud.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudRule)]
pub(super) struct RuleBody {
    /// Always `fraud_rule`.
    #[schema(value_type = String, example = "fraud_rule")]
    object: &'static str,
    /// Its id.
    #[schema(example = "frr_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// How people call it.
    #[schema(example = "ten tries of a card an hour")]
    name: String,
    /// When it fires.
    condition: ConditionBody,
    /// What it does then.
    effect: EffectBody,
}

impl From<&Rule> for RuleBody {
    fn from(rule: &Rule) -> Self {
        Self {
            object: "fraud_rule",
            id: rule.id.to_string(),
            name: rule.name.clone(),
            condition: ConditionBody::from(&rule.condition),
            effect: rule.effect.into(),
        }
    }
}

impl From<Effect> for EffectBody {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Points(points) => Self { points: Some(points), action: None },
            Effect::Challenge => Self { points: None, action: Some(EffectAction::Challenge) },
            Effect::Deny => Self { points: None, action: Some(EffectAction::Deny) },
        }
    }
}

impl EffectBody {
    pub(super) fn into_effect(self) -> Result<Effect, Problem> {
        match (self.points, self.action) {
            (Some(points), None) => Ok(Effect::Points(points)),
            (None, Some(EffectAction::Challenge)) => Ok(Effect::Challenge),
            (None, Some(EffectAction::Deny)) => Ok(Effect::Deny),
            _ => Err(not_one("/effect", "an effect is exactly one of `points` and `action`")),
        }
    }
}

impl From<&Condition> for ConditionBody {
    fn from(condition: &Condition) -> Self {
        let mut body = Self::default();
        match condition.clone() {
            Condition::VelocityCount { by, window_seconds, at_most } => {
                body.velocity_count = Some(VelocityCountBody { by: by.into(), window_seconds, at_most });
            }
            Condition::VelocityAmount { by, window_seconds, at_most, currency } => {
                let currency = currency.code().to_owned();
                let (by, window) = (by.into(), window_seconds);
                body.velocity_amount =
                    Some(VelocityAmountBody { by, window_seconds: window, at_most, currency });
            }
            Condition::AmountAbove { limit, currency } => {
                body.amount_above = Some(AmountAboveBody { limit, currency: currency.code().to_owned() });
            }
            Condition::OrderAmountMismatch {} => {
                body.order_amount_mismatch = Some(OrderAmountMismatchBody {});
            }
            Condition::CountryMismatch { first, second } => {
                let (first, second) = (first.into(), second.into());
                body.country_mismatch = Some(CountryMismatchBody { first, second });
            }
            Condition::BlockedBin { bins } => body.blocked_bin = Some(BlockedBinBody { bins }),
            Condition::BlockedCard { fingerprints } => body.blocked_card = Some(BlockedBody { fingerprints }),
            Condition::BlockedDevice { fingerprints } => {
                body.blocked_device = Some(BlockedBody { fingerprints });
            }
        }
        body
    }
}

impl ConditionBody {
    pub(super) fn into_condition(self) -> Result<Condition, Problem> {
        let amount = |body: VelocityAmountBody| {
            Ok::<_, Problem>(Condition::VelocityAmount {
                by: body.by.into(),
                window_seconds: body.window_seconds,
                at_most: body.at_most,
                currency: known("/condition/velocity_amount/currency", &body.currency)?,
            })
        };
        let above = |body: AmountAboveBody| {
            let currency = known("/condition/amount_above/currency", &body.currency)?;
            Ok::<_, Problem>(Condition::AmountAbove { limit: body.limit, currency })
        };
        let given = [
            self.velocity_count.map(|body| Condition::VelocityCount {
                by: body.by.into(),
                window_seconds: body.window_seconds,
                at_most: body.at_most,
            }),
            self.velocity_amount.map(amount).transpose()?,
            self.amount_above.map(above).transpose()?,
            self.order_amount_mismatch.map(|OrderAmountMismatchBody {}| Condition::OrderAmountMismatch {}),
            self.country_mismatch.map(|body| Condition::CountryMismatch {
                first: body.first.into(),
                second: body.second.into(),
            }),
            self.blocked_bin.map(|body| Condition::BlockedBin { bins: body.bins }),
            self.blocked_card.map(|body| Condition::BlockedCard { fingerprints: body.fingerprints }),
            self.blocked_device.map(|body| Condition::BlockedDevice { fingerprints: body.fingerprints }),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(condition), None) => Ok(condition),
            _ => Err(not_one("/condition", "a condition is exactly one object, such as `amount_above`")),
        }
    }
}

fn not_one(pointer: &str, detail: &str) -> Problem {
    Problem::bad_request("malformed_fraud_rule", detail).pointer(pointer, detail)
}

fn known(pointer: &str, code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|error: UnknownCurrency| {
        Problem::bad_request("unknown_currency", error.to_string())
            .pointer(pointer, "must be an ISO 4217 code")
    })
}

macro_rules! same_words {
    ($word:ident, $domain:ident: $($variant:ident),+) => {
        impl From<$word> for $domain {
            fn from(word: $word) -> Self {
                match word { $($word::$variant => Self::$variant),+ }
            }
        }

        impl From<$domain> for $word {
            fn from(domain: $domain) -> Self {
                match domain { $($domain::$variant => Self::$variant),+ }
            }
        }
    };
}

same_words!(SubjectWord, Subject: Card, Customer, Ip, Device, MerchantAccount);
same_words!(CountryWord, CountrySource: Card, Billing, Shipping, Ip);

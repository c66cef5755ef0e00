//! A routing rule as it is told and asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tender_domain::connectors::{AmountRange, BinRange, RoutingTarget, RuleMatch, RuleProblem, RuleVerdict};
use tender_domain::kernel::{ConnectorId, Currency, Timestamp};
use tender_http::Problem;
use utoipa::ToSchema;

use crate::use_cases::{Evaluated, ShownRule};

/// One text, or several.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    /// One.
    One(String),
    /// Several: any of them.
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_set(this: Option<Self>) -> BTreeSet<String> {
        match this {
            None => BTreeSet::new(),
            Some(Self::One(text)) => BTreeSet::from([text]),
            Some(Self::Many(texts)) => texts.into_iter().collect(),
        }
    }
}

/// Cards by the first six digits of their numbers, both ends included.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BinRange)]
pub(super) struct BinRangeBody {
    /// Six digits.
    #[schema(example = "424200")]
    from: String,
    /// Six digits, not below `from`.
    #[schema(example = "424299")]
    to: String,
}

/// Amounts of one currency, both ends included.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmountRange)]
pub(super) struct AmountRangeBody {
    /// Of this currency.
    #[schema(example = "EUR")]
    currency: String,
    /// From this amount on, in minor units; 0 when it is left out.
    #[serde(default)]
    min: i64,
    /// Up to this amount, in minor units; without a bound when it is left out.
    max: Option<i64>,
}

/// Which payments a rule is about: those that every condition holds for. What is left out holds for all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RoutingMatch)]
pub(super) struct MatchBody {
    /// One of these currencies.
    currency: Option<OneOrMany>,
    /// One of these countries: of the card's issuer or the account's bank, else of the billing, else of the shipping address.
    country: Option<OneOrMany>,
    /// One of these card schemes (`VISA`).
    card_brand: Option<OneOrMany>,
    /// A card of one of these ranges.
    bin_range: Option<Vec<BinRangeBody>>,
    /// An amount of this range.
    amount: Option<AmountRangeBody>,
    /// One of these types (`card`).
    method_type: Option<OneOrMany>,
    /// For one of these merchant accounts.
    merchant_account_id: Option<OneOrMany>,
    /// With all of these entries.
    metadata: Option<BTreeMap<String, String>>,
}

/// A share of a rule's payments.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingShare)]
pub(super) struct ShareBody {
    /// Where they go.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: String,
    /// How many, against the weights of the others.
    #[schema(minimum = 1, maximum = 10_000, example = 70)]
    weight: u32,
}

fn bad(pointer: &str, detail: &str) -> Problem {
    Problem::bad_request("invalid_routing_rule", detail).pointer(pointer, detail)
}

fn currency(pointer: &str, code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|_| bad(pointer, "must be ISO 4217 codes, as `EUR`"))
}

impl MatchBody {
    pub(super) fn into_match(self) -> Result<RuleMatch, Problem> {
        let currencies = OneOrMany::into_set(self.currency);
        let currencies = currencies.iter().map(|code| currency("/match/currency", code));
        let amount = self.amount.map(|range| {
            Ok::<_, Problem>(AmountRange {
                currency: currency("/match/amount/currency", &range.currency)?,
                min: range.min,
                max: range.max.unwrap_or(i64::MAX),
            })
        });
        let range = |range: BinRangeBody| BinRange { from: range.from, to: range.to };
        Ok(RuleMatch {
            currency: currencies.collect::<Result<_, _>>()?,
            country: OneOrMany::into_set(self.country),
            card_brand: OneOrMany::into_set(self.card_brand).iter().map(|b| b.to_uppercase()).collect(),
            bin_range: self.bin_range.unwrap_or_default().into_iter().map(range).collect(),
            amount: amount.transpose()?,
            method_type: OneOrMany::into_set(self.method_type),
            merchant_account_id: OneOrMany::into_set(self.merchant_account_id),
            metadata: self.metadata.unwrap_or_default(),
        })
    }
}

fn connector(pointer: &str, text: &str) -> Result<ConnectorId, Problem> {
    text.parse().map_err(|_| bad(pointer, "must be a connector's id (`con_…`)"))
}

/// Where a rule's payments go: to `connector_id`, or shared by `split`.
pub(super) fn targets(
    connector_id: Option<String>,
    split: Option<Vec<ShareBody>>,
) -> Result<Option<Vec<RoutingTarget>>, Problem> {
    match (connector_id, split) {
        (None, None) => Ok(None),
        (Some(id), None) => {
            Ok(Some(vec![RoutingTarget { connector: connector("/connector_id", &id)?, weight: 1 }]))
        }
        (None, Some(shares)) => {
            let share = |share: ShareBody| {
                let connector = connector("/split", &share.connector_id)?;
                Ok(RoutingTarget { connector, weight: share.weight })
            };
            shares.into_iter().map(share).collect::<Result<_, _>>().map(Some)
        }
        (Some(_), Some(_)) => Err(bad("/split", "name `connector_id`, or `split`, and not both")),
    }
}

pub(super) fn fallback(ids: Vec<String>) -> Result<Vec<ConnectorId>, Problem> {
    ids.iter().map(|id| connector("/fallback", id)).collect()
}

/// Which payments a rule is about, as it is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingMatchKept)]
struct KeptMatchBody {
    /// One of these currencies; any when there are none. The same of the other lists.
    currency: Vec<&'static str>,
    /// One of these countries.
    country: BTreeSet<String>,
    /// One of these card schemes.
    card_brand: BTreeSet<String>,
    /// A card of one of these ranges.
    bin_range: Vec<BinRangeBody>,
    /// An amount of this range.
    amount: Option<AmountRangeBody>,
    /// One of these types.
    method_type: BTreeSet<String>,
    /// For one of these merchant accounts.
    merchant_account_id: BTreeSet<String>,
    /// With all of these entries.
    metadata: BTreeMap<String, String>,
}

impl From<&RuleMatch> for KeptMatchBody {
    fn from(matches: &RuleMatch) -> Self {
        let range = |range: &BinRange| BinRangeBody { from: range.from.clone(), to: range.to.clone() };
        let amount = |range: AmountRange| AmountRangeBody {
            currency: range.currency.code().to_owned(),
            min: range.min,
            max: Some(range.max).filter(|max| *max < i64::MAX),
        };
        Self {
            currency: matches.currency.iter().map(|currency| currency.code()).collect(),
            country: matches.country.clone(),
            card_brand: matches.card_brand.clone(),
            bin_range: matches.bin_range.iter().map(range).collect(),
            amount: matches.amount.map(amount),
            method_type: matches.method_type.clone(),
            merchant_account_id: matches.merchant_account_id.clone(),
            metadata: matches.metadata.clone(),
        }
    }
}

/// What is wrong with a rule that was saved all the same.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingRuleWarning)]
struct WarningBody {
    /// `never_matches`, `shadowed` (by rules before it), `shadows` (one behind it) or `no_usable_connector`.
    #[schema(value_type = String, example = "shadowed")]
    code: &'static str,
    /// Why.
    detail: String,
    /// The other rule, when it is one: the one that shadows it, or that it shadows.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    rule_id: Option<String>,
    /// The other rules: those that shadow it together, or the one that it shadows.
    #[schema(example = json!(["rr_01h2xcejqtf2nbrexx3vqjhp41"]))]
    rule_ids: Vec<String>,
}

impl From<&RuleProblem> for WarningBody {
    fn from(problem: &RuleProblem) -> Self {
        let rule_ids: Vec<String> = problem.others.iter().map(ToString::to_string).collect();
        let rule_id = rule_ids.first().filter(|_| rule_ids.len() == 1).cloned();
        Self { code: problem.kind.as_str(), detail: problem.detail.clone(), rule_id, rule_ids }
    }
}

/// A routing rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingRule)]
pub(super) struct RuleBody {
    /// Always `routing_rule`.
    #[schema(value_type = String, example = "routing_rule")]
    object: &'static str,
    /// Its id.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    routing_rule_id: String,
    /// How people call it.
    name: Option<String>,
    /// The highest is looked at first; of equal ones the oldest.
    priority: i32,
    /// Whether it counts.
    enabled: bool,
    /// Which payments.
    #[serde(rename = "match")]
    matches: KeptMatchBody,
    /// Where they go, when it is one connector.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<String>,
    /// The shares of each connector. An intent's is the same for ever.
    split: Vec<ShareBody>,
    /// Where they go when no other can take one, in this order.
    fallback: Vec<String>,
    /// What is wrong with it; empty when nothing is.
    warnings: Vec<WarningBody>,
    /// How often it changed.
    version: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&ShownRule> for RuleBody {
    fn from(shown: &ShownRule) -> Self {
        let rule = &shown.rule;
        let share = |target: &RoutingTarget| ShareBody {
            connector_id: target.connector.to_string(),
            weight: target.weight,
        };
        let only = rule.targets.first().filter(|_| rule.targets.len() == 1);
        Self {
            object: "routing_rule",
            id: rule.id.to_string(),
            routing_rule_id: rule.id.to_string(),
            name: rule.name.clone(),
            priority: rule.priority,
            enabled: rule.enabled,
            matches: KeptMatchBody::from(&rule.matches),
            connector_id: only.map(|target| target.connector.to_string()),
            split: rule.targets.iter().map(share).collect(),
            fallback: rule.fallback.iter().map(ToString::to_string).collect(),
            warnings: shown.problems.iter().map(WarningBody::from).collect(),
            version: rule.version.number(),
            created_at: rule.created_at,
            updated_at: rule.updated_at,
        }
    }
}

/// The routing rules of a tenant, all of them, in the order in which they are looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingRules)]
pub(super) struct RulesBody {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The rules.
    data: Vec<RuleBody>,
    /// Always false: they are all there.
    has_more: bool,
    /// Always null.
    next_cursor: Option<String>,
}

impl From<&[ShownRule]> for RulesBody {
    fn from(rules: &[ShownRule]) -> Self {
        let data = rules.iter().map(RuleBody::from).collect();
        Self { object: "list", data, has_more: false, next_cursor: None }
    }
}

/// A connector, by id and name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutedConnector)]
struct NamedBody {
    /// Its id.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: String,
    /// Its name.
    #[schema(example = "adyen-eu")]
    name: Option<String>,
    /// `chosen`, `fall_back`, `breaker_open` (it would be tried last), `disabled`, `no_token` or `not_there`.
    #[schema(value_type = String, example = "chosen")]
    standing: &'static str,
}

/// A rule that was looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingRuleVerdict)]
struct VerdictBody {
    /// Which.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    rule_id: String,
    /// `decided`, `mismatch`, `none_usable` (it matches, and none of its connectors can take the payment) or `disabled`.
    #[schema(value_type = String, example = "mismatch")]
    verdict: &'static str,
    /// The condition that does not hold.
    #[schema(value_type = Option<String>, example = "currency")]
    condition: Option<&'static str>,
}

/// Where a payment would go, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RoutingEvaluation)]
pub(super) struct EvaluationBody {
    /// Always `routing_evaluation`.
    #[schema(value_type = String, example = "routing_evaluation")]
    object: &'static str,
    /// Where it would go; none when no connector can take it.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<String>,
    /// The rule that decides; none when none does: then the connectors' priorities do.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    rule_id: Option<String>,
    /// The connectors in the order in which they would be tried, each only after the one before is known to have moved no
    /// money.
    chain: Vec<String>,
    /// The connectors that were considered, in that order.
    considered: Vec<NamedBody>,
    /// The rules that were looked at, in their order.
    rules: Vec<VerdictBody>,
    /// The payment that shares were chosen by.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: String,
}

impl From<&Evaluated> for EvaluationBody {
    fn from(evaluated: &Evaluated) -> Self {
        let plan = &evaluated.plan;
        let chain: Vec<String> = evaluated.chain.iter().map(|(id, _)| id.to_string()).collect();
        let considered = plan.considered.iter().map(|one| NamedBody {
            connector_id: one.connector.to_string(),
            name: one.name.clone(),
            standing: one.standing.as_str(),
        });
        let verdict = |(id, verdict): &(tender_domain::kernel::RoutingRuleId, RuleVerdict)| {
            let (verdict, condition) = match verdict {
                RuleVerdict::Decided => ("decided", None),
                RuleVerdict::Mismatch(condition) => ("mismatch", Some(*condition)),
                RuleVerdict::NoneUsable => ("none_usable", None),
                RuleVerdict::Disabled => ("disabled", None),
            };
            VerdictBody { rule_id: id.to_string(), verdict, condition }
        };
        Self {
            object: "routing_evaluation",
            connector_id: chain.first().cloned(),
            rule_id: plan.rule.map(|rule| rule.to_string()),
            chain,
            considered: considered.collect(),
            rules: plan.rules.iter().map(verdict).collect(),
            intent_id: evaluated.intent.to_string(),
        }
    }
}

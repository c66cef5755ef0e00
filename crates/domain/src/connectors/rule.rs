//! A rule: which payments go where.

use serde::{Deserialize, Serialize};

use crate::kernel::{ConnectorId, IntentId, RoutingRuleId, Timestamp, Version};

use super::connector::no_card_number;
use super::{ConnectorRefusal, RuleMatch};

/// A share of a rule's payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingTarget {
    /// Where they go.
    pub connector: ConnectorId,
    /// How many, against the weights of the rule's other targets.
    pub weight: u32,
}

/// A rule of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingRule {
    /// Its id.
    pub id: RoutingRuleId,
    /// How often it was changed.
    pub version: Version,
    /// How people call it.
    pub name: Option<String>,
    /// The highest is looked at first; of equal ones the oldest.
    pub priority: i32,
    /// Whether it counts.
    pub enabled: bool,
    /// Which payments.
    #[serde(rename = "match")]
    pub matches: RuleMatch,
    /// Where they go: one, or shares of them to each.
    pub targets: Vec<RoutingTarget>,
    /// Where they go when no target can take one, in this order.
    pub fallback: Vec<ConnectorId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What is wrong with a rule that was saved all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleProblemKind {
    /// No payment can match it.
    NeverMatches,
    /// Another rule that is looked at before matches all that it matches, or several do together.
    Shadowed,
    /// It matches all that another rule matches which is looked at after it, or all that those before that one leave.
    Shadows,
    /// None of its connectors takes payments.
    NoUsableConnector,
}

impl RuleProblemKind {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverMatches => "never_matches",
            Self::Shadowed => "shadowed",
            Self::Shadows => "shadows",
            Self::NoUsableConnector => "no_usable_connector",
        }
    }
}

/// A problem of a rule, for the person who saved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    /// Which.
    pub kind: RuleProblemKind,
    /// Why.
    pub detail: String,
    /// The other rules: those that shadow it together, or the one that it shadows.
    pub others: Vec<RoutingRuleId>,
}

impl RoutingRule {
    /// The most targets, and the most fall-backs.
    pub const CONNECTORS_MAX: usize = 20;
    /// The largest weight.
    pub const WEIGHT_MAX: u32 = 10_000;

    /// Every connector that it names, the targets first.
    pub fn connectors(&self) -> impl Iterator<Item = ConnectorId> {
        self.targets.iter().map(|target| target.connector).chain(self.fallback.iter().copied())
    }

    /// The connectors in the order in which they are tried for an intent: its share's first, the other targets, the
    /// fall-backs. The same for an intent for ever, whoever asks.
    #[must_use]
    pub fn order_for(&self, intent: IntentId) -> Vec<ConnectorId> {
        let total: u64 = self.targets.iter().map(|target| u64::from(target.weight)).sum();
        let mut place = scattered(intent, self.id) % total.max(1);
        let mut chosen = 0;
        for (index, target) in self.targets.iter().enumerate() {
            if place < u64::from(target.weight) {
                chosen = index;
                break;
            }
            place -= u64::from(target.weight);
        }
        let (before, from) = self.targets.split_at(chosen.min(self.targets.len()));
        let mut order: Vec<ConnectorId> = Vec::with_capacity(self.targets.len() + self.fallback.len());
        let all = from.iter().chain(before).map(|target| target.connector);
        for connector in all.chain(self.fallback.iter().copied()) {
            if !order.contains(&connector) {
                order.push(connector);
            }
        }
        order
    }

    /// Whether it can be a rule.
    ///
    /// # Errors
    /// What is out of its range, and where.
    pub fn check(&self) -> Result<(), ConnectorRefusal> {
        let bad = |at: &str, problem: &str| {
            Err(ConnectorRefusal::BadRule { at: at.to_owned(), problem: problem.to_owned() })
        };
        if self.targets.is_empty() {
            return bad("/connector_id", "a rule names a connector, or several in `split`");
        }
        if self.targets.len() > Self::CONNECTORS_MAX || self.fallback.len() > Self::CONNECTORS_MAX {
            return bad("/split", "`split` and `fallback` name at most 20 connectors each");
        }
        if !self.targets.iter().all(|target| (1..=Self::WEIGHT_MAX).contains(&target.weight)) {
            return bad("/split", "a weight is from 1 to 10000");
        }
        if self.priority.abs() > super::Connector::PRIORITY_MAX {
            return bad("/priority", "priority must be from -1000000 to 1000000");
        }
        no_card_number(self.name.iter().map(|name| ("/name".to_owned(), name.as_str())))?;
        self.matches.check()
    }
}

/// A number that scatters evenly over intents, and differently for each rule: FNV-1a over both ids, mixed once more so
/// that its low bits are as good as its high ones.
fn scattered(intent: IntentId, rule: RoutingRuleId) -> u64 {
    let bytes = intent.uuid().into_bytes().into_iter().chain(rule.uuid().into_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

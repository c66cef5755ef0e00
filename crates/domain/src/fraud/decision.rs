//! What was decided, and why.

use serde::{Deserialize, Serialize};

use crate::kernel::{FraudDecisionId, FraudOverrideId, FraudRuleId, IntentId, TenantId, Timestamp, Version};

use super::{FraudAction, RiskScore};

/// Why a decision came to what it is: a rule that fired, a person's override, or an outside scorer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What kind of thing it is: the condition's name, `override`, `scorer` or `scorer_unavailable`.
    pub code: String,
    /// The rule that fired.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<FraudRuleId>,
    /// The override that counts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forced: Option<FraudOverrideId>,
    /// What a person may read: the rule's name with what was met. Without card numbers.
    pub detail: String,
    /// What it added to the score, 0 to 100.
    pub points: u8,
    /// What it asked for by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<FraudAction>,
}

/// What was heard of an outside scorer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScorerOutcome {
    /// There is none.
    Absent,
    /// Its score.
    Scored(RiskScore),
    /// It did not answer in time or with an error; payments go on without it.
    Unavailable(String),
}

/// What the rules come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudVerdict {
    /// 0 (nothing speaks against it) to 100.
    pub score: u8,
    /// What is to be done.
    pub action: FraudAction,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// On which occasion a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody asked for the score.
    Score,
    /// The intent was confirmed.
    Confirm,
}

impl Occasion {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Confirm => "confirm",
        }
    }

    /// The occasion with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        [Self::Score, Self::Confirm].into_iter().find(|occasion| occasion.as_str() == text)
    }
}

/// A decision as it is kept: never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudDecision {
    /// Its id.
    pub id: FraudDecisionId,
    /// Whose.
    pub tenant: TenantId,
    /// Of which intent.
    pub intent: IntentId,
    /// On which occasion.
    pub occasion: Occasion,
    /// What it came to.
    pub verdict: FraudVerdict,
    /// The version of the tenant's rules; 0 when there were none.
    pub rules_version: Version,
    /// When.
    pub created_at: Timestamp,
}

/// A decision in short, as its intent keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FraudSummary {
    /// The decision.
    pub id: FraudDecisionId,
    /// 0 to 100.
    pub score: u8,
    /// What was to be done.
    pub action: FraudAction,
}

impl FraudDecision {
    /// In short.
    #[must_use]
    pub const fn summary(&self) -> FraudSummary {
        FraudSummary { id: self.id, score: self.verdict.score, action: self.verdict.action }
    }
}

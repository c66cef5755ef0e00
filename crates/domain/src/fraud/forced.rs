//! A person's word against the rules.

use chrono::TimeDelta;

use crate::intents::Intent;
use crate::kernel::{FraudOverrideId, IntentId, Limits, TenantId, Timestamp};

use super::{FraudContext, FraudRefusal};

/// The most overrides of a tenant that are looked at; the newest count.
pub const FORCED_AT_MOST: usize = 1_000;

const LIFETIME_MAX: TimeDelta = TimeDelta::days(366);

/// What an override is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverrideTarget {
    /// One intent.
    Intent(IntentId),
    /// A card, by the vault's fingerprint.
    Card(String),
    /// A customer.
    Customer(String),
}

impl OverrideTarget {
    /// The kind, as stored and sent.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Intent(_) => "intent",
            Self::Card(_) => "card",
            Self::Customer(_) => "customer",
        }
    }

    /// Which one.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Intent(id) => id.to_string(),
            Self::Card(key) | Self::Customer(key) => key.clone(),
        }
    }

    /// The target of a kind; none when there is no such kind, or the key cannot be one of it.
    #[must_use]
    pub fn find(kind: &str, key: &str) -> Option<Self> {
        match kind {
            "intent" => key.parse().ok().map(Self::Intent),
            "card" => Some(Self::Card(key.to_owned())),
            "customer" => Some(Self::Customer(key.to_owned())),
            _ => None,
        }
    }
}

/// What an override forces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideAction {
    /// It goes on, whatever the rules say.
    Allow,
    /// It ends, whatever the rules say.
    Deny,
    /// The rules decide again: an earlier override is lifted.
    Lift,
}

impl OverrideAction {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Lift => "lift",
        }
    }

    /// The action with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny, Self::Lift].into_iter().find(|action| action.as_str() == text)
    }
}

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct NewOverride {
    /// Its id.
    pub id: FraudOverrideId,
    /// Whose.
    pub tenant: TenantId,
    /// What it is about.
    pub target: OverrideTarget,
    /// What it forces.
    pub action: OverrideAction,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A person's word against the rules, for a time. Never changed: a newer one about the same takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudOverride {
    /// Its id.
    pub id: FraudOverrideId,
    /// Whose.
    pub tenant: TenantId,
    /// What it is about.
    pub target: OverrideTarget,
    /// What it forces.
    pub action: OverrideAction,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// Since when.
    pub created_at: Timestamp,
}

impl FraudOverride {
    /// A new override.
    ///
    /// # Errors
    /// When it has no reason, or an end that is not within a year from now.
    pub fn create(new: NewOverride, now: Timestamp) -> Result<Self, FraudRefusal> {
        if new.reason.trim().is_empty() || new.reason.chars().count() > Limits::TEXT_CHARS {
            return Err(FraudRefusal::ReasonRequired);
        }
        if new.expires_at <= now || new.expires_at > now + LIFETIME_MAX {
            return Err(FraudRefusal::BadOverrideEnd);
        }
        Ok(Self {
            id: new.id,
            tenant: new.tenant,
            target: new.target,
            action: new.action,
            reason: new.reason,
            by: new.by,
            expires_at: new.expires_at,
            created_at: now,
        })
    }

    /// The one that counts for a payment now: of those about the same thing the newest, and of what they say the
    /// strictest. `all` is newest first.
    #[must_use]
    pub fn that_counts<'a>(
        all: &'a [Self],
        context: &FraudContext,
        intent: &Intent,
        now: Timestamp,
    ) -> Option<&'a Self> {
        let about = |one: &&Self| one.expires_at > now && context.is(intent, &one.target);
        let newest = |place: usize, one: &Self| {
            all[..place].iter().all(|newer| newer.expires_at <= now || newer.target != one.target)
        };
        let standing = all.iter().enumerate().filter(|(place, one)| about(one) && newest(*place, one));
        let standing: Vec<&Self> = standing.map(|(_, one)| one).collect();
        let first = |action| standing.iter().find(|one| one.action == action).copied();
        first(OverrideAction::Deny).or_else(|| first(OverrideAction::Allow))
    }
}

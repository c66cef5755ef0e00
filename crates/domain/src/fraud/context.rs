//! What is known of a try to pay.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::intents::Intent;
use crate::kernel::Money;

use super::{CountrySource, FraudSummary, OverrideTarget, Subject};

/// What a client tells of the customer's device and addresses. Countries are ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskSignals {
    /// From where the customer comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The country of that address, as the client looked it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_country: Option<String>,
    /// What the client's own script calls the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_fingerprint: Option<String>,
    /// What the customer's browser calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The country of the billing address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_country: Option<String>,
    /// The country of the shipping address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_country: Option<String>,
    /// The country that issued the card, as the client knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_country: Option<String>,
}

impl RiskSignals {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These signals with what is newly told laid over them.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        Self {
            ip: newer.ip.or(self.ip),
            ip_country: newer.ip_country.or(self.ip_country),
            device_fingerprint: newer.device_fingerprint.or(self.device_fingerprint),
            user_agent: newer.user_agent.or(self.user_agent),
            billing_country: newer.billing_country.or(self.billing_country),
            shipping_country: newer.shipping_country.or(self.shipping_country),
            card_country: newer.card_country.or(self.card_country),
        }
    }
}

/// What an intent keeps of its risk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IntentRisk {
    /// What clients told.
    #[serde(skip_serializing_if = "RiskSignals::is_empty")]
    pub signals: RiskSignals,
    /// The newest decision, in short; the whole is found by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<FraudSummary>,
}

impl IntentRisk {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of the card. Never its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardSignals {
    /// The vault's keyed fingerprint: the same for the same card of the tenant.
    pub fingerprint: Option<String>,
    /// The first six digits, when the vault knows them.
    pub bin: Option<String>,
}

/// All that a rule can look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudContext {
    /// What is to be paid.
    pub amount: Money,
    /// For which merchant account.
    pub merchant_account_id: String,
    /// By whom.
    pub customer_id: Option<String>,
    /// With which card.
    pub card: CardSignals,
    /// What clients told.
    pub signals: RiskSignals,
    /// What the order says is to be paid, when a rule asks for it and there is an order.
    pub order_amount: Option<Money>,
}

impl FraudContext {
    /// What is known of an intent that is to be charged with this card.
    #[must_use]
    pub fn of(intent: &Intent, card: CardSignals) -> Self {
        Self {
            amount: intent.amount,
            merchant_account_id: intent.merchant_account_id.clone(),
            customer_id: intent.customer_id.clone(),
            card,
            signals: intent.risk.signals.clone(),
            order_amount: None,
        }
    }

    /// Who or what is counted by this subject; none when it is not known.
    #[must_use]
    pub fn subject(&self, subject: Subject) -> Option<String> {
        match subject {
            Subject::Card => self.card.fingerprint.clone(),
            Subject::Customer => self.customer_id.clone(),
            Subject::Ip => self.signals.ip.map(|ip| ip.to_string()),
            Subject::Device => self.signals.device_fingerprint.clone(),
            Subject::MerchantAccount => Some(self.merchant_account_id.clone()),
        }
    }

    /// A country by where it is known from.
    #[must_use]
    pub fn country(&self, source: CountrySource) -> Option<&str> {
        match source {
            CountrySource::Card => self.signals.card_country.as_deref(),
            CountrySource::Billing => self.signals.billing_country.as_deref(),
            CountrySource::Shipping => self.signals.shipping_country.as_deref(),
            CountrySource::Ip => self.signals.ip_country.as_deref(),
        }
    }

    /// Whether a person's override is about this.
    #[must_use]
    pub fn is(&self, intent: &Intent, target: &OverrideTarget) -> bool {
        match target {
            OverrideTarget::Intent(id) => *id == intent.id,
            OverrideTarget::Card(fingerprint) => self.card.fingerprint.as_ref() == Some(fingerprint),
            OverrideTarget::Customer(customer) => self.customer_id.as_ref() == Some(customer),
        }
    }
}

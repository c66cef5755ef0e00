//! What a hotel asks of its payments.

use serde::{Deserialize, Serialize};

use crate::kernel::{TenantId, Timestamp, Version};

/// A hotel's settings, but for its deposit policies, which are a versioned thing of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelSettings {
    /// Whose.
    pub tenant: TenantId,
    /// Which hotel, as the tenant calls it.
    pub hotel_id: String,
    /// How often they were committed.
    pub version: Version,
    /// What they ask.
    pub values: HotelValues,
    /// When they were first set.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

/// What a hotel's settings ask. The default is what holds where none were set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HotelValues {
    /// The connector whose page its guests pay on; none: the one that takes new payments.
    pub psp: Option<String>,
    /// The language of guests who name none (`de`).
    pub locale: Option<String>,
    /// Who is called when a payment that names nobody itself has ended.
    pub notification_url: Option<String>,
    /// Who has an e-mail when a payment has ended, or was refunded.
    pub notification_emails: Vec<String>,
    /// Where those are reached by e-mail who ask for refunds for the hotel.
    pub agents: Vec<HotelAgent>,
}

/// A person who works for a hotel, and is told what became of the refunds that they asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotelAgent {
    /// By what a refund names them: the `sub` of their token, or what the booking system calls them.
    pub agent_id: String,
    /// Where e-mail reaches them.
    pub email: String,
}

impl HotelValues {
    /// The most e-mail addresses of a hotel.
    pub const EMAILS_MAX: usize = 10;

    /// The most agents of a hotel.
    pub const AGENTS_MAX: usize = 100;

    /// Where e-mail reaches an agent; none when that is not known.
    #[must_use]
    pub fn email_of(&self, agent_id: &str) -> Option<&str> {
        self.agents.iter().find(|agent| agent.agent_id == agent_id).map(|agent| agent.email.as_str())
    }
}

impl HotelSettings {
    /// What a client has seen of settings that were never set.
    pub const UNSET_VERSION: Version = Version::new(0);

    /// The first settings of a hotel.
    #[must_use]
    pub const fn first(tenant: TenantId, hotel_id: String, values: HotelValues, now: Timestamp) -> Self {
        Self { tenant, hotel_id, version: Version::FIRST, values, created_at: now, updated_at: now }
    }

    /// With other values.
    #[must_use]
    pub fn replace(&self, values: HotelValues, now: Timestamp) -> Self {
        Self { values, version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

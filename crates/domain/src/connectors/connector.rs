//! The aggregate: an account at a gateway, but for its secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::kernel::{ConnectorId, TenantId, Timestamp, Version, find_card_number};

use super::{ConnectorRefusal, DeclineTable};

/// Whether it takes new payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorStatus {
    /// It does.
    Enabled,
    /// It takes no new ones; what was begun there goes on, and is refunded there.
    Disabled,
    /// It is gone, and so are its credentials; its name stays in the books.
    Deleted,
}

impl ConnectorStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Enabled, Self::Disabled, Self::Deleted];

    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// The status with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|status| status.as_str() == text).copied()
    }
}

/// What may be told of a connector's credentials. Never a value: those are in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsNote {
    /// The names of the fields that are set.
    pub fields: Vec<String>,
    /// Which credentials of this connector they are, from 1: each rotation makes the next.
    pub generation: u32,
    /// Since when they are used.
    pub rotated_at: Timestamp,
    /// Until when callbacks signed by the ones before still count; none when there were none.
    pub previous_until: Option<Timestamp>,
}

/// A tenant's own account at a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: ConnectorId,
    /// How often it was committed.
    pub version: Version,
    /// Whether live money moves there. It takes payments of its own kind only.
    pub livemode: bool,
    /// How attempts, tokens and the ledger's accounts call it. Never changes, and is never used again.
    pub name: String,
    /// The gateway's type (`stripe`).
    pub kind: String,
    /// Whether it takes new payments.
    pub status: ConnectorStatus,
    /// Where no rule decides, the highest comes first.
    pub priority: i32,
    /// Where it is, in the tenant's own words.
    pub region: Option<String>,
    /// What the gateway's adapter needs beside secrets.
    pub config: BTreeMap<String, String>,
    /// What may be told of its secrets.
    pub credentials: CredentialsNote,
    /// After which declines the next connector is tried.
    pub declines: DeclineTable,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A connector that a tenant registers.
#[derive(Debug, Clone)]
pub struct NewConnector {
    /// Its id.
    pub id: ConnectorId,
    /// Whose.
    pub tenant: TenantId,
    /// Whether live money moves there.
    pub livemode: bool,
    /// Its name.
    pub name: String,
    /// The gateway's type.
    pub kind: String,
    /// Where no rule decides, the highest comes first.
    pub priority: i32,
    /// Where it is.
    pub region: Option<String>,
    /// What the adapter needs beside secrets.
    pub config: BTreeMap<String, String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// After which declines the next connector is tried.
    pub declines: DeclineTable,
}

/// What of a connector is to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectorPatch {
    /// Whether it takes new payments.
    pub enabled: Option<bool>,
    /// Its place where no rule decides.
    pub priority: Option<i32>,
    /// Where it is; an empty text takes it away.
    pub region: Option<String>,
    /// Laid over what is there; an empty text removes its key.
    pub config: Option<BTreeMap<String, String>>,
    /// After which declines the next connector is tried.
    pub declines: Option<DeclineTable>,
}

impl Connector {
    /// The most connectors of a tenant that are not deleted.
    pub const CONNECTORS_MAX: usize = 100;
    /// The longest name, in characters.
    pub const NAME_CHARS: usize = 40;
    /// The largest priority; the smallest is its negative.
    pub const PRIORITY_MAX: i32 = 1_000_000;
    /// The most fields of a configuration, secrets included.
    pub const FIELDS_MAX: usize = 20;
    /// The longest value of a field, in characters.
    pub const VALUE_CHARS: usize = 4_096;
    /// How long callbacks signed by the credentials before a rotation count at most.
    pub const OVERLAP_MAX: Duration = Duration::from_secs(7 * 86_400);

    /// A new connector, enabled.
    ///
    /// # Errors
    /// When its name or a value cannot be one.
    pub fn register(new: NewConnector, now: Timestamp) -> Result<Self, ConnectorRefusal> {
        if !is_name(&new.name) {
            return Err(ConnectorRefusal::BadName);
        }
        let mut fields = new.secrets;
        fields.sort();
        let connector = Self {
            tenant: new.tenant,
            id: new.id,
            version: Version::FIRST,
            livemode: new.livemode,
            name: new.name,
            kind: new.kind,
            status: ConnectorStatus::Enabled,
            priority: new.priority,
            region: new.region,
            config: new.config,
            credentials: CredentialsNote { fields, generation: 1, rotated_at: now, previous_until: None },
            declines: new.declines,
            created_at: now,
            updated_at: now,
        };
        connector.check()?;
        Ok(connector)
    }

    /// With a change laid over it.
    ///
    /// # Errors
    /// When a value cannot be one.
    pub fn patched(&self, patch: ConnectorPatch, now: Timestamp) -> Result<Self, ConnectorRefusal> {
        let mut next = self.next(now);
        if let Some(enabled) = patch.enabled {
            next.status = if enabled { ConnectorStatus::Enabled } else { ConnectorStatus::Disabled };
        }
        next.priority = patch.priority.unwrap_or(self.priority);
        if let Some(region) = patch.region {
            next.region = Some(region).filter(|region| !region.is_empty());
        }
        for (field, value) in patch.config.unwrap_or_default() {
            match value.is_empty() {
                true => next.config.remove(&field),
                false => next.config.insert(field, value),
            };
        }
        if let Some(declines) = patch.declines {
            next.declines = declines.in_place_of(&self.declines);
        }
        next.check()?;
        Ok(next)
    }

    /// With the next credentials. Callbacks signed by the ones before count for `overlap` more.
    ///
    /// # Errors
    /// When the overlap is longer than it can be.
    pub fn rotated(
        &self,
        mut fields: Vec<String>,
        overlap: Duration,
        now: Timestamp,
    ) -> Result<Self, ConnectorRefusal> {
        if overlap > Self::OVERLAP_MAX {
            let problem = "the overlap is at most 604800 seconds (seven days)".to_owned();
            return Err(ConnectorRefusal::BadValue(problem));
        }
        fields.sort();
        let mut next = self.next(now);
        next.credentials = CredentialsNote {
            fields,
            generation: self.credentials.generation.saturating_add(1),
            rotated_at: now,
            previous_until: Some(now + overlap),
        };
        Ok(next)
    }

    /// Gone. The caller has seen to it that nothing is open there.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let mut next = self.next(now);
        next.status = ConnectorStatus::Deleted;
        next.credentials.fields.clear();
        next.credentials.previous_until = None;
        next
    }

    /// Whether it takes new payments of this mode.
    #[must_use]
    pub fn takes(&self, livemode: bool) -> bool {
        self.status == ConnectorStatus::Enabled && self.livemode == livemode
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }

    fn check(&self) -> Result<(), ConnectorRefusal> {
        let bad = |problem: String| Err(ConnectorRefusal::BadValue(problem));
        if self.priority.abs() > Self::PRIORITY_MAX {
            return bad(format!("priority must be from -{0} to {0}", Self::PRIORITY_MAX));
        }
        if self.region.as_ref().is_some_and(|region| region.chars().count() > Self::NAME_CHARS) {
            return bad(format!("region has at most {} characters", Self::NAME_CHARS));
        }
        if self.config.len() + self.credentials.fields.len() > Self::FIELDS_MAX {
            return bad(format!("config has at most {} fields", Self::FIELDS_MAX));
        }
        let config = self.config.iter().map(|(field, value)| (format!("/config/{field}"), value.as_str()));
        let texts = self.region.iter().map(|region| ("/region".to_owned(), region.as_str())).chain(config);
        no_card_number(texts)
    }
}

/// That none of these texts, each with its place, holds a card's number.
pub(super) fn no_card_number<'a>(
    mut texts: impl Iterator<Item = (String, &'a str)>,
) -> Result<(), ConnectorRefusal> {
    match texts.find(|(_, text)| find_card_number(text).is_err()) {
        Some((at, _)) => Err(ConnectorRefusal::CardNumber { at }),
        None => Ok(()),
    }
}

fn is_name(name: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_inner)
        && name.len() <= Connector::NAME_CHARS
}

/// By which id rules name a connector of the operator's settings: made of its name, the same in every process.
#[must_use]
pub fn operator_connector_id(name: &str) -> ConnectorId {
    let digest = Sha256::digest(format!("tender.operator-connector.1:{name}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    ConnectorId::from_uuid(uuid_v8(bytes))
}

/// RFC 9562, version 8: the bits are ours.
const fn uuid_v8(mut bytes: [u8; 16]) -> Uuid {
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes)
}

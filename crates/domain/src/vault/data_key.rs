//! Data keys: what seals the vault's records, one line of versions for each tenant and purpose.

use crate::kernel::{DataKeyId, Guard, TenantId, Timestamp, Version};
use crate::ports::WrappedKey;

/// What a data key seals: one thing, and nothing of another purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPurpose {
    /// The tokens of payment methods. Until there was a purpose of their own, also the credentials of connectors.
    PaymentMethods,
    /// The credentials of connectors.
    ConnectorCredentials,
}

impl KeyPurpose {
    /// Every purpose.
    pub const ALL: &'static [Self] = &[Self::PaymentMethods, Self::ConnectorCredentials];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentMethods => "payment_methods",
            Self::ConnectorCredentials => "connector_credentials",
        }
    }

    /// The purpose of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|purpose| purpose.as_str() == name).copied()
    }
}

/// One version of a tenant's key for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKey {
    /// Whose.
    pub tenant: TenantId,
    /// Its id, which every record that it sealed names.
    pub id: DataKeyId,
    /// How often its row was committed.
    pub version: Version,
    /// What it seals.
    pub purpose: KeyPurpose,
    /// Which version of the tenant's key for this purpose it is, from 1. The highest seals; the others only open.
    pub number: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last wrapped.
    pub wrapped_at: Timestamp,
    /// Usable, or destroyed.
    pub state: DataKeyState,
}

/// What only a usable or only a retired key has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataKeyState {
    /// It opens what it sealed.
    Usable(WrappedKey),
    /// Nothing was sealed under it any more, and its wrapped form was destroyed.
    Retired {
        /// By which key-encryption key it was wrapped at last.
        was_wrapped_by: String,
        /// When it was destroyed.
        at: Timestamp,
    },
}

/// The claim to be a purpose's key of a number: of two that are made at once, one is.
pub const DATA_KEY_NUMBER: &str = "data_key";

/// Why the database refuses to seal a record under a key: it was retired meanwhile. The record is to be sealed anew
/// under the current one.
pub const SEALED_BY_RETIRED_KEY: &str = "payment_methods_sealed_by_usable_key";

impl DataKey {
    /// A new key, with the guard that keeps its number its own.
    #[must_use]
    pub fn create(
        (tenant, id): (TenantId, DataKeyId),
        purpose: KeyPurpose,
        number: u32,
        wrapped: WrappedKey,
        now: Timestamp,
    ) -> (Self, Guard) {
        let key = format!("{}/{number}", purpose.as_str());
        let guard = Guard::Claim { kind: DATA_KEY_NUMBER, key, owner: id.to_string() };
        let state = DataKeyState::Usable(wrapped);
        let version = Version::FIRST;
        (Self { tenant, id, version, purpose, number, created_at: now, wrapped_at: now, state }, guard)
    }

    /// What its wrapped form is bound to: the tenant comes last, so the parts cannot run together.
    #[must_use]
    pub fn context(tenant: &TenantId, id: DataKeyId, purpose: KeyPurpose) -> Vec<u8> {
        let mut context = b"tender.vault.data-key.1".to_vec();
        context.extend_from_slice(id.uuid().as_bytes());
        context.extend_from_slice(purpose.as_str().as_bytes());
        context.push(0);
        context.extend_from_slice(tenant.as_str().as_bytes());
        context
    }

    /// Its wrapped form, while it is usable.
    #[must_use]
    pub const fn wrapped(&self) -> Option<&WrappedKey> {
        match &self.state {
            DataKeyState::Usable(wrapped) => Some(wrapped),
            DataKeyState::Retired { .. } => None,
        }
    }

    /// By which key-encryption key it is or was wrapped.
    #[must_use]
    pub fn wrapped_by(&self) -> &str {
        match &self.state {
            DataKeyState::Usable(wrapped) => &wrapped.by,
            DataKeyState::Retired { was_wrapped_by, .. } => was_wrapped_by,
        }
    }

    /// When it was destroyed.
    #[must_use]
    pub const fn retired_at(&self) -> Option<Timestamp> {
        match &self.state {
            DataKeyState::Usable(_) => None,
            DataKeyState::Retired { at, .. } => Some(*at),
        }
    }

    /// The same key under another key-encryption key; none when it is retired.
    #[must_use]
    pub fn rewrapped(&self, wrapped: WrappedKey, now: Timestamp) -> Option<Self> {
        self.wrapped()?;
        let state = DataKeyState::Usable(wrapped);
        Some(Self { version: self.version.next(), wrapped_at: now, state, ..self.clone() })
    }

    /// The key destroyed; none when it was before.
    #[must_use]
    pub fn retired(&self, now: Timestamp) -> Option<Self> {
        let was_wrapped_by = self.wrapped()?.by.clone();
        let state = DataKeyState::Retired { was_wrapped_by, at: now };
        Some(Self { version: self.version.next(), state, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).expect("test instants exist")
    }

    fn wrapped(by: &str) -> WrappedKey {
        WrappedKey { by: by.to_owned(), bytes: vec![7; 60] }
    }

    #[test]
    fn a_key_is_rewrapped_while_it_is_usable_and_destroyed_once() {
        let id = DataKeyId::from_uuid(Uuid::from_u128(1));
        let (key, guard) = DataKey::create(
            (TenantId::sandbox(), id),
            KeyPurpose::PaymentMethods,
            2,
            wrapped("local:1"),
            at(0),
        );
        assert!(matches!(guard, Guard::Claim { key, owner, .. }
            if key == "payment_methods/2" && owner == id.to_string()));
        let moved = key.rewrapped(wrapped("local:2"), at(5)).expect("usable");
        assert_eq!((moved.wrapped_by(), moved.wrapped_at, moved.created_at), ("local:2", at(5), at(0)));
        let gone = moved.retired(at(9)).expect("usable");
        assert_eq!((gone.wrapped(), gone.retired_at(), gone.wrapped_by()), (None, Some(at(9)), "local:2"));
        assert_eq!((gone.retired(at(10)), gone.rewrapped(wrapped("local:3"), at(10))), (None, None));
        assert!(!format!("{key:?}").contains("7, 7"), "{key:?}");
    }

    #[test]
    fn no_two_keys_are_wrapped_for_the_same_context() {
        let id = |number| DataKeyId::from_uuid(Uuid::from_u128(number));
        let other = "other".parse::<TenantId>().expect("a tenant");
        let of = |tenant: &TenantId, number| DataKey::context(tenant, id(number), KeyPurpose::PaymentMethods);
        assert_ne!(of(&TenantId::sandbox(), 1), of(&TenantId::sandbox(), 2));
        assert_ne!(of(&TenantId::sandbox(), 1), of(&other, 1));
        let credentials = DataKey::context(&other, id(1), KeyPurpose::ConnectorCredentials);
        assert_ne!(of(&other, 1), credentials, "another purpose");
    }
}

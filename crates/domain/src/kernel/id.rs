//! TypeIDs: a prefix that names the kind, and a `UUIDv7` in Crockford base32 (<https://github.com/jetify-com/typeid>).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LEN: usize = 26;

/// A kind of thing that has ids of its own.
pub trait IdKind {
    /// The prefix, without the underscore.
    const PREFIX: &'static str;
}

/// The id of one thing of kind `K`; as text `pi_01j…`, as a UUID in tables and in dialects that want one.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not an id of the form {prefix}_ followed by 26 characters")]
pub struct ParseIdError {
    /// What was given, shortened.
    pub given: String,
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

impl<K> Id<K> {
    /// The id with this UUID. New ids come from the `Ids` port.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID inside.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || ParseIdError { given: text.chars().take(48).collect(), prefix: K::PREFIX };
        let suffix =
            text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or_else(refused)?;
        decode(suffix).map(Self::from_uuid).ok_or_else(refused)
    }
}

fn decode(suffix: &str) -> Option<Uuid> {
    let bytes = suffix.as_bytes();
    // 26 characters hold 130 bits: the first may carry only three.
    if bytes.len() != SUFFIX_LEN || bytes[0] > b'7' {
        return None;
    }
    let mut value = 0_u128;
    for byte in bytes {
        let digit = ALPHABET.iter().position(|known| known == byte)?;
        value = (value << 5) | digit as u128;
    }
    Some(Uuid::from_u128(value))
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0.as_u128();
        let mut suffix = [0_u8; SUFFIX_LEN];
        for (place, out) in suffix.iter_mut().rev().enumerate() {
            *out = ALPHABET[((value >> (5 * place)) & 31) as usize];
        }
        let suffix = std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?;
        write!(f, "{}_{suffix}", K::PREFIX)
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// By hand: a derive would ask `K` for what only the UUID needs.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $kind {}
        impl IdKind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A payment intent.
    IntentKind, IntentId, "pi";
    /// One try at one connector. Its authorization and its charge carry the same UUID under their own prefixes.
    AttemptKind, AttemptId, "att";
    /// The authorization of an approved attempt (the attempt's UUID).
    AuthorizationKind, AuthorizationId, "auth";
    /// The charge of a captured authorization (the attempt's UUID).
    ChargeKind, ChargeId, "ch";
    /// The mandate that an approved attempt began (the attempt's UUID): later payments without the customer refer to it.
    MandateKind, MandateId, "mdt";
    /// The session of an alternative payment method that an attempt is (the attempt's UUID).
    SessionKind, SessionId, "apm";
    /// One capture of a charge; the effect id under which the ledger posts it.
    CaptureKind, CaptureId, "cap";
    /// A saved payment method.
    MethodKind, MethodId, "pm";
    /// A refund; the effect id under which the ledger posts it.
    RefundKind, RefundId, "rf";
    /// A dispute. The effects of it that the ledger posts are named by it.
    DisputeKind, DisputeId, "dp";
    /// A chargeback as it came in, while it is not known of which charge it is.
    IntakeKind, IntakeId, "cbi";
    /// A file that is uploaded.
    UploadKind, UploadId, "up";
    /// An evaluation of the refund policy.
    PolicyEvaluationKind, PolicyEvaluationId, "rpe";
    /// A decision of fraud.
    FraudDecisionKind, FraudDecisionId, "frd";
    /// A rule of fraud.
    FraudRuleKind, FraudRuleId, "frr";
    /// An override of fraud's decisions.
    FraudOverrideKind, FraudOverrideId, "fro";
    /// A payment link.
    PaymentLinkKind, PaymentLinkId, "pl";
    /// A message to somebody.
    NotificationKind, NotificationId, "ntf";
    /// A connector: an account at a gateway that payments are made at.
    ConnectorKind, ConnectorId, "con";
    /// One line of a connector's log.
    ConnectorLogKind, ConnectorLogId, "clog";
    /// A rule of routing.
    RoutingRuleKind, RoutingRuleId, "rr";
    /// An API key.
    KeyKind, KeyId, "key";
    /// A data key of the vault.
    DataKeyKind, DataKeyId, "dk";
    /// One read of a secret.
    SecretReadKind, SecretReadId, "sr";
    /// A callback of a gateway, as it is kept.
    CallbackKind, CallbackId, "gcb";
    /// A long job.
    JobKind, JobId, "job";
    /// One line of the ledger.
    LedgerEntryKind, LedgerEntryId, "le";
    /// A change of a customer's store credit that no refund made; the effect id under which the ledger posts it.
    CreditAdjustmentKind, CreditAdjustmentId, "sca";
}

impl AttemptId {
    /// The authorization that this attempt became when it was approved.
    #[must_use]
    pub const fn authorization(self) -> AuthorizationId {
        AuthorizationId::from_uuid(self.uuid())
    }

    /// The charge that this attempt became when it was captured.
    #[must_use]
    pub const fn charge(self) -> ChargeId {
        ChargeId::from_uuid(self.uuid())
    }

    /// The mandate that this attempt began, if it began one.
    #[must_use]
    pub const fn mandate(self) -> MandateId {
        MandateId::from_uuid(self.uuid())
    }

    /// The session of an alternative payment method that this attempt is, if it is one.
    #[must_use]
    pub const fn session(self) -> SessionId {
        SessionId::from_uuid(self.uuid())
    }
}

impl MandateId {
    /// The attempt that began it.
    #[must_use]
    pub const fn attempt(self) -> AttemptId {
        AttemptId::from_uuid(self.uuid())
    }
}

impl SessionId {
    /// The attempt that it is.
    #[must_use]
    pub const fn attempt(self) -> AttemptId {
        AttemptId::from_uuid(self.uuid())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_published_examples_of_the_typeid_specification_hold() {
        let id: Id<IntentKind> = Id::from_uuid(Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881));
        assert_eq!(id.to_string(), "pi_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(Id::<IntentKind>::from_uuid(Uuid::max()).to_string(), "pi_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn another_kinds_id_is_refused() {
        for text in [
            "ch_01h2xcejqtf2nbrexx3vqjhp41",
            "pi_",
            "pi_81h2xcejqtf2nbrexx3vqjhp41",
            "pi_01H2XCEJQTF2NBREXX3VQJHP41",
            "01h2",
        ] {
            assert!(text.parse::<IntentId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_survives_its_text(bits in any::<u128>()) {
            let id = RefundId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<RefundId>(), Ok(id));
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<RefundId>();
        }
    }
}

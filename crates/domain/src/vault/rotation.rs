//! The rotation of a tenant's keys, of all purposes at once: everything that older versions sealed is sealed anew, and the
//! older versions are destroyed.

use serde::{Deserialize, Serialize};

use crate::kernel::{ConnectorId, DataKeyId, Guard, JobId, MethodId, TenantId, Timestamp, Version};

use super::KeyPurpose;

/// The claim to be a tenant's running rotation.
pub const RUNNING_ROTATION: &str = "key_rotation";

/// The most records that a rotation passes over. When more do not open, something is wrong that a person must see: the
/// rotation ends, and what is left stays under the keys it is under.
pub const ROTATION_FAILURES_MAX: usize = 100;

/// A rotation, which is a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRotation {
    /// Whose.
    pub tenant: TenantId,
    /// The job.
    pub id: JobId,
    /// How often it was committed.
    pub version: Version,
    /// The version that payment methods are to be sealed under.
    pub to: DataKeyId,
    /// The version that connectors' credentials are to be sealed under. None of a rotation that began before they had keys of
    /// their own: it seals them as payment methods, and the next one moves them.
    pub credentials_to: Option<DataKeyId>,
    /// How many records were sealed otherwise when it began.
    pub total: u64,
    /// How many of them were sealed anew. May come to be more or fewer than `total`: records come and go meanwhile.
    pub done: u64,
    /// The records that did not open.
    pub failures: Vec<RotationFailure>,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A record that did not open, and so stays under the key that its row names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationFailure {
    /// The payment method, if the record is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<MethodId>,
    /// The connector whose credentials it is, if it is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector_id: Option<ConnectorId>,
    /// Why.
    pub error: String,
}

/// Where a rotation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationStatus {
    /// Nothing was sealed anew yet.
    Pending,
    /// Some was.
    Processing,
    /// Nothing is sealed under an older key, and the older keys are destroyed.
    Completed,
    /// It ended with records that do not open; their keys are kept.
    Failed,
}

impl RotationStatus {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl KeyRotation {
    /// Of which of a tenant's rotations one runs at a time: all, under the name that the first of them had.
    pub const CLAIMED_AS: KeyPurpose = KeyPurpose::PaymentMethods;

    /// The guard that keeps it the only one of its tenant.
    #[must_use]
    pub fn begun(&self) -> Guard {
        let key = Self::CLAIMED_AS.as_str().to_owned();
        Guard::Claim { kind: RUNNING_ROTATION, key, owner: self.id.to_string() }
    }

    /// What lets the next one begin.
    #[must_use]
    pub fn ended(&self) -> Guard {
        let key = Self::CLAIMED_AS.as_str().to_owned();
        Guard::Release { kind: RUNNING_ROTATION, key, owner: self.id.to_string() }
    }

    /// Each purpose whose older keys it destroys, with the version that stays.
    pub fn targets(&self) -> impl Iterator<Item = (KeyPurpose, DataKeyId)> {
        let credentials = self.credentials_to.map(|to| (KeyPurpose::ConnectorCredentials, to));
        std::iter::once((KeyPurpose::PaymentMethods, self.to)).chain(credentials)
    }

    /// The version that connectors' credentials are sealed under.
    #[must_use]
    pub fn credentials_key(&self) -> DataKeyId {
        self.credentials_to.unwrap_or(self.to)
    }

    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> RotationStatus {
        match (self.finished_at.is_some(), self.failures.is_empty(), self.done) {
            (true, true, _) => RotationStatus::Completed,
            (true, false, _) => RotationStatus::Failed,
            (false, _, 0) => RotationStatus::Pending,
            (false, ..) => RotationStatus::Processing,
        }
    }

    /// With `done` more records sealed anew, and these that did not open.
    #[must_use]
    pub fn progressed(&self, done: u64, failures: Vec<RotationFailure>) -> Self {
        let mut next = self.clone();
        next.version = self.version.next();
        next.done = self.done.saturating_add(done);
        next.failures.extend(failures);
        next
    }

    /// Ended.
    #[must_use]
    pub fn finished(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), finished_at: Some(now), ..self.clone() }
    }

    /// Whether so much did not open that it must not go on.
    #[must_use]
    pub const fn has_failed_too_often(&self) -> bool {
        self.failures.len() >= ROTATION_FAILURES_MAX
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

    #[test]
    fn a_rotation_is_completed_only_when_every_record_opened() {
        let begun = KeyRotation {
            tenant: TenantId::sandbox(),
            id: JobId::from_uuid(Uuid::from_u128(1)),
            version: Version::FIRST,
            to: DataKeyId::from_uuid(Uuid::from_u128(2)),
            credentials_to: None,
            total: 3,
            done: 0,
            failures: Vec::new(),
            created_by: "ada".into(),
            created_at: at(0),
            finished_at: None,
        };
        let lost = RotationFailure {
            payment_method_id: Some(MethodId::from_uuid(Uuid::from_u128(3))),
            connector_id: None,
            error: "it does not open".into(),
        };
        assert_eq!(begun.status(), RotationStatus::Pending);
        let some = begun.progressed(2, Vec::new());
        assert_eq!((some.status(), some.done), (RotationStatus::Processing, 2));
        assert_eq!(some.finished(at(9)).status(), RotationStatus::Completed);
        let partly = some.progressed(0, vec![lost.clone()]);
        assert_eq!(partly.finished(at(9)).status(), RotationStatus::Failed);
        assert!(!partly.has_failed_too_often());
        assert!(begun.progressed(0, vec![lost; ROTATION_FAILURES_MAX]).has_failed_too_often());
    }
}

//! Which service a job is of: its id says so, for all services answer for jobs under one path (contract §2 "Long jobs").

use uuid::Uuid;

use super::JobId;

/// The service that owns a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobOwner {
    /// Intents: what no other service has marked.
    Intents,
    /// The vault.
    Vault,
}

impl JobOwner {
    /// The last six characters of the ids of its jobs; none where the service marks none. By them the edge knows where a
    /// request for a job belongs.
    #[must_use]
    pub const fn mark(self) -> Option<&'static str> {
        match self {
            Self::Intents => None,
            // `vault`, as far as base32 has the letters.
            Self::Vault => Some("0vavt0"),
        }
    }
}

/// The mark of the vault, as the number that its characters are.
const VAULT_MARK: u128 = (((27 * 32 + 10) * 32 + 27) * 32 + 26) * 32;
/// Six characters of five bits.
const MARK_BITS: u128 = (1 << 30) - 1;

impl JobId {
    /// The id of a new job of this service, of a new UUID: its time and 44 of its random bits stay, the last 30 bits are
    /// the service's mark. One in a billion unmarked ids looks marked, and is then found nowhere.
    #[must_use]
    pub const fn of(owner: JobOwner, uuid: Uuid) -> Self {
        match owner {
            JobOwner::Intents => Self::from_uuid(uuid),
            JobOwner::Vault => Self::from_uuid(Uuid::from_u128((uuid.as_u128() & !MARK_BITS) | VAULT_MARK)),
        }
    }

    /// The service that owns the job.
    #[must_use]
    pub const fn owner(self) -> JobOwner {
        if self.uuid().as_u128() & MARK_BITS == VAULT_MARK { JobOwner::Vault } else { JobOwner::Intents }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_id_names_its_service_and_keeps_its_time() {
        let uuid = Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881);
        let (plain, marked) = (JobId::of(JobOwner::Intents, uuid), JobId::of(JobOwner::Vault, uuid));
        assert_eq!((plain.uuid(), plain.owner()), (uuid, JobOwner::Intents));
        assert_eq!(marked.owner(), JobOwner::Vault);
        assert_eq!(marked.uuid().as_u128() >> 30, uuid.as_u128() >> 30);
        assert!(JobOwner::Vault.mark().is_some_and(|mark| marked.to_string().ends_with(mark)), "{marked}");
        assert_eq!(marked.to_string().parse::<JobId>().map(JobId::owner), Ok(JobOwner::Vault));
    }
}

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

/// The last 32 bits of an id of the vault's: `vaul` in ASCII.
const VAULT_MARK: u128 = 0x7661_756c;
const MARK_BITS: u128 = 0xffff_ffff;

impl JobId {
    /// The id of a new job of this service, of a new UUID: its time and 42 of its random bits stay, the last 32 bits are
    /// the service's mark. One in four billion unmarked ids looks marked, and is then found nowhere.
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
        assert_eq!(marked.uuid().as_u128() >> 32, uuid.as_u128() >> 32);
        assert_eq!(marked.to_string().parse::<JobId>().map(JobId::owner), Ok(JobOwner::Vault));
    }
}

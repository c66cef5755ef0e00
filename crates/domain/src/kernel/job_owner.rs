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
    /// Refunds.
    Refunds,
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
            Self::Refunds => Some("refnds"),
        }
    }

    /// The mark as the number that its characters are.
    const fn mark_bits(self) -> Option<u128> {
        let Some(mark) = self.mark() else { return None };
        let (mark, mut bits, mut place) = (mark.as_bytes(), 0, 0);
        while place < mark.len() {
            let mut value = 0;
            while BASE32[value] != mark[place] {
                value += 1;
            }
            bits = bits * 32 + value as u128;
            place += 1;
        }
        Some(bits)
    }
}

/// What the characters of an id stand for.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Six characters of five bits.
const MARK_BITS: u128 = (1 << 30) - 1;

impl JobId {
    /// The id of a new job of this service, of a new UUID: its time and 44 of its random bits stay, the last 30 bits are
    /// the service's mark. One in a billion unmarked ids looks marked, and is then found nowhere.
    #[must_use]
    pub const fn of(owner: JobOwner, uuid: Uuid) -> Self {
        match owner.mark_bits() {
            None => Self::from_uuid(uuid),
            Some(mark) => Self::from_uuid(Uuid::from_u128((uuid.as_u128() & !MARK_BITS) | mark)),
        }
    }

    /// The service that owns the job.
    #[must_use]
    pub fn owner(self) -> JobOwner {
        let bits = Some(self.uuid().as_u128() & MARK_BITS);
        let marked = [JobOwner::Vault, JobOwner::Refunds];
        marked.into_iter().find(|owner| owner.mark_bits() == bits).unwrap_or(JobOwner::Intents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_id_names_its_service_and_keeps_its_time() {
        let uuid = Uuid::from_u128(0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881);
        let plain = JobId::of(JobOwner::Intents, uuid);
        assert_eq!((plain.uuid(), plain.owner()), (uuid, JobOwner::Intents));
        for owner in [JobOwner::Vault, JobOwner::Refunds] {
            let marked = JobId::of(owner, uuid);
            assert_eq!(marked.owner(), owner);
            assert_eq!(marked.uuid().as_u128() >> 30, uuid.as_u128() >> 30);
            assert!(owner.mark().is_some_and(|mark| marked.to_string().ends_with(mark)), "{marked}");
            assert_eq!(marked.to_string().parse::<JobId>().map(JobId::owner), Ok(owner));
        }
    }
}

//! A chargeback whose charge is not known: kept, and matched when the charge is.

use std::time::Duration;

use crate::kernel::{DisputeId, IntakeId, TenantId, Timestamp, Version, gateway_text};
use crate::refunds::LookupSchedule;

use super::{DisputeStatus, ToldDispute};

/// At which age a person is told: ten minutes on, the event of a capture is not late but missing.
const AGE_OF_ALERT: Duration = Duration::from_secs(600);

/// A chargeback as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargebackIntake {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: IntakeId,
    /// How many times it has been committed.
    pub version: Version,
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// What was told.
    pub told: ToldDispute,
    /// Where it stood when it was told last.
    pub standing: DisputeStatus,
    /// The dispute it became; none while its charge is not known.
    pub dispute: Option<DisputeId>,
    /// How often the charge was looked for in vain.
    pub tries: u32,
    /// When it is looked for next; none when it was found, or is left to a person.
    pub next_try_at: Option<Timestamp>,
    /// Why it could not be matched, for a person.
    pub note: Option<String>,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl ChargebackIntake {
    /// A chargeback whose charge is not known.
    #[must_use]
    pub fn unmatched(
        (tenant, id): (&TenantId, IntakeId),
        gateway_reference: &str,
        told: ToldDispute,
        standing: DisputeStatus,
        (now, schedule): (Timestamp, &LookupSchedule),
    ) -> Self {
        Self {
            tenant: tenant.clone(),
            id,
            version: Version::FIRST,
            gateway_reference: gateway_reference.to_owned(),
            told,
            standing,
            dispute: None,
            tries: 0,
            next_try_at: schedule.next_after(now, now),
            note: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its charge was found: it is this dispute.
    #[must_use]
    pub fn matched(&self, dispute: DisputeId, now: Timestamp) -> Self {
        Self { dispute: Some(dispute), next_try_at: None, note: None, ..self.stepped(now) }
    }

    /// Told again, standing otherwise. What is decided is not undone by a late word that it is open.
    #[must_use]
    pub fn standing_at(&self, standing: DisputeStatus, now: Timestamp) -> Option<Self> {
        let newer = standing != self.standing && (!standing.is_open() || self.standing.is_open());
        newer.then(|| Self { standing, ..self.stepped(now) })
    }

    /// Looked for in vain once more; whether a person is to be told now.
    #[must_use]
    pub fn missed(&self, why: &str, now: Timestamp, schedule: &LookupSchedule) -> (Self, bool) {
        let tries = self.tries.saturating_add(1);
        let next_try_at = schedule.next_after(self.created_at, now);
        let next = Self { tries, next_try_at, note: Some(gateway_text(why)), ..self.stepped(now) };
        // Told once when the tries pass that age, and once when they end.
        let alert_at = self.created_at + AGE_OF_ALERT;
        let tell = match (self.next_try_at, next_try_at) {
            (Some(last), Some(next)) => last <= alert_at && next > alert_at,
            (last, None) => last.is_some(),
            (None, Some(_)) => false,
        };
        (next, tell)
    }

    fn stepped(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

//! A chargeback whose charge is not known: kept, and matched when the charge is.

use std::time::Duration;

use crate::kernel::{DisputeId, IntakeId, TenantId, Timestamp, Version, gateway_text};
use crate::refunds::LookupSchedule;

use super::{DisputeStatus, ToldDispute};

/// At which age a person is told: ten minutes on, the event of a capture is not late but missing.
const AGE_OF_ALERT: Duration = Duration::from_secs(600);

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Until this age a chargeback is looked for, once a day after the schedule of unknown outcomes has ended: a network's
/// procedure is over by then.
const AGE_OF_END: Duration = DAY.saturating_mul(540);

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

    /// Told again, standing otherwise, or with a fee (in minor units of the same currency) that nobody had told. What is
    /// decided is not undone by a late word that it is open.
    #[must_use]
    pub fn told_again(
        &self,
        standing: DisputeStatus,
        fee_minor: Option<i64>,
        now: Timestamp,
    ) -> Option<Self> {
        let newer = standing != self.standing && (!standing.is_open() || self.standing.is_open());
        let learns = self.told.fee_minor.is_none() && fee_minor.is_some();
        if !newer && !learns {
            return None;
        }
        let standing = if newer { standing } else { self.standing };
        let told = ToldDispute { fee_minor: self.told.fee_minor.or(fee_minor), ..self.told.clone() };
        Some(Self { standing, told, ..self.stepped(now) })
    }

    /// Looked for in vain once more; whether a person is to be told now.
    #[must_use]
    pub fn missed(&self, why: &str, now: Timestamp, schedule: &LookupSchedule) -> (Self, bool) {
        let tries = self.tries.saturating_add(1);
        let often = schedule.next_after(self.created_at, now);
        let next_try_at = often.or_else(|| self.next_day(now));
        let next = Self { tries, next_try_at, note: Some(gateway_text(why)), ..self.stepped(now) };
        // Told once when the tries pass each of these ages, and once when they end.
        let passes = |age: Duration| {
            let at = self.created_at + age;
            self.next_try_at.is_some_and(|last| last <= at) && next_try_at.is_none_or(|next| next > at)
        };
        let ends = self.next_try_at.is_some() && next_try_at.is_none();
        let tell = passes(AGE_OF_ALERT) || passes(schedule.give_up_after) || ends;
        (next, tell)
    }

    /// The same time of the next day, until it is too old.
    fn next_day(&self, now: Timestamp) -> Option<Timestamp> {
        let age = (now - self.created_at).to_std().unwrap_or_default();
        let days = u32::try_from(age.as_secs() / DAY.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let next = DAY.saturating_mul(days);
        (next <= AGE_OF_END).then(|| self.created_at + next)
    }

    fn stepped(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

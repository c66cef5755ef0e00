use crate::kernel::{TenantId, Timestamp, Version};

use super::{SettingsEvent, SettingsPatch, SettingsRefusal, SettingsValues};

/// A tenant's settings: one row, made with the tenant, or when something is set before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// Whose.
    pub tenant: TenantId,
    /// How often they were committed.
    pub version: Version,
    /// What is set.
    pub values: SettingsValues,
    /// When they were first told.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl TenantSettings {
    /// The version that a tenant sees whose settings were never set: what `If-Match` names then.
    pub const UNSET_VERSION: Version = Version::new(0);

    /// The first settings of a tenant: the defaults with the patch laid over them.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn first(
        tenant: TenantId,
        patch: SettingsPatch,
        now: Timestamp,
    ) -> Result<(Self, SettingsEvent), SettingsRefusal> {
        let values = SettingsValues::default().patched(patch)?;
        let settings = Self { tenant, version: Version::FIRST, values, created_at: now, updated_at: now };
        Ok((settings, SettingsEvent::Changed))
    }

    /// These settings with the patch laid over them; none when that changes nothing.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn change(
        &self,
        patch: SettingsPatch,
        now: Timestamp,
    ) -> Result<Option<(Self, SettingsEvent)>, SettingsRefusal> {
        let values = self.values.patched(patch)?;
        if values == self.values {
            return Ok(None);
        }
        let changed = Self { version: self.version.next(), values, updated_at: now, ..self.clone() };
        Ok(Some((changed, SettingsEvent::Changed)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    const NOW: Timestamp = DateTime::UNIX_EPOCH;

    fn attempts(max_attempts: u32) -> SettingsPatch {
        SettingsPatch { max_attempts: Some(max_attempts), ..SettingsPatch::default() }
    }

    #[test]
    fn the_first_patch_lies_over_the_defaults_and_the_next_over_it() {
        let (first, _) = TenantSettings::first(TenantId::sandbox(), attempts(3), NOW).expect("in range");
        assert_eq!((first.version, first.values.max_attempts), (Version::FIRST, 3));
        assert_eq!(first.values.dispute_retention_days, SettingsValues::default().dispute_retention_days);
        let later = NOW + TimeDelta::seconds(1);
        let (second, event) = first.change(attempts(4), later).expect("in range").expect("a change");
        assert_eq!(
            (second.version, second.updated_at, event),
            (Version::new(2), later, SettingsEvent::Changed)
        );
        assert_eq!(second.created_at, NOW);
    }

    #[test]
    fn a_patch_that_changes_nothing_makes_no_version() {
        let (first, _) = TenantSettings::first(TenantId::sandbox(), attempts(3), NOW).expect("in range");
        assert_eq!(first.change(attempts(3), NOW), Ok(None));
        assert_eq!(first.change(SettingsPatch::default(), NOW), Ok(None));
    }
}

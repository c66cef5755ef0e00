use crate::kernel::{Limits, TenantId, Timestamp, Version, find_card_number};

use super::TenantRefusal;

/// A tenant: whose everything is. Made by command, never by a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, the short name that credentials carry.
    pub tenant: TenantId,
    /// How people call it.
    pub display_name: String,
    /// How often it was committed.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Tenant {
    /// The most characters a display name has.
    pub const DISPLAY_NAME_CHARS: usize = Limits::REFERENCE_CHARS;

    /// A new tenant; without a display name it is called by its id.
    ///
    /// # Errors
    /// When the display name is empty, too long or holds what looks like a card number.
    pub fn create(
        tenant: TenantId,
        display_name: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, TenantRefusal> {
        let display_name = display_name.unwrap_or(tenant.as_str()).trim().to_owned();
        if display_name.is_empty() || display_name.chars().count() > Self::DISPLAY_NAME_CHARS {
            return Err(TenantRefusal::BadDisplayName);
        }
        find_card_number(&display_name)?;
        Ok(Self { tenant, display_name, version: Version::FIRST, created_at: now, updated_at: now })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn create(name: Option<&str>) -> Result<Tenant, TenantRefusal> {
        Tenant::create(TenantId::sandbox(), name, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_tenant_without_a_display_name_is_called_by_its_id() {
        assert_eq!(create(None).map(|tenant| tenant.display_name), Ok("sandbox".to_owned()));
    }

    #[test]
    fn a_display_name_that_is_empty_too_long_or_a_card_number_is_refused() {
        assert_eq!(create(Some("  ")), Err(TenantRefusal::BadDisplayName));
        assert_eq!(create(Some(&"x".repeat(256))), Err(TenantRefusal::BadDisplayName));
        assert!(matches!(create(Some("4242424242424242")), Err(TenantRefusal::CardNumber(_))));
    }
}

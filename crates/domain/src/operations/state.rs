use crate::kernel::Timestamp;

/// Where an API key stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyStatus {
    /// It counts.
    Active,
    /// Its time is over. Not stored: the clock makes it so.
    Expired,
    /// Somebody took it back, for ever.
    Revoked,
}

impl ApiKeyStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Active, Self::Expired, Self::Revoked];

    /// The text form, as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The status with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|status| status.as_str() == text).copied()
    }

    /// The status of a key with these instants, at `now`. Revoked wins: it says that a person decided.
    #[must_use]
    pub fn at(now: Timestamp, expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }
}

/// What can be asked of a key that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyCommand {
    /// Take it back.
    Revoke,
}

impl ApiKeyCommand {
    /// Every command.
    pub const ALL: &'static [Self] = &[Self::Revoke];

    /// The status that a key of `status` has after the command; none when there is nothing to do.
    ///
    /// An expired key can be revoked too: it then stays so if its expiry is ever moved.
    #[must_use]
    pub const fn leads_to(self, status: ApiKeyStatus) -> Option<ApiKeyStatus> {
        match (self, status) {
            (Self::Revoke, ApiKeyStatus::Active | ApiKeyStatus::Expired) => Some(ApiKeyStatus::Revoked),
            (Self::Revoke, ApiKeyStatus::Revoked) => None,
        }
    }
}

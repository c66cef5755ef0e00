//! The statuses of a payment method and its transitions, as data.

/// Where a payment method stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodStatus {
    /// Can be used.
    Active,
    /// Deleted: its secrets are gone, what is left serves the books.
    Deleted,
}

impl MethodStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Active, Self::Deleted];

    /// The text form, as sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }

    /// The status after a command, or none when the status does not allow it.
    #[must_use]
    pub const fn after(self, command: MethodCommandKind) -> Option<Self> {
        use MethodCommandKind as C;
        match (self, command) {
            (
                Self::Active,
                C::Update | C::Attach | C::BecomeDefault | C::StepDown | C::Verify | C::TellExpiry,
            ) => Some(Self::Active),
            (Self::Active, C::Delete) => Some(Self::Deleted),
            (Self::Deleted, _) => None,
        }
    }
}

/// What can be asked of a payment method, without the particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodCommandKind {
    /// Change what the client keeps with it.
    Update,
    /// Give it to a customer.
    Attach,
    /// Make it its customer's default.
    BecomeDefault,
    /// Be the default no longer.
    StepDown,
    /// Go a step on with its verification.
    Verify,
    /// Tell that its card expires, or has expired.
    TellExpiry,
    /// Delete it and its secrets.
    Delete,
}

impl MethodCommandKind {
    /// Every command.
    pub const ALL: &'static [Self] = &[
        Self::Update,
        Self::Attach,
        Self::BecomeDefault,
        Self::StepDown,
        Self::Verify,
        Self::TellExpiry,
        Self::Delete,
    ];
}

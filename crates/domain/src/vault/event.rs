//! What happened to a payment method.

/// What happened. The whole public state travels with it, so an event carries nothing but its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodEvent {
    /// It was saved.
    Created,
    /// What the client keeps with it, or its default flag, changed.
    Updated,
    /// It was given to a customer.
    Attached,
    /// Its verification began, went on or ended.
    VerificationChanged,
    /// The last month of its card has begun.
    Expiring,
    /// The last month of its card is over.
    Expired,
    /// It was deleted.
    Deleted,
}

impl MethodEvent {
    /// The text form, as in the public event's `change`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Attached => "attached",
            Self::VerificationChanged => "verification_changed",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }
}

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
            Self::Deleted => "deleted",
        }
    }
}

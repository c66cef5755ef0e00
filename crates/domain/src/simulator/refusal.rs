use crate::kernel::Money;

/// Why the simulated gateway does not move money, as facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookRefusal {
    /// There is nothing with this gateway reference.
    #[error("there is no authorization {gateway_reference}")]
    NoSuchPayment {
        /// What was named.
        gateway_reference: String,
    },
    /// The amount is zero, negative or in another currency than the authorization.
    #[error("{given} is no amount of an authorization over {authorized}")]
    BadAmount {
        /// What was asked.
        given: Money,
        /// What was authorized.
        authorized: Money,
    },
    /// More than is still held.
    #[error("{asked} asked, {capturable} can still be captured")]
    ExceedsAuthorized {
        /// What was asked.
        asked: Money,
        /// What can still be captured; zero after a void or a final capture.
        capturable: Money,
    },
    /// More than was captured and not yet given back.
    #[error("{asked} asked, {refundable} can still be refunded")]
    ExceedsCaptured {
        /// What was asked.
        asked: Money,
        /// What can still be refunded.
        refundable: Money,
    },
    /// Nothing is held any more: captured to the end, or voided before.
    #[error("nothing of the authorization is held any more")]
    NothingHeld,
}

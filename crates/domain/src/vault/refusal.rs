//! Why a command on a payment method was refused.

/// A refusal, as a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MethodRefusal {
    /// It was deleted; nothing can be done to it any more.
    #[error("the payment method was deleted")]
    Deleted,
    /// It belongs to another customer, and a method never changes hands.
    #[error("the payment method belongs to another customer")]
    AttachedToAnother,
    /// It belongs to another merchant account, and a method never changes hands.
    #[error("the payment method belongs to another merchant account")]
    AttachedToAnotherMerchant,
    /// Only a customer's method can be a default.
    #[error("a method that belongs to no customer cannot be a default; attach it to a customer first")]
    NoCustomer,
    /// Card or bank account data of a customer is kept only with the customer's consent.
    #[error(
        "card or bank account data of a customer is saved only with `consent`: {{\"given\": true, \"text_version\": \"…\"}}"
    )]
    ConsentRequired,
    /// An account is debited by SEPA direct debit only on a mandate.
    #[error(
        "a `sepa_debit` is saved only with its `mandate`: {{\"signed_at\": \"…\", \"sequence\": \"RCUR\"}}"
    )]
    MandateRequired,
    /// Another verification of it has not ended.
    #[error(
        "another verification of the payment method has not ended; wait until its `verification.status` is not `pending`"
    )]
    VerificationPending,
    /// Too many wrong amounts were named.
    #[error("too many wrong amounts were named; the account cannot be verified by deposits any more")]
    VerificationLocked,
    /// No deposits were sent whose amounts could be named.
    #[error(
        "no deposits were sent to the account, or the time to name their amounts is over; ask for the verification without `amounts` first"
    )]
    NoDeposits,
    /// Only SEPA direct debits have a mandate.
    #[error("only a `sepa_debit` has a `mandate`")]
    MandateNotTaken,
}

//! Why the vault did not do what was asked.

use tender_domain::kernel::{CommitError, InvalidMetadata, StoreError};
use tender_domain::ports::MethodLookupError;
use tender_domain::vault::{
    InvalidBankData, InvalidCard, InvalidDetails, InvalidMandate, MethodRefusal, MethodType, VerificationKind,
};
use tender_http::Problem;

use crate::sealing::SealError;

/// A refusal or a failure of a use case. None repeats what the client sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VaultError {
    /// There is no such thing for this caller: it does not exist, was deleted, or is somebody else's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The rules of payment methods refuse it.
    #[error(transparent)]
    Refused(#[from] MethodRefusal),
    /// The card data is wrong.
    #[error("card: {0}")]
    Card(#[from] InvalidCard),
    /// The data of the bank account is wrong.
    #[error("bank_account: {0}")]
    BankAccount(InvalidBankData),
    /// The mandate is wrong.
    #[error("mandate: {0}")]
    Mandate(#[from] InvalidMandate),
    /// Another method has a mandate of this reference, or had one.
    #[error("another payment method has a mandate with this reference, or had one")]
    MandateReferenceTaken,
    /// No connector that is set up takes methods of this type.
    #[error("no connector that is set up takes payment methods of type `{}`", .0.as_str())]
    TypeNotTaken(MethodType),
    /// No connector that holds a token for the method verifies its type so.
    #[error("no connector that holds the method verifies payment methods of type `{}` by `{}`", .method_type.as_str(), .kind.as_str())]
    VerificationNotTaken {
        /// Of which type the method is.
        method_type: MethodType,
        /// How it was to be verified.
        kind: VerificationKind,
        /// How connectors that hold it verify it instead.
        instead: Vec<VerificationKind>,
    },
    /// No connector that holds a token for the method tells of its issuer's part in 3-D Secure.
    #[error("no connector that holds the method tells whether its issuer takes part in 3-D Secure")]
    ThreeDsNotTold,
    /// A text breaks a rule; `place` is the object it stands in, as a JSON Pointer.
    #[error("{place}{}: {problem}", .problem.field())]
    Details {
        /// The object.
        place: &'static str,
        /// The rule.
        problem: InvalidDetails,
    },
    /// The metadata breaks a bound.
    #[error(transparent)]
    Metadata(#[from] InvalidMetadata),
    /// The consent is dated in the future.
    #[error("a consent cannot be dated in the future")]
    ConsentInFuture,
    /// No connector knows the client's token.
    #[error("no connector knows this token")]
    TokenUnknown,
    /// No connector could be asked for, or about, a token. Nothing was saved.
    #[error("no connector could be reached to tokenise the card")]
    ConnectorsUnavailable,
    /// The key, the version or another convention of HTTP: already in its words.
    #[error("{0}")]
    Convention(Problem),
    /// The tokens could not be sealed or opened.
    #[error("{0}")]
    Sealing(String),
    /// A key cannot be had now; the same may be asked again.
    #[error("a key cannot be had now: {0}")]
    KeysUnavailable(String),
    /// The tenant's keys are being rotated, by this job.
    #[error("the tenant's keys are being rotated by {0}")]
    RotationRunning(String),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<SealError> for VaultError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Unavailable(why) => Self::KeysUnavailable(why),
            error => Self::Sealing(error.to_string()),
        }
    }
}

impl From<MethodLookupError> for VaultError {
    fn from(error: MethodLookupError) -> Self {
        match error {
            MethodLookupError::NotFound(_) => Self::NotFound("payment method"),
            MethodLookupError::Unavailable(why) => Self::KeysUnavailable(why),
        }
    }
}

impl From<Problem> for VaultError {
    fn from(problem: Problem) -> Self {
        Self::Convention(problem)
    }
}

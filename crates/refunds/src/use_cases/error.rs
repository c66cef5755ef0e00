//! Why a use case gave no answer to keep.

use tender_domain::dispute_cases::CaseRefusal;
use tender_domain::disputes::{BadEvidence, DisputeRefusal};
use tender_domain::kernel::{CommitError, IntakeId, StoreError};
use tender_domain::refund_policy::RefundPolicyRefusal;
use tender_domain::refunds::{BadCapture, ChargeSourceError, RefundRefusal};
use tender_domain::uploads::{BadFile, ReceiveError, StorageError, Upload, UploadRefusal};
use tender_http::Problem;

/// Why a use case did not end as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RefundsError {
    /// There is no such charge or intent of this tenant, or it is not the caller's.
    #[error("there is no such charge")]
    NoSuchCharge,
    /// There is no such refund of this tenant, or it is not the caller's.
    #[error("there is no such refund")]
    NoSuchRefund,
    /// There is no such dispute of this tenant, or it is not the caller's.
    #[error("there is no such dispute")]
    NoSuchDispute,
    /// The laws of disputes refuse it.
    #[error(transparent)]
    Dispute(#[from] DisputeRefusal),
    /// A chargeback waits under the processor's reference, with another amount or of another charge.
    #[error("the chargeback waits as {0}, with another amount or of another charge")]
    WaitsOtherwise(IntakeId),
    /// The client has seen another version, or names none where it must.
    #[error("the version that was named is not the current one")]
    StaleVersion(Box<Problem>),
    /// The intent is there, and nothing of it was captured.
    #[error("nothing was captured of the intent")]
    NotCaptured,
    /// The laws of cases refuse it.
    #[error(transparent)]
    Case(#[from] CaseRefusal),
    /// The laws of refunds refuse it.
    #[error(transparent)]
    Refused(#[from] RefundRefusal),
    /// The laws of the refund policy refuse it.
    #[error("{0}")]
    Policy(RefundPolicyRefusal),
    /// The texts and files are no evidence.
    #[error(transparent)]
    BadEvidence(#[from] BadEvidence),
    /// What is declared is no file that is taken.
    #[error(transparent)]
    BadFile(#[from] BadFile),
    /// An upload cannot be used.
    #[error(transparent)]
    Upload(#[from] UploadRefusal),
    /// Too many of the tenant's uploads wait to be used.
    #[error("{} uploads wait to be used; use them, or wait until they are removed", Upload::WAITING_MAX)]
    TooManyUploads,
    /// A link to an upload's content is not good: it was not made so, or its time is over.
    #[error("the link is not good, or its time is over")]
    BadLink,
    /// The content of an upload is not there.
    #[error("the content is not there")]
    NoSuchContent,
    /// What was put to an upload was not taken in.
    #[error(transparent)]
    Received(#[from] ReceiveError),
    /// The object storage does not answer.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The first call with the same idempotency key still runs.
    #[error("the first request with this key is still being worked on")]
    InFlight,
    /// The idempotency key belongs to another request.
    #[error("the key belongs to another request")]
    OtherRequest,
    /// The charge's connector is not set up here; nothing was tried.
    #[error("the connector {0} is not set up")]
    ConnectorUnavailable(String),
    /// The gateway of the charge's connector cannot be had now (its secret is not to be read); nothing was tried, and later
    /// it may be otherwise.
    #[error("the gateway of the connector {0} cannot be had now")]
    ConnectorAway(String),
    /// Intents cannot be asked about the charge; nothing was tried.
    #[error("intents cannot be asked: {0}")]
    SourceUnavailable(String),
    /// What intents says of the charge contradicts what is known.
    #[error("what is told of the charge contradicts what is known: {0}")]
    Contradiction(#[from] BadCapture),
    /// What a gateway told of a refund contradicts what is known.
    #[error("{0}")]
    ToldOtherwise(String),
    /// A gateway told of a refund of a charge that nothing was told of so far.
    #[error("the gateway calls a charge {0} that is not known yet")]
    ChargeNotYetKnown(String),
    /// A key's record names something that is not there: stored data is bad.
    #[error("the idempotency key's record names `{0}`, which is not there")]
    BadKeyRecord(String),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<ChargeSourceError> for RefundsError {
    fn from(error: ChargeSourceError) -> Self {
        match error {
            ChargeSourceError::NotCaptured => Self::NotCaptured,
            ChargeSourceError::Unavailable(why) => Self::SourceUnavailable(why),
        }
    }
}

//! Refusals and faults as problem details.

use tender_domain::dispute_cases::CaseRefusal;
use tender_domain::disputes::DisputeRefusal;
use tender_domain::refund_policy::RefundPolicyRefusal;
use tender_domain::refunds::RefundRefusal;
use tender_domain::uploads::{BadFile, ReceiveError, StorageError, UploadRefusal};
use tender_http::{Problem, Replay};

use crate::RefundsError;

const SOURCE_RETRY_SECONDS: u32 = 2;
/// Those that nobody uses are removed after a day.
const UPLOADS_RETRY_SECONDS: u32 = 60;

/// A refusal of business.
pub(super) fn refusal_problem(refusal: &RefundRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        RefundRefusal::ExceedsCharge { left, .. } => {
            let at_most = format!("must be at most {}", left.minor());
            Problem::unprocessable("refund_exceeds_charge", detail).pointer("/amount", at_most)
        }
        RefundRefusal::OtherCurrency { charge, .. } => {
            let leave = format!("must be {charge}, or left out");
            Problem::unprocessable("currency_mismatch", detail).pointer("/currency", leave)
        }
        RefundRefusal::NotOfIntent { .. } => Problem::unprocessable("charge_not_of_intent", detail)
            .pointer("/charge_id", "name one of the two only"),
        RefundRefusal::NoCustomer(_) => Problem::unprocessable("refund_method_not_available", detail)
            .pointer("/refund_method", "must be original_payment_method: the charge has no customer"),
        RefundRefusal::WindowClosed { .. } => Problem::unprocessable("refund_window_closed", detail),
        RefundRefusal::TooManyRefunds(_) => Problem::unprocessable("too_many_refunds", detail),
        RefundRefusal::BadAmount(why) => {
            Problem::bad_request("invalid_amount", detail).pointer("/amount", why.to_string())
        }
        RefundRefusal::NothingToResolve(_) => Problem::conflict("nothing_to_resolve", detail),
        RefundRefusal::NotCovered { .. } => Problem::conflict("refund_not_covered", detail),
        RefundRefusal::NamedAlready(_) => Problem::conflict("refund_named_already", detail)
            .pointer("/gateway_reference", "is another refund's"),
        RefundRefusal::ExceedsAsked { asked, .. } => Problem::unprocessable("amount_exceeds_asked", detail)
            .pointer("/amount", format!("must be at most {}", asked.minor())),
        RefundRefusal::NoSuchRefund(_) => Problem::not_found("refund"),
        RefundRefusal::WrongStatus { .. } => Problem::conflict("refund_not_cancelable", detail),
    }
}

/// A refusal of business about a dispute.
pub(super) fn dispute_refusal_problem(refusal: &DisputeRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        DisputeRefusal::TooManyDisputes(_) => Problem::unprocessable("too_many_disputes", detail),
        DisputeRefusal::TooManyNotes(_) => Problem::unprocessable("too_many_notes", detail),
        DisputeRefusal::BadAmount(why) => {
            Problem::bad_request("invalid_amount", detail).pointer("/amount", why.to_string())
        }
        DisputeRefusal::BadFee(_) => {
            Problem::bad_request("invalid_amount", detail).pointer("/fee", "must be zero or more")
        }
        DisputeRefusal::NoSuchDispute(_) => Problem::not_found("dispute"),
        DisputeRefusal::Differs { .. } => Problem::conflict("dispute_differs", detail),
        DisputeRefusal::WrongStatus { .. } => Problem::conflict("dispute_status", detail),
        DisputeRefusal::EvidenceSubmitted => Problem::conflict("evidence_submitted", detail),
        DisputeRefusal::Decided(_) => {
            Problem::conflict("dispute_decided", detail).pointer("/overturn", "must be true to overturn it")
        }
    }
}

/// What is declared is no file that is taken.
fn bad_file_problem(why: BadFile) -> Problem {
    let detail = why.to_string();
    match why {
        BadFile::TooLarge(most) => Problem::unprocessable("file_too_large", detail)
            .pointer("/size_bytes", format!("must be at most {most}")),
        BadFile::Name => Problem::bad_request("invalid_file", &detail).pointer("/file_name", &detail),
        BadFile::Hash => Problem::bad_request("invalid_file", &detail).pointer("/sha256", &detail),
        BadFile::Empty => {
            Problem::bad_request("invalid_file", &detail).pointer("/size_bytes", "must be above 0")
        }
    }
}

/// An upload cannot be used.
fn upload_refusal_problem(refusal: UploadRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        UploadRefusal::NoSuchUpload(_) => Problem::not_found("upload"),
        UploadRefusal::NotWaiting { .. } => Problem::conflict("upload_used", detail),
        UploadRefusal::NotUploaded(_) => Problem::conflict("upload_missing", detail),
        UploadRefusal::Differs(_) => Problem::unprocessable("upload_differs", detail),
    }
}

/// What was put was not taken in.
fn received_problem(error: ReceiveError) -> Problem {
    let detail = error.to_string();
    match error {
        ReceiveError::TooLong => Problem::new(413, "upload_too_long", detail),
        ReceiveError::Differs => Problem::unprocessable("upload_differs", detail),
        ReceiveError::Storage(error) => storage_problem(&error),
    }
}

fn storage_problem(error: &StorageError) -> Problem {
    tracing::warn!(%error, "the object storage does not answer");
    Problem::service_unavailable(SOURCE_RETRY_SECONDS)
}

fn case_refusal_problem(refusal: &CaseRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        CaseRefusal::BadLimits => {
            Problem::unprocessable("invalid_dispute_tiers", detail).pointer("/limits", "see `detail`")
        }
        CaseRefusal::TierForbidden(_) => Problem::new(403, "tier_forbidden", detail),
        _ => Problem::conflict("dispute_case", detail),
    }
}

impl From<RefundsError> for Problem {
    fn from(error: RefundsError) -> Self {
        match error {
            RefundsError::NoSuchCharge => Self::not_found("charge or payment intent"),
            RefundsError::NoSuchRefund => Self::not_found("refund"),
            RefundsError::NoSuchDispute => Self::not_found("dispute"),
            RefundsError::Dispute(refusal) => dispute_refusal_problem(&refusal),
            RefundsError::BadEvidence(why) => {
                Self::bad_request("invalid_evidence", why.to_string()).pointer("/evidence", why.to_string())
            }
            RefundsError::BadFile(why) => bad_file_problem(why),
            RefundsError::Upload(refusal) => upload_refusal_problem(refusal),
            error @ RefundsError::TooManyUploads => Self::new(429, "too_many_uploads", error.to_string())
                .retry_after(UPLOADS_RETRY_SECONDS)
                .retryable(true),
            error @ RefundsError::BadLink => Self::new(403, "invalid_upload_link", error.to_string()),
            RefundsError::NoSuchContent => Self::not_found("content"),
            RefundsError::Received(error) => received_problem(error),
            RefundsError::Storage(error) => storage_problem(&error),
            RefundsError::StaleVersion(problem) => *problem,
            error @ RefundsError::WaitsOtherwise(_) => {
                Self::conflict("chargeback_waits", format!("{error}; nothing was changed"))
            }
            RefundsError::NotCaptured => {
                let detail = "nothing was captured of this payment intent, so there is nothing to refund; cancel it \
                              instead";
                Self::conflict("intent_not_captured", detail)
            }
            RefundsError::Refused(refusal) => refusal_problem(&refusal),
            RefundsError::Case(refusal) => case_refusal_problem(&refusal),
            RefundsError::Policy(refusal @ RefundPolicyRefusal::StartRequired(_)) => {
                Self::unprocessable("start_required", refusal.to_string())
            }
            RefundsError::Policy(refusal) => {
                Self::unprocessable("invalid_refund_policy", refusal.to_string())
            }
            RefundsError::InFlight => Replay::in_flight_problem(),
            RefundsError::OtherRequest => Replay::other_request_problem(),
            RefundsError::ConnectorUnavailable(connector) => {
                tracing::error!(connector, "a refund needs a connector that is not set up here");
                let detail = format!("the connector {connector} is not set up here; nothing was tried");
                Self::new(503, "connector_unavailable", detail).retryable(false)
            }
            RefundsError::ConnectorAway(connector) => {
                let detail = format!("the connector {connector} cannot be had now; nothing was tried");
                Self::new(503, "connector_unavailable", detail)
                    .retry_after(SOURCE_RETRY_SECONDS)
                    .retryable(true)
            }
            RefundsError::SourceUnavailable(why) => {
                tracing::warn!(why, "intents cannot be asked about a charge");
                Self::service_unavailable(SOURCE_RETRY_SECONDS)
            }
            RefundsError::ToldOtherwise(problem) => Self::conflict("refund_contradiction", problem),
            error @ RefundsError::ChargeNotYetKnown(_) => {
                Self::new(503, "charge_not_yet_known", error.to_string())
                    .retry_after(SOURCE_RETRY_SECONDS)
                    .retryable(true)
            }
            error @ (RefundsError::Contradiction(_) | RefundsError::BadKeyRecord(_)) => {
                tracing::error!(%error, "a refund met data that cannot be");
                Self::internal()
            }
            RefundsError::Store(error) => error.into(),
            RefundsError::Commit(error) => error.into(),
        }
    }
}

//! The vault's refusals as problem details.

use tender_domain::kernel::{Caller, CardNumberDetected, Credential, InvalidMetadata};
use tender_domain::vault::{InvalidDetails, InvalidMandate, MethodRefusal, VerificationKind};
use tender_http::Problem;

use crate::VaultError;

/// When to ask again after no connector answered.
const CONNECTORS_RETRY_SECONDS: u32 = 5;

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NotFound(what) => Self::not_found(what),
            VaultError::Refused(refusal) => refused(&refusal),
            VaultError::Card(invalid) => Self::unprocessable("invalid_card", "the card data is wrong")
                .pointer(format!("/card{}", invalid.field()), invalid.to_string()),
            VaultError::BankAccount(invalid) => {
                Self::unprocessable("invalid_bank_account", "the data of the bank account is wrong")
                    .pointer(format!("/bank_account{}", invalid.field()), invalid.to_string())
            }
            VaultError::Mandate(invalid) => mandate(invalid),
            VaultError::MandateReferenceTaken => Self::conflict("mandate_reference_taken", error.to_string())
                .pointer("/mandate/reference", "taken; leave it out for one of our making")
                .retryable(false),
            VaultError::TypeNotTaken(_) => {
                Self::unprocessable("method_type_not_available", error.to_string())
                    .pointer("/type", "not available")
            }
            VaultError::VerificationNotTaken { ref instead, .. } => not_verified(&error, instead),
            VaultError::ThreeDsNotTold => {
                let next =
                    "a payment finds out: confirm it with `request_three_d_secure` `any`, or by `3ds/start`";
                Self::unprocessable("verification_not_available", format!("{error}; {next}"))
            }
            VaultError::Details { place, problem } => details(place, &problem),
            VaultError::Metadata(problem) => metadata(&problem),
            VaultError::ConsentInFuture => {
                let detail = "a consent cannot be dated in the future";
                Self::unprocessable("invalid_consent", detail).pointer("/consent/at", detail)
            }
            VaultError::TokenUnknown => {
                let detail = "no connector knows this token; make a new one, or send `card`";
                Self::unprocessable("token_unknown", detail).pointer("/token", "not known to any connector")
            }
            VaultError::ConnectorsUnavailable => {
                let detail =
                    "no connector could be reached to tokenise the method; nothing was saved, try again";
                Self::new(503, "connectors_unavailable", detail)
                    .retry_after(CONNECTORS_RETRY_SECONDS)
                    .retryable(true)
            }
            VaultError::Convention(problem) => problem,
            VaultError::Sealing(error) => {
                tracing::error!(error, "tokens were not sealed");
                Self::internal()
            }
            VaultError::KeysUnavailable(why) => {
                tracing::warn!(why, "a key cannot be had now");
                Self::service_unavailable(CONNECTORS_RETRY_SECONDS)
            }
            VaultError::RotationRunning(job) => Self::conflict(
                "rotation_running",
                format!("the tenant's keys are being rotated by {job}; wait until that job has ended"),
            )
            .retryable(true),
            VaultError::Store(error) => error.into(),
            VaultError::Commit(error) => error.into(),
        }
    }
}

/// That it is no browser who binds a method, whosever it is, to a merchant account: none of the merchant's others could charge it
/// from then on. (A customer can take their own away altogether.)
pub(super) fn merchants_bind(caller: &Caller) -> Result<(), Problem> {
    if !matches!(caller.credential, Credential::PublishableKey(_)) {
        return Ok(());
    }
    let detail = "which merchant account alone may charge a method is the merchant's to say: leave `merchant_account_id` out";
    let problem = Problem::new(403, "merchants_only", detail);
    Err(problem.pointer("/merchant_account_id", "is the merchant's to say"))
}

/// With what to do instead.
fn not_verified(error: &VaultError, instead: &[VerificationKind]) -> Problem {
    let kinds: Vec<_> = instead.iter().map(|kind| format!("`{}`", kind.as_str())).collect();
    let next = match &*kinds {
        [] => "none of them verifies it at all: its first payment shows whether it is good".to_owned(),
        kinds => format!("ask for `kind` {}", kinds.join(" or ")),
    };
    let problem = Problem::unprocessable("verification_not_available", format!("{error}; {next}"));
    if kinds.is_empty() { problem } else { problem.pointer("/kind", "not at the connectors that hold it") }
}

fn refused(refusal: &MethodRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        MethodRefusal::Deleted => Problem::not_found("payment method"),
        MethodRefusal::AttachedToAnother | MethodRefusal::AttachedToAnotherMerchant => {
            Problem::conflict("method_attached_to_another", detail).retryable(false)
        }
        MethodRefusal::NoCustomer => Problem::unprocessable("customer_required", detail)
            .pointer("/customer_id", "required for a default"),
        MethodRefusal::ConsentRequired => {
            Problem::unprocessable("consent_required", detail).pointer("/consent", "required")
        }
        MethodRefusal::VerificationPending => {
            Problem::conflict("verification_pending", detail).retryable(true)
        }
        MethodRefusal::NoDeposits => Problem::conflict("no_deposits_to_verify", detail).retryable(false),
        MethodRefusal::VerificationLocked => Problem::unprocessable("verification_locked", detail),
        MethodRefusal::MandateRequired => {
            Problem::unprocessable("sepa_mandate_required", detail).pointer("/mandate", "required")
        }
        MethodRefusal::MandateNotTaken => {
            Problem::unprocessable("sepa_mandate_not_taken", detail).pointer("/mandate", "leave it out")
        }
    }
}

fn mandate(invalid: InvalidMandate) -> Problem {
    let code = match invalid {
        InvalidMandate::CardNumber => "card_number_detected",
        InvalidMandate::Reference | InvalidMandate::SignedInFuture => "invalid_mandate",
    };
    let place = format!("/mandate{}", invalid.field());
    Problem::unprocessable(code, format!("`{place}`: {invalid}")).pointer(place, invalid.to_string())
}

fn details(place: &str, problem: &InvalidDetails) -> Problem {
    let code = match problem {
        InvalidDetails::CardNumber { .. } => "card_number_detected",
        _ => "invalid_text",
    };
    let pointer = format!("{place}{}", problem.field());
    Problem::unprocessable(code, format!("`{pointer}`: {problem}")).pointer(pointer, problem.to_string())
}

fn metadata(problem: &InvalidMetadata) -> Problem {
    match problem {
        InvalidMetadata::CardNumber(CardNumberDetected) => {
            Problem::unprocessable("card_number_detected", problem.to_string())
        }
        _ => Problem::unprocessable("invalid_metadata", problem.to_string())
            .pointer("/metadata", problem.to_string()),
    }
}

//! What Adyen's Disputes API is asked, and what its answers mean: pure functions, from the port's words and back.
//!
//! From Adyen's own specification (`DisputeService-v30.json` of <https://github.com/Adyen/adyen-openapi>): operations, fields,
//! `success` with `errorMessage`, and that there is no key for repetitions and no question for a dispute beside that for its
//! grounds; and that a document is named by its type alone (`deleteDisputeDefenseDocument`), so that there is one of each. From its
//! documentation (<https://docs.adyen.com/risk-management/understanding-disputes/defense-requirements>): 2 MB of a PDF, 10 MB of a
//! JPEG or a TIFF; less for some (Diners and Discover 3 MB, a dispute within Mexico 800 KB, Mastercard 19 pages, a request for
//! information 4), which a dispute does not say of itself and Adyen then refuses. As others repeat it: "Dispute already
//! defended", "Failed to store defense documents", "Error retrieving dispute". In no document that could be found: that a
//! document takes the place of the one of its type, and what is said of a dispute that was accepted before.

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use tender_domain::disputes::{EvidenceFile, EvidenceKind};
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::uploads::FileType;

use super::call::Response;
use super::grounds::{Defence, Grounds};
use super::refusal::object;
use super::request::Request;
use crate::letter;

/// The most bytes of a PDF, and of a picture.
const PDF_BYTES_MAX: u64 = 2_000_000;
const JPEG_BYTES_MAX: u64 = 10_000_000;
/// The most files: a ground wants two or three types of documents, and Adyen takes one of each.
const FILES_MAX: usize = 3;

/// A document that is not sent yet: printed nowhere.
pub(super) struct Document {
    /// What it is about; none of the texts, which are one document.
    pub(super) kind: Option<EvidenceKind>,
    content_type: &'static str,
    content: Vec<u8>,
}

/// Why Adyen did not do something.
pub(super) enum No {
    /// It will not do it.
    Final(String),
    /// It could not just now.
    ForNow(GatewayError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    dispute_service_result: ServiceResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceResult {
    success: bool,
    error_message: Option<String>,
}

/// Asks on which grounds a dispute can be defended.
pub(super) fn ask_for_grounds(merchant: &str, to: &ReplyTo) -> Request {
    asked("retrieveApplicableDefenseReasons", about(merchant, to))
}

/// Supplies documents, each of another type.
pub(super) fn supply(merchant: &str, to: &ReplyTo, defence: &Defence<'_>) -> Request {
    let document = |(code, document): &(&str, &Document)| {
        json!({
            "defenseDocumentTypeCode": code,
            "contentType": document.content_type,
            "content": BASE64.encode(&document.content),
        })
    };
    let mut body = about(merchant, to);
    body["defenseDocuments"] = defence.placed.iter().map(document).collect();
    asked("supplyDefenseDocument", body)
}

/// Hands in what was supplied, for good.
pub(super) fn defend(merchant: &str, to: &ReplyTo, code: &str) -> Request {
    let mut body = about(merchant, to);
    body["defenseReasonCode"] = code.into();
    asked("defendDispute", body)
}

/// Gives in.
pub(super) fn accept(merchant: &str, to: &ReplyTo) -> Request {
    asked("acceptDispute", about(merchant, to))
}

fn about(merchant: &str, to: &ReplyTo) -> Value {
    json!({"merchantAccountCode": merchant, "disputePspReference": to.dispute_reference})
}

fn asked(operation: &str, body: Value) -> Request {
    Request { path: operation.to_owned(), key: None, body }
}

/// Whether Adyen takes all of these files.
pub(super) fn admit_files(files: &[EvidenceFile]) -> Result<(), String> {
    if files.len() > FILES_MAX {
        return Err(format!("Adyen takes at most {FILES_MAX} files here, one of each type of documents"));
    }
    for one in files {
        let most = match one.file.file_type {
            FileType::Pdf => PDF_BYTES_MAX,
            FileType::Jpeg => JPEG_BYTES_MAX,
            FileType::Png | FileType::Text => {
                return Err("Adyen takes PDF and JPEG as files of evidence".to_owned());
            }
        };
        if one.file.size > most {
            return Err(format!("Adyen takes at most {most} bytes of {}", one.file.file_type.as_str()));
        }
    }
    Ok(())
}

/// The documents of evidence: the texts as one, then the files.
///
/// # Errors
/// Why the texts are none, for the person who wrote them.
pub(super) fn documents(evidence: HandedIn<'_>) -> Result<Vec<Document>, String> {
    let mut documents = Vec::with_capacity(evidence.files.len() + 1);
    if !evidence.texts.is_empty() {
        let (content_type, content) = (FileType::Pdf.as_str(), letter::pdf(evidence.texts)?);
        documents.push(Document { kind: None, content_type, content });
    }
    documents.extend(evidence.files.iter().map(|file| Document {
        kind: Some(file.kind),
        content_type: file.file_type.as_str(),
        content: file.content.clone(),
    }));
    Ok(documents)
}

/// The grounds that an answer lists.
///
/// # Errors
/// `Unknown` for what is no answer of Adyen's, and what keeps from asking.
pub(super) fn grounds(response: &Response) -> Result<Result<Grounds, No>, GatewayError> {
    Ok(match done(response)? {
        Ok(()) => Ok(object(response)?.map_err(|refusal| refusal.error())?),
        Err(no) => Err(no),
    })
}

/// Whether it was done.
///
/// # Errors
/// `Unknown` for what is no answer of Adyen's; what the refusal is of bad credentials and too many requests.
pub(super) fn done(response: &Response) -> Result<Result<(), No>, GatewayError> {
    let result = match object::<Answered>(response)? {
        Ok(answered) => answered.dispute_service_result,
        Err(refusal) if refusal.is_of_the_request() => {
            return Ok(Err(No::Final(refusal.error().to_string())));
        }
        Err(refusal) => return Err(refusal.error()),
    };
    if result.success {
        return Ok(Ok(()));
    }
    let said = mask_card_numbers(result.error_message.as_deref().unwrap_or("no reason"));
    let is_for_now = ["error retrieving", "failed to store", "system error"]
        .iter()
        .any(|word| said.to_lowercase().contains(word));
    Ok(Err(if is_for_now {
        No::ForNow(GatewayError::NotDone(format!("Adyen could not do it: {said}")))
    } else {
        No::Final(said)
    }))
}

impl No {
    /// What it is to who hands in evidence. What was defended before has its evidence.
    pub(super) fn of_evidence(self) -> Result<ReplyAnswer, GatewayError> {
        match self {
            Self::Final(said) if said.to_lowercase().contains("already defended") => Ok(ReplyAnswer::Taken),
            other => other.refused(),
        }
    }

    /// What it is to who gives in. That there is an answer already may be our own, when another process tells the same: it
    /// has heard that it was taken, and this is not told again.
    pub(super) fn of_acceptance(self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        match self {
            Self::Final(said) if said.to_lowercase().contains("already accepted") => Ok(ReplyAnswer::Taken),
            Self::Final(said) if to.tries == 0 && said.to_lowercase().contains("already") => {
                Err(GatewayError::Unknown(format!("Adyen has an answer, and does not say which: {said}")))
            }
            other => other.refused(),
        }
    }

    /// Adyen cannot be asked how a dispute stands: that it takes nothing may be because it was told before.
    fn refused(self) -> Result<ReplyAnswer, GatewayError> {
        match self {
            Self::Final(said) => Ok(ReplyAnswer::Refused(format!(
                "Adyen: {said}; look at the dispute in the Customer Area, where an answer may have been taken before"
            ))),
            Self::ForNow(error) => Err(error),
        }
    }
}

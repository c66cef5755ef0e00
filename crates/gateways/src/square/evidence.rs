//! What Square's Disputes API is asked: pure functions from the port's words to its messages.
//!
//! From Square's own libraries (<https://github.com/square/square-python-sdk>, models of disputes): the addresses, the form in
//! parts with `request` and `image_file`, keys of 45 characters, texts of 500, the types of evidence and which of them are texts,
//! files or both, the types of files. From its documentation (<https://developer.squareup.com/docs/disputes-api/process-disputes>):
//! evidence is uploaded first and submitted for good afterwards, which makes the dispute `PROCESSING`; giving in makes it
//! `ACCEPTED`; that submitting and giving in have no body, and so no key. In no document that could be found: at most 5 MB of
//! each file, and that there may be several pieces of a type.

use serde::Deserialize;
use serde_json::json;
use tender_domain::disputes::{EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::ports::{HandedIn, ReplyTo};
use tender_domain::uploads::FileType;

use super::request::{Request, key};
use crate::form::{Form, Part, ending};
use crate::letter;

/// The longest text of a piece of evidence.
const TEXT_CHARS_MAX: usize = 500;
/// The most bytes of a file.
const FILE_BYTES_MAX: u64 = 5_000_000;
/// How much is sent for a dispute from here.
const TOTAL_BYTES_MAX: u64 = 20_000_000;
/// The type of a number under which a parcel can be followed: a text alone.
const TRACKING: &str = "TRACKING_NUMBER";

/// An upload that is not sent yet: printed nowhere.
pub(super) struct Upload {
    pub(super) path: String,
    pub(super) form: Form,
}

/// A piece of evidence that is uploaded on its own.
pub(super) enum Piece {
    Text(Request),
    File(Upload),
}

/// The answer to an upload: a piece of evidence, by which it is known to be Square's.
#[derive(Deserialize)]
pub(super) struct WithEvidence {
    #[serde(rename = "evidence")]
    _evidence: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct WithDispute {
    pub(super) dispute: Standing,
}

/// As much of a dispute as says whether it was replied to.
#[derive(Deserialize)]
pub(super) struct Standing {
    pub(super) state: String,
}

impl Standing {
    /// Whether it waits for the merchant's answer.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "EVIDENCE_REQUIRED" | "INQUIRY_EVIDENCE_REQUIRED")
    }

    /// Whether it takes nothing any more: it is decided, or was answered.
    pub(super) fn is_over(&self) -> bool {
        self.has_evidence() || matches!(self.state.as_str(), "WON" | "LOST" | "ACCEPTED" | "INQUIRY_CLOSED")
    }

    /// Whether evidence was handed in.
    pub(super) fn has_evidence(&self) -> bool {
        matches!(self.state.as_str(), "PROCESSING" | "INQUIRY_PROCESSING")
    }

    /// Whether it was given in to: then it is lost.
    pub(super) fn is_given_in(&self) -> bool {
        matches!(self.state.as_str(), "ACCEPTED" | "LOST")
    }
}

/// Where a dispute is.
pub(super) fn path(to: &ReplyTo) -> String {
    format!("v2/disputes/{}", to.dispute_reference)
}

/// Hands in what was uploaded, for good.
pub(super) fn submit(to: &ReplyTo) -> Request {
    Request { path: format!("{}/submit-evidence", path(to)), body: json!({}) }
}

/// Gives in.
pub(super) fn accept(to: &ReplyTo) -> Request {
    Request { path: format!("{}/accept", path(to)), body: json!({}) }
}

/// Whether Square takes all of these texts: as texts, or as documents.
pub(super) fn admit_texts(texts: &[EvidenceText]) -> Result<(), String> {
    for (name, texts) in grouped(texts) {
        if !is_short(&joined(name, &texts)) {
            letter::admit(&texts)?;
        }
    }
    Ok(())
}

/// Whether Square takes all of these files.
pub(super) fn admit_files(files: &[EvidenceFile]) -> Result<(), String> {
    if files.iter().any(|one| one.file.file_type == FileType::Text) {
        return Err("Square takes PDF, PNG and JPEG as files of evidence".to_owned());
    }
    if files.iter().any(|one| one.file.size > FILE_BYTES_MAX) {
        return Err(format!("Square takes files of at most {FILE_BYTES_MAX} bytes"));
    }
    let size = files.iter().fold(0_u64, |size, one| size.saturating_add(one.file.size));
    if size > TOTAL_BYTES_MAX {
        return Err(format!("at most {TOTAL_BYTES_MAX} bytes of files are sent to Square for a dispute"));
    }
    Ok(())
}

/// The pieces of evidence, the same for the same evidence.
///
/// # Errors
/// Why a text cannot be said, for the person who wrote it.
pub(super) fn pieces(to: &ReplyTo, evidence: HandedIn<'_>) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    for (name, texts) in grouped(evidence.texts) {
        let said = joined(name, &texts);
        if is_short(&said) {
            pieces.push(Piece::Text(text(to, name, &said)));
        } else {
            // What is longer than a text may be is a document.
            let of_type = if name == TRACKING { "PROOF_OF_DELIVERY_DOCUMENTATION" } else { name };
            let content = letter::pdf(&texts)?;
            pieces.push(Piece::File(file(to, (name, of_type), FileType::Pdf, &content)));
        }
    }
    for one in evidence.files {
        let named = one.upload.to_string();
        pieces.push(Piece::File(file(to, (&named, of_file(one.kind)), one.file_type, &one.content)));
    }
    Ok(pieces)
}

fn text(to: &ReplyTo, name: &'static str, said: &str) -> Request {
    let body = json!({
        "idempotency_key": key(&to.tenant, &format!("{}/{name}", to.reference)),
        "evidence_type": name,
        "evidence_text": said,
    });
    Request { path: format!("{}/evidence-text", path(to)), body }
}

/// A file: by what it is known among those of the reply, and its type at Square.
fn file(to: &ReplyTo, (known_by, name): (&str, &str), file_type: FileType, content: &[u8]) -> Upload {
    let request = json!({
        "idempotency_key": key(&to.tenant, &format!("{}/{known_by}/file", to.reference)),
        "evidence_type": name,
        "content_type": file_type.as_str(),
    })
    .to_string();
    // Its owner's name for it is nobody else's affair.
    let file_name = format!("{}.{}", name.to_ascii_lowercase(), ending(file_type));
    let form = Form::of(&[
        Part {
            name: "request",
            file_name: None,
            content_type: Some("application/json"),
            content: request.as_bytes(),
        },
        Part {
            name: "image_file",
            file_name: Some(&file_name),
            content_type: Some(file_type.as_str()),
            content,
        },
    ]);
    Upload { path: format!("{}/evidence-files", path(to)), form }
}

/// The texts by their type at Square, in the order in which the types come first.
fn grouped(texts: &[EvidenceText]) -> Vec<(&'static str, Vec<EvidenceText>)> {
    let mut groups: Vec<(&'static str, Vec<EvidenceText>)> = Vec::new();
    for one in texts {
        let name = of_text(one.kind);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, texts)) => texts.push(one.clone()),
            None => groups.push((name, vec![one.clone()])),
        }
    }
    groups
}

/// The texts of a type as one, each under its name where several kinds have the type.
fn joined(name: &str, texts: &[EvidenceText]) -> String {
    let said = texts.iter().map(|one| {
        let text = one.text.trim();
        if name == TRACKING {
            text.to_owned()
        } else {
            format!("{}: {text}", one.kind.as_str().replace('_', " "))
        }
    });
    said.collect::<Vec<_>>().join("\n")
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= TEXT_CHARS_MAX
}

/// Square's type of a text.
const fn of_text(kind: EvidenceKind) -> &'static str {
    use EvidenceKind as K;
    match kind {
        K::ProductDescription => "PRODUCT_OR_SERVICE_DESCRIPTION",
        K::CustomerName | K::CustomerEmail | K::CustomerPurchaseIp | K::BillingAddress => {
            "CARDHOLDER_INFORMATION"
        }
        K::ServiceDate => "SERVICE_RECEIVED_DOCUMENTATION",
        K::ShippingAddress | K::ShippingCarrier | K::ShippingDate => "PROOF_OF_DELIVERY_DOCUMENTATION",
        K::ShippingTrackingNumber => TRACKING,
        K::ActivityLog => "ONLINE_OR_APP_ACCESS_LOG",
        K::CancellationPolicyDisclosure | K::RefundPolicyDisclosure => "CANCELLATION_OR_REFUND_DOCUMENTATION",
        K::CancellationRebuttal | K::RefundRefusalExplanation | K::DuplicateExplanation => {
            "REBUTTAL_EXPLANATION"
        }
        K::Other => "GENERIC_EVIDENCE",
    }
}

/// Square's type of a file.
const fn of_file(kind: EvidenceKind) -> &'static str {
    use EvidenceKind as K;
    match kind {
        K::CustomerEmail => "CARDHOLDER_COMMUNICATION",
        K::ShippingTrackingNumber => "PROOF_OF_DELIVERY_DOCUMENTATION",
        K::DuplicateExplanation => "DUPLICATE_CHARGE_DOCUMENTATION",
        _ => of_text(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_type_are_one_piece_with_their_names_and_a_number_stands_alone() {
        let text = |kind, text: &str| EvidenceText { kind, text: text.to_owned() };
        let texts = [
            text(EvidenceKind::CustomerName, "Ada Lovelace "),
            text(EvidenceKind::ShippingTrackingNumber, "RB123456785GB"),
            text(EvidenceKind::CustomerEmail, "ada@example.com"),
        ];
        let said: Vec<(&str, String)> =
            grouped(&texts).into_iter().map(|(name, texts)| (name, joined(name, &texts))).collect();
        let whose = "customer name: Ada Lovelace\ncustomer email: ada@example.com".to_owned();
        assert_eq!(said, [("CARDHOLDER_INFORMATION", whose), (TRACKING, "RB123456785GB".to_owned())]);
    }
}

//! Files of evidence, as Stripe takes them: each is uploaded on its own, and the dispute's evidence names its id
//! (<https://docs.stripe.com/file-upload>, <https://docs.stripe.com/api/files/create>).
//!
//! From the documentation: the address, the form in parts with `purpose` and `file`, the types (PDF, JPEG, PNG), at most 5 MB
//! for each, and which fields of evidence take the id of a file. In no document that could be found: that all of them together
//! may have 4.5 MB, and that a key counts here as for every other `POST`. How many pages the network takes Stripe knows: since
//! `2026-09-30.endive` it refuses more with `dispute_evidence_page_limit_exceeded`.

use serde::Deserialize;
use tender_domain::disputes::{EvidenceFile, EvidenceKind};
use tender_domain::ports::{FileToSend, ReplyTo};
use tender_domain::uploads::FileType;

use crate::form::{Form, Part, ending};

/// The most bytes of all files of a dispute together.
const TOTAL_BYTES_MAX: u64 = 4_500_000;

/// A file that is not sent yet: printed nowhere.
pub(super) struct FileUpload {
    /// What makes a repetition have no second effect.
    pub(super) key: String,
    pub(super) form: Form,
}

/// As much of a file as is asked for.
#[derive(Deserialize)]
pub(super) struct Uploaded {
    pub(super) id: String,
}

impl FileUpload {
    /// The form of a file, the same for the same file.
    pub(super) fn of(to: &ReplyTo, file: &FileToSend) -> Self {
        // Its owner's name for it is nobody else's affair.
        let name = format!("{}.{}", file.kind.as_str(), ending(file.file_type));
        let purpose =
            Part { name: "purpose", file_name: None, content_type: None, content: b"dispute_evidence" };
        let content_type = Some(file.file_type.as_str());
        let content = Part { name: "file", file_name: Some(&name), content_type, content: &file.content };
        Self {
            key: format!("{}/{}/{}", to.tenant, to.reference, file.upload),
            form: Form::of(&[purpose, content]),
        }
    }
}

/// Whether Stripe takes all of them; each of its fields takes one.
pub(super) fn admit(files: &[EvidenceFile]) -> Result<(), String> {
    let size = files.iter().fold(0_u64, |size, one| size.saturating_add(one.file.size));
    if size > TOTAL_BYTES_MAX {
        return Err(format!("Stripe takes at most {TOTAL_BYTES_MAX} bytes of files for a dispute"));
    }
    if files.iter().any(|one| one.file.file_type == FileType::Text) {
        return Err("Stripe takes PDF, PNG and JPEG as files of evidence".to_owned());
    }
    for (place, one) in files.iter().enumerate() {
        if let Some(other) = files[..place].iter().find(|other| field(other.kind) == field(one.kind)) {
            let (one, other) = (one.kind.as_str(), other.kind.as_str());
            return Err(format!("Stripe has one field for the files of `{one}` and `{other}`"));
        }
    }
    Ok(())
}

/// Stripe's field for a file of a kind of evidence.
pub(super) const fn field(kind: EvidenceKind) -> &'static str {
    use EvidenceKind as K;
    match kind {
        K::ProductDescription | K::ServiceDate => "evidence[service_documentation]",
        K::CustomerEmail => "evidence[customer_communication]",
        K::ShippingAddress | K::ShippingCarrier | K::ShippingDate | K::ShippingTrackingNumber => {
            "evidence[shipping_documentation]"
        }
        K::CancellationPolicyDisclosure => "evidence[cancellation_policy]",
        K::RefundPolicyDisclosure => "evidence[refund_policy]",
        K::DuplicateExplanation => "evidence[duplicate_charge_documentation]",
        K::CustomerName
        | K::CustomerPurchaseIp
        | K::BillingAddress
        | K::ActivityLog
        | K::CancellationRebuttal
        | K::RefundRefusalExplanation
        | K::Other => "evidence[uncategorized_file]",
    }
}

//! Evidence: what the merchant answers a dispute with, in words and by files. Each is under one of the names that processors
//! have fields for.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::kernel::{UploadId, words};
use crate::uploads::{DeclaredFile, Upload};

words! {
    /// What a text of evidence is about.
    EvidenceKind {
        /// What was sold.
        ProductDescription = "product_description",
        /// Who bought it.
        CustomerName = "customer_name",
        /// The buyer's e-mail address.
        CustomerEmail = "customer_email",
        /// The address of the network from which it was bought.
        CustomerPurchaseIp = "customer_purchase_ip",
        /// Where the buyer is billed.
        BillingAddress = "billing_address",
        /// When the service was rendered: a date, or what says the same.
        ServiceDate = "service_date",
        /// Where it was sent.
        ShippingAddress = "shipping_address",
        /// Who brought it.
        ShippingCarrier = "shipping_carrier",
        /// When it was sent.
        ShippingDate = "shipping_date",
        /// Under which number it can be followed.
        ShippingTrackingNumber = "shipping_tracking_number",
        /// What the buyer did with it since: sign-ins, downloads.
        ActivityLog = "activity_log",
        /// How the buyer was shown the rules of cancellation.
        CancellationPolicyDisclosure = "cancellation_policy_disclosure",
        /// Why it was not canceled in time.
        CancellationRebuttal = "cancellation_rebuttal",
        /// How the buyer was shown the rules of refunds.
        RefundPolicyDisclosure = "refund_policy_disclosure",
        /// Why no refund is due.
        RefundRefusalExplanation = "refund_refusal_explanation",
        /// How this payment differs from the one that it is said to repeat.
        DuplicateExplanation = "duplicate_explanation",
        /// Anything else.
        Other = "other",
    }
}

/// A file of evidence: an upload, and what was declared of it and found true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// What it is about.
    pub kind: EvidenceKind,
    /// The upload that has its content.
    pub upload: UploadId,
    /// Its name, type, size and hash.
    pub file: DeclaredFile,
}

impl EvidenceFile {
    /// An upload as evidence.
    #[must_use]
    pub fn of(kind: EvidenceKind, upload: &Upload) -> Self {
        Self { kind, upload: upload.id, file: upload.file.clone() }
    }
}

/// A text of evidence. It is personal data: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct EvidenceText {
    /// What it is about.
    pub kind: EvidenceKind,
    /// The text.
    pub text: String,
}

impl fmt::Debug for EvidenceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} bytes", self.kind.as_str(), self.text.len())
    }
}

/// Why texts are no evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEvidence {
    /// There is none.
    #[error("there is neither a text nor a file in it")]
    Nothing,
    /// A text has nothing in it.
    #[error("the text of `{}` is empty", .0.as_str())]
    Empty(EvidenceKind),
    /// Two texts are about the same.
    #[error("`{}` is there twice", .0.as_str())]
    Twice(EvidenceKind),
    /// A text is too long.
    #[error("the text of `{}` is longer than {} characters", .0.as_str(), Evidence::TEXT_CHARS)]
    TooLong(EvidenceKind),
    /// All of them together are too long.
    #[error("the texts together are longer than {} characters", Evidence::TOTAL_CHARS)]
    TooMuch,
    /// There are too many files.
    #[error("there are more than {} files in it", Evidence::FILES_MAX)]
    TooManyFiles,
    /// An upload is there twice.
    #[error("the upload {0} is there twice")]
    SameUpload(UploadId),
}

/// What the merchant answers with: at most one text of each kind, and files. Empty of an acceptance alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    texts: Vec<EvidenceText>,
    files: Vec<EvidenceFile>,
}

impl Evidence {
    /// The longest text. Stripe takes 20,000 characters in a field.
    pub const TEXT_CHARS: usize = 20_000;
    /// The longest all texts together may be. Stripe takes 150,000 characters; a request here has to hold them.
    pub const TOTAL_CHARS: usize = 40_000;

    /// The most files.
    pub const FILES_MAX: usize = 10;
    /// What stands in place of a text or a file's name that was removed.
    pub const REMOVED: &str = "removed after retention";

    /// These texts and files as evidence.
    ///
    /// # Errors
    /// See [`BadEvidence`].
    pub fn new(texts: Vec<EvidenceText>, files: Vec<EvidenceFile>) -> Result<Self, BadEvidence> {
        Self::admit(&texts, files.iter().map(|one| one.upload))?;
        Ok(Self { texts, files })
    }

    /// Whether these texts, with the files of these uploads, could be evidence.
    ///
    /// # Errors
    /// See [`BadEvidence`].
    pub fn admit(
        texts: &[EvidenceText],
        uploads: impl IntoIterator<Item = UploadId>,
    ) -> Result<(), BadEvidence> {
        let mut seen = Vec::with_capacity(Self::FILES_MAX);
        for upload in uploads {
            if seen.contains(&upload) {
                return Err(BadEvidence::SameUpload(upload));
            }
            seen.push(upload);
        }
        if seen.len() > Self::FILES_MAX {
            return Err(BadEvidence::TooManyFiles);
        }
        if texts.is_empty() && seen.is_empty() {
            return Err(BadEvidence::Nothing);
        }
        let mut total = 0_usize;
        for (place, one) in texts.iter().enumerate() {
            let chars = one.text.chars().count();
            if one.text.trim().is_empty() {
                return Err(BadEvidence::Empty(one.kind));
            }
            if chars > Self::TEXT_CHARS {
                return Err(BadEvidence::TooLong(one.kind));
            }
            if texts.iter().take(place).any(|other| other.kind == one.kind) {
                return Err(BadEvidence::Twice(one.kind));
            }
            total = total.saturating_add(chars);
        }
        if total > Self::TOTAL_CHARS {
            return Err(BadEvidence::TooMuch);
        }
        Ok(())
    }

    /// As it is stored: what was evidence once.
    #[must_use]
    pub const fn stored(texts: Vec<EvidenceText>, files: Vec<EvidenceFile>) -> Self {
        Self { texts, files }
    }

    /// The texts, in the order in which they were given.
    #[must_use]
    pub fn texts(&self) -> &[EvidenceText] {
        &self.texts
    }

    /// The files, in the order in which they were given.
    #[must_use]
    pub fn files(&self) -> &[EvidenceFile] {
        &self.files
    }

    /// The same without its contents: what it was about, and the files' types, sizes and hashes.
    #[must_use]
    pub fn without_contents(&self) -> Self {
        let removed = || Self::REMOVED.to_owned();
        let text = |one: &EvidenceText| EvidenceText { text: removed(), ..one.clone() };
        let file = |one: &EvidenceFile| EvidenceFile {
            file: DeclaredFile { name: removed(), ..one.file.clone() },
            ..one.clone()
        };
        Self { texts: self.texts.iter().map(text).collect(), files: self.files.iter().map(file).collect() }
    }

    /// For the dispute's history, which holds nobody's data: how many texts and files, the SHA-256 of each file, and the
    /// SHA-256 of them all, so that it can be shown later what was handed in, and that it is the same.
    #[must_use]
    pub fn described(&self) -> String {
        let mut hash = Sha256::new();
        for one in &self.texts {
            hash.update(format!("{}|{}:{}|", one.kind.as_str(), one.text.len(), one.text));
        }
        let mut files = String::new();
        for EvidenceFile { kind, upload, file } in &self.files {
            use fmt::Write as _;
            let DeclaredFile { name, file_type, size, sha256 } = file;
            let (kind, of_type) = (kind.as_str(), file_type.as_str());
            hash.update(format!("{kind}|{upload}|{}:{name}|{of_type}|{size}|{sha256}|", name.len()));
            let _ = write!(files, "; {upload} of {size} bytes with SHA-256 {sha256}");
        }
        let digest = hash.finalize();
        let digits = digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
            use fmt::Write as _;
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        let counted =
            if self.files.is_empty() { String::new() } else { format!(", {} files", self.files.len()) };
        format!("{} texts{counted}, SHA-256 {digits}{files}", self.texts.len())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::uploads::{FileHash, FileType};

    fn text(kind: EvidenceKind, text: &str) -> EvidenceText {
        EvidenceText { kind, text: text.to_owned() }
    }

    #[test]
    fn evidence_has_one_text_of_a_kind_and_is_bounded() {
        use EvidenceKind as K;
        let long = "ä".repeat(Evidence::TEXT_CHARS);
        for (texts, expected) in [
            (vec![], Some(BadEvidence::Nothing)),
            (vec![text(K::Other, " \n")], Some(BadEvidence::Empty(K::Other))),
            (vec![text(K::Other, "a"), text(K::Other, "b")], Some(BadEvidence::Twice(K::Other))),
            (vec![text(K::Other, &format!("{long}."))], Some(BadEvidence::TooLong(K::Other))),
            (vec![text(K::Other, &long), text(K::ServiceDate, &long)], None),
            (
                vec![text(K::Other, &long), text(K::ServiceDate, &long), text(K::CustomerName, "A")],
                Some(BadEvidence::TooMuch),
            ),
        ] {
            assert_eq!(Evidence::new(texts.clone(), Vec::new()).err(), expected, "{texts:?}");
        }
    }

    #[test]
    fn evidence_prints_nobodys_data_and_its_digest_tells_texts_apart() {
        let one = Evidence::new(vec![text(EvidenceKind::CustomerName, "Ada Lovelace")], Vec::new())
            .expect("evidence");
        assert!(!format!("{one:?}").contains("Ada"), "{one:?}");
        assert!(!one.described().contains("Ada"), "{}", one.described());
        let other =
            Evidence::new(vec![text(EvidenceKind::CustomerName, "Ada Byron")], Vec::new()).expect("evidence");
        assert_ne!(one.described(), other.described());
    }

    fn file(upload: u128, name: &str, hash: u8) -> EvidenceFile {
        let file = DeclaredFile {
            name: name.to_owned(),
            file_type: FileType::Pdf,
            size: 7,
            sha256: FileHash([hash; 32]),
        };
        let upload = UploadId::from_uuid(Uuid::from_u128(upload));
        EvidenceFile { kind: EvidenceKind::Other, upload, file }
    }

    #[test]
    fn evidence_has_a_bounded_number_of_files_each_once_and_needs_no_text() {
        let files = |count: u128| (0..count).map(|one| file(one, "a.pdf", 1)).collect::<Vec<_>>();
        assert_eq!(Evidence::new(Vec::new(), files(10)).err(), None);
        assert_eq!(Evidence::new(Vec::new(), files(11)).err(), Some(BadEvidence::TooManyFiles));
        let twice = vec![file(1, "a.pdf", 1), file(1, "b.pdf", 1)];
        let upload = twice[0].upload;
        assert_eq!(Evidence::new(Vec::new(), twice).err(), Some(BadEvidence::SameUpload(upload)));
    }

    #[test]
    fn a_history_tells_files_apart_by_their_hashes_and_names_none() {
        let one = Evidence::new(Vec::new(), vec![file(1, "Ada Lovelace.pdf", 1)]).expect("evidence");
        assert!(!format!("{one:?}{}", one.described()).contains("Ada"), "{}", one.described());
        assert!(one.described().contains(&FileHash([1; 32]).to_string()), "{}", one.described());
        let other = Evidence::new(Vec::new(), vec![file(1, "Ada Byron.pdf", 1)]).expect("evidence");
        assert_ne!(one.described(), other.described());
    }

    #[test]
    fn evidence_without_its_contents_keeps_hashes_and_nobodys_data() {
        let texts = vec![text(EvidenceKind::CustomerName, "Ada Lovelace")];
        let whole = Evidence::new(texts, vec![file(1, "Ada.pdf", 3)]).expect("evidence");
        let removed = whole.without_contents();
        assert_eq!(removed.texts()[0], text(EvidenceKind::CustomerName, Evidence::REMOVED));
        assert_eq!(removed.files()[0], file(1, Evidence::REMOVED, 3));
    }
}

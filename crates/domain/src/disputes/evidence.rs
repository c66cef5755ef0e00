//! Evidence: what the merchant answers a dispute with, in words. Each text is under one of the names that processors have
//! fields for.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::kernel::words;

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
    #[error("there is no text in it")]
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
}

/// What the merchant answers with: at most one text of each kind. Empty of an acceptance alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence(Vec<EvidenceText>);

impl Evidence {
    /// The longest text. Stripe takes 20,000 characters in a field.
    pub const TEXT_CHARS: usize = 20_000;
    /// The longest all texts together may be. Stripe takes 150,000 characters; a request here has to hold them.
    pub const TOTAL_CHARS: usize = 40_000;

    /// These texts as evidence.
    ///
    /// # Errors
    /// See [`BadEvidence`].
    pub fn new(texts: Vec<EvidenceText>) -> Result<Self, BadEvidence> {
        if texts.is_empty() {
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
        Ok(Self(texts))
    }

    /// As it is stored: what was evidence once.
    #[must_use]
    pub const fn stored(texts: Vec<EvidenceText>) -> Self {
        Self(texts)
    }

    /// The texts, in the order in which they were given.
    #[must_use]
    pub fn texts(&self) -> &[EvidenceText] {
        &self.0
    }

    /// For the dispute's history, which holds nobody's data: how many texts, and the SHA-256 of them all, so that it can
    /// be shown later what was handed in, and that it is the same.
    #[must_use]
    pub fn described(&self) -> String {
        let mut hash = Sha256::new();
        for one in &self.0 {
            hash.update(format!("{}|{}:{}|", one.kind.as_str(), one.text.len(), one.text));
        }
        let digest = hash.finalize();
        let digits = digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
            use fmt::Write as _;
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        format!("{} texts, SHA-256 {digits}", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Evidence::new(texts.clone()).err(), expected, "{texts:?}");
        }
    }

    #[test]
    fn evidence_prints_nobodys_data_and_its_digest_tells_texts_apart() {
        let one = Evidence::new(vec![text(EvidenceKind::CustomerName, "Ada Lovelace")]).expect("evidence");
        assert!(!format!("{one:?}").contains("Ada"), "{one:?}");
        assert!(!one.described().contains("Ada"), "{}", one.described());
        let other = Evidence::new(vec![text(EvidenceKind::CustomerName, "Ada Byron")]).expect("evidence");
        assert_ne!(one.described(), other.described());
    }
}

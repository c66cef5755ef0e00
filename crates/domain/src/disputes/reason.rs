//! Why payers dispute: one vocabulary, and the networks' own codes for it.

use crate::kernel::words;

words! {
    /// A card network, as far as its reason codes are known here.
    CardNetwork {
        /// Visa.
        Visa = "visa",
        /// Mastercard.
        Mastercard = "mastercard",
        /// American Express.
        Amex = "amex",
        /// Another one; its codes are kept and mean `other`.
        Other = "other",
    }
}

words! {
    /// Why a payment is disputed, whatever the network calls it.
    DisputeReason {
        /// The payer says that somebody else paid.
        Fraud = "fraud",
        /// The payer does not recognise the payment.
        Unrecognized = "unrecognized",
        /// Goods or services did not come.
        ProductNotReceived = "product_not_received",
        /// They were not as described, broken, counterfeit, or sold by a false promise.
        ProductUnacceptable = "product_unacceptable",
        /// The payer canceled the order or the booking.
        Canceled = "canceled",
        /// A recurring payment went on after it was canceled.
        CanceledRecurring = "canceled_recurring",
        /// A refund that was promised did not come.
        CreditNotProcessed = "credit_not_processed",
        /// It was paid twice, or by other means.
        Duplicate = "duplicate",
        /// The amount or the currency is wrong.
        IncorrectAmount = "incorrect_amount",
        /// It was not authorized as the network requires.
        Authorization = "authorization",
        /// A mistake in processing: late, wrong account, wrong code.
        ProcessingError = "processing_error",
        /// Anything else.
        Other = "other",
    }
}

/// The reason code is none that the network has, and none of this API's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no reason code that is known")]
pub struct UnknownReasonCode(pub String);

use DisputeReason as R;

/// Visa Claims Resolution, conditions 10 to 13 (Visa Core Rules, chapter 11).
const VISA: &[(&str, DisputeReason)] = &[
    ("10.1", R::Fraud),
    ("10.2", R::Fraud),
    ("10.3", R::Fraud),
    ("10.4", R::Fraud),
    ("10.5", R::Fraud),
    ("11.1", R::Authorization),
    ("11.2", R::Authorization),
    ("11.3", R::Authorization),
    ("12.1", R::ProcessingError),
    ("12.2", R::ProcessingError),
    ("12.3", R::IncorrectAmount),
    ("12.4", R::ProcessingError),
    ("12.5", R::IncorrectAmount),
    ("12.6", R::Duplicate),
    ("12.6.1", R::Duplicate),
    ("12.6.2", R::Duplicate),
    ("12.7", R::ProcessingError),
    ("13.1", R::ProductNotReceived),
    ("13.2", R::CanceledRecurring),
    ("13.3", R::ProductUnacceptable),
    ("13.4", R::ProductUnacceptable),
    ("13.5", R::ProductUnacceptable),
    ("13.6", R::CreditNotProcessed),
    ("13.7", R::Canceled),
    ("13.8", R::CreditNotProcessed),
    ("13.9", R::ProductNotReceived),
];

/// Mastercard Chargeback Guide, today's codes and those that they replaced.
const MASTERCARD: &[(&str, DisputeReason)] = &[
    ("4807", R::Authorization),
    ("4808", R::Authorization),
    ("4812", R::Authorization),
    ("4831", R::IncorrectAmount),
    ("4834", R::ProcessingError),
    ("4837", R::Fraud),
    ("4840", R::Fraud),
    ("4841", R::CanceledRecurring),
    ("4842", R::ProcessingError),
    ("4846", R::IncorrectAmount),
    ("4849", R::Fraud),
    ("4853", R::ProductUnacceptable),
    ("4855", R::ProductNotReceived),
    ("4859", R::Canceled),
    ("4860", R::CreditNotProcessed),
    ("4863", R::Unrecognized),
    ("4870", R::Fraud),
    ("4871", R::Fraud),
];

/// American Express chargeback codes.
const AMEX: &[(&str, DisputeReason)] = &[
    ("A01", R::Authorization),
    ("A02", R::Authorization),
    ("A08", R::Authorization),
    ("C02", R::CreditNotProcessed),
    ("C04", R::CreditNotProcessed),
    ("C05", R::Canceled),
    ("C08", R::ProductNotReceived),
    ("C14", R::Duplicate),
    ("C18", R::Canceled),
    ("C28", R::CanceledRecurring),
    ("C31", R::ProductUnacceptable),
    ("C32", R::ProductUnacceptable),
    ("F10", R::Fraud),
    ("F14", R::Fraud),
    ("F24", R::Fraud),
    ("F29", R::Fraud),
    ("F30", R::Fraud),
    ("F31", R::Fraud),
    ("FR2", R::Fraud),
    ("FR4", R::Fraud),
    ("FR6", R::Fraud),
    ("M01", R::Authorization),
    ("M10", R::Other),
    ("P01", R::ProcessingError),
    ("P03", R::ProcessingError),
    ("P04", R::ProcessingError),
    ("P05", R::IncorrectAmount),
    ("P07", R::ProcessingError),
    ("P08", R::Duplicate),
    ("P22", R::ProcessingError),
    ("P23", R::IncorrectAmount),
    ("R03", R::Other),
    ("R13", R::Other),
];

impl CardNetwork {
    /// The reason codes of the network that are known here, with what they mean.
    #[must_use]
    pub const fn codes(self) -> &'static [(&'static str, DisputeReason)] {
        match self {
            Self::Visa => VISA,
            Self::Mastercard => MASTERCARD,
            Self::Amex => AMEX,
            Self::Other => &[],
        }
    }
}

/// What a reason code means: one of this API's words, or a network's code. A code that its network does not have here
/// means `other`; it is kept as it was given.
///
/// # Errors
/// When no network is named, and it is none of the words.
pub fn reason_of_code(network: Option<CardNetwork>, code: &str) -> Result<DisputeReason, UnknownReasonCode> {
    if let Some(word) = DisputeReason::find(code) {
        return Ok(word);
    }
    let network = network.ok_or_else(|| UnknownReasonCode(code.chars().take(32).collect()))?;
    let known = network.codes().iter().find(|(known, _)| known.eq_ignore_ascii_case(code));
    Ok(known.map_or(DisputeReason::Other, |(_, reason)| *reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_networks_codes_mean_what_their_rules_say() {
        for (network, code, reason) in [
            (CardNetwork::Visa, "10.4", R::Fraud),
            (CardNetwork::Visa, "13.1", R::ProductNotReceived),
            (CardNetwork::Visa, "12.6.1", R::Duplicate),
            (CardNetwork::Mastercard, "4837", R::Fraud),
            (CardNetwork::Mastercard, "4853", R::ProductUnacceptable),
            (CardNetwork::Amex, "c08", R::ProductNotReceived),
            (CardNetwork::Amex, "P08", R::Duplicate),
            (CardNetwork::Visa, "99.9", R::Other),
            (CardNetwork::Other, "UA02", R::Other),
        ] {
            assert_eq!(reason_of_code(Some(network), code), Ok(reason), "{network:?} {code}");
        }
        assert_eq!(reason_of_code(None, "product_not_received"), Ok(R::ProductNotReceived));
        assert!(reason_of_code(None, "10.4").is_err(), "of which network?");
    }

    #[test]
    fn no_code_of_a_network_is_there_twice() {
        for network in CardNetwork::ALL {
            let mut codes: Vec<&str> = network.codes().iter().map(|(code, _)| *code).collect();
            let count = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), count, "{network:?}");
        }
    }
}

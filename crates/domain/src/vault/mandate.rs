//! The mandate of a SEPA direct debit.

use crate::kernel::{CardNumberDetected, MethodId, Timestamp, find_card_number};

/// Where a debit stands among those of its mandate (ISO 20022, `SequenceType3Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MandateSequence {
    /// The first of several.
    First,
    /// One of several.
    Recurring,
    /// The last of several.
    Final,
    /// The only one.
    OneOff,
}

impl MandateSequence {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::First, Self::Recurring, Self::Final, Self::OneOff];

    /// The code of ISO 20022, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "FRST",
            Self::Recurring => "RCUR",
            Self::Final => "FNAL",
            Self::OneOff => "OOFF",
        }
    }

    /// The one with this code.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|found| found.as_str() == text).copied()
    }
}

/// What the customer signed: that its account may be debited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Names it at the creditor: at most 35 characters, one mandate each.
    pub reference: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Where the next debit stands among its debits.
    pub sequence: MandateSequence,
}

/// What is wrong with a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMandate {
    /// The reference has not the form of one.
    #[error(
        "must have 1 to 35 characters of a-z, A-Z, 0-9 and / - ? : ( ) . , ' + (EPC, SEPA character set)"
    )]
    Reference,
    /// A card number stands in it.
    #[error("must not be a card number")]
    CardNumber,
    /// It is signed in the future.
    #[error("cannot be in the future")]
    SignedInFuture,
}

impl InvalidMandate {
    /// The place in the mandate, as in a JSON Pointer.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Reference | Self::CardNumber => "/reference",
            Self::SignedInFuture => "/signed_at",
        }
    }
}

/// Checks a reference that a client gave.
///
/// # Errors
/// `Reference`, `CardNumber`.
pub fn check_mandate_reference(reference: &str) -> Result<(), InvalidMandate> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-?:().,'+".contains(&byte);
    if !(1..=35).contains(&reference.len()) || !reference.bytes().all(allowed) {
        return Err(InvalidMandate::Reference);
    }
    find_card_number(reference).map_err(|CardNumberDetected| InvalidMandate::CardNumber)
}

/// The reference of a mandate whose client gave none: the method's own id in upper case, which is used once.
#[must_use]
pub fn own_mandate_reference(method: MethodId) -> String {
    method.to_string().replace('_', "-").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_reference_has_the_characters_and_the_length_that_banks_take() {
        for good in ["M-1", "A", "a/b-c?d:e(f).g,h'i+j", &"9A".repeat(17)] {
            assert_eq!(check_mandate_reference(good), Ok(()), "{good}");
        }
        for bad in ["", " ", "M 1", "M_1", "M\u{e9}", &"A".repeat(36)] {
            assert_eq!(check_mandate_reference(bad), Err(InvalidMandate::Reference), "{bad}");
        }
        assert_eq!(check_mandate_reference("4242424242424242"), Err(InvalidMandate::CardNumber));
    }

    #[test]
    fn our_own_reference_is_a_good_one_and_another_for_each_method() {
        let of = |number| own_mandate_reference(MethodId::from_uuid(Uuid::from_u128(number)));
        assert_eq!(check_mandate_reference(&of(u128::MAX)), Ok(()));
        assert_ne!(of(1), of(2));
    }
}

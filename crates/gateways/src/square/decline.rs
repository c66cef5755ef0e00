//! Square's reasons in our vocabulary (<https://developer.squareup.com/reference/square/enums/ErrorCode>).

use tender_domain::ports::{Decline, DeclineCode};

use super::wire::Problem;
use crate::said;

/// Each code of a refused card that has a meaning of ours.
const CODES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationRequired, CardDeclined, DoNotHonor, ExpiredCard, IncorrectData, InsufficientFunds,
        InvalidToken, IssuerUnavailable, LimitExceeded, TransactionNotAllowed,
    };
    &[
        ("ADDRESS_VERIFICATION_FAILURE", IncorrectData),
        ("ALLOWABLE_PIN_TRIES_EXCEEDED", LimitExceeded),
        ("BAD_EXPIRATION", IncorrectData),
        ("CARDHOLDER_INSUFFICIENT_PERMISSIONS", TransactionNotAllowed),
        ("CARD_DECLINED", CardDeclined),
        ("CARD_DECLINED_CALL_ISSUER", DoNotHonor),
        ("CARD_DECLINED_VERIFICATION_REQUIRED", AuthenticationRequired),
        ("CARD_EXPIRED", ExpiredCard),
        ("CARD_NOT_SUPPORTED", TransactionNotAllowed),
        ("CARD_TOKEN_EXPIRED", InvalidToken),
        ("CARD_TOKEN_USED", InvalidToken),
        ("CVV_FAILURE", IncorrectData),
        ("EXPIRATION_FAILURE", IncorrectData),
        ("GENERIC_DECLINE", CardDeclined),
        ("INSUFFICIENT_FUNDS", InsufficientFunds),
        ("INVALID_ACCOUNT", IncorrectData),
        ("INVALID_CARD", IncorrectData),
        ("INVALID_CARD_DATA", IncorrectData),
        ("INVALID_EXPIRATION", IncorrectData),
        ("PAN_FAILURE", IncorrectData),
        ("PAYMENT_LIMIT_EXCEEDED", LimitExceeded),
        ("TEMPORARY_ERROR", IssuerUnavailable),
        ("TRANSACTION_LIMIT", LimitExceeded),
        ("VERIFY_AVS_FAILURE", IncorrectData),
        ("VERIFY_CVV_FAILURE", IncorrectData),
        ("VOICE_FAILURE", DoNotHonor),
    ]
};

/// The decline that a problem is; none when it is about the request itself.
pub(super) fn decline(problem: &Problem) -> Option<Decline> {
    let known = CODES.iter().find(|(code, _)| *code == problem.code).map(|(_, ours)| *ours);
    let of_card = problem.category.as_deref() == Some("PAYMENT_METHOD_ERROR");
    let code = known.or(of_card.then_some(DeclineCode::CardDeclined))?;
    Some(said::decline(code, None, problem.detail.as_deref().unwrap_or(&problem.code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(category: &str, code: &str) -> Problem {
        Problem { category: Some(category.into()), code: code.into(), detail: None, field: None }
    }

    #[test]
    fn each_code_is_told_in_our_vocabulary() {
        for (code, ours) in CODES {
            let told = decline(&problem("PAYMENT_METHOD_ERROR", code)).expect("a decline");
            assert_eq!(told.code, *ours, "{code}");
        }
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next), "each code is there once");
        let new = decline(&problem("PAYMENT_METHOD_ERROR", "SOMETHING_NEW")).expect("a decline");
        assert_eq!(new.code, DeclineCode::CardDeclined);
        assert!(decline(&problem("INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER")).is_none());
    }
}

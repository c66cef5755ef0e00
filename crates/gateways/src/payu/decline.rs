//! PayU's reasons in our vocabulary: the response codes of cards, and what a transaction ended with
//! (<https://developers.payu.com/europe/api>, card status codes).

use tender_domain::ports::{Decline, DeclineCode, DeclinedAt, ScaAnswer};

use super::wire::{Status, Transaction};
use crate::said;

/// The code of an authorization that was given.
const OK: &str = "000";

/// Each response code that has a meaning of ours. What is not here is [`DeclineCode::CardDeclined`].
const CODES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationFailed, AuthenticationRequired, DoNotHonor, ExpiredCard, IncorrectData,
        InsufficientFunds, IssuerUnavailable, LimitExceeded, LostCard, StolenCard, SuspectedFraud,
        TransactionNotAllowed,
    };
    &[
        ("114", AuthenticationFailed),
        ("115", AuthenticationFailed),
        ("116", AuthenticationFailed),
        ("117", AuthenticationFailed),
        ("120", AuthenticationFailed),
        ("130", TransactionNotAllowed),
        ("131", TransactionNotAllowed),
        ("S01", DoNotHonor),
        ("S04", TransactionNotAllowed),
        ("S05", DoNotHonor),
        ("S12", TransactionNotAllowed),
        ("S13", LimitExceeded),
        ("S41", LostCard),
        ("S43", StolenCard),
        ("S51", InsufficientFunds),
        ("S54", ExpiredCard),
        ("S57", TransactionNotAllowed),
        ("S61", LimitExceeded),
        ("S62", TransactionNotAllowed),
        ("S65", LimitExceeded),
        ("S90", IssuerUnavailable),
        ("S93", TransactionNotAllowed),
        ("SAC", TransactionNotAllowed),
        ("SP1", LimitExceeded),
        ("SP9", LimitExceeded),
        ("SPF", SuspectedFraud),
        ("SSD", AuthenticationRequired),
        ("ST3", TransactionNotAllowed),
        ("ST5", TransactionNotAllowed),
        ("ST8", IncorrectData),
    ]
};

/// Why the order of this id that was canceled was not paid, by what was tried last; none when an authorization was given,
/// and let go afterwards.
pub(super) fn canceled(tried: &[Transaction], id: &str) -> Option<Decline> {
    let Some(last) = tried.last() else {
        let why = "nobody paid the order before it was canceled at PayU";
        return Some(said::decline(DeclineCode::CustomerCanceled, None, why));
    };
    // PayU tells no name, no acquirer and no checks of what was tried
    // (<https://developers.payu.com/europe/docs/payment-flows/transaction-retrieve/>).
    let left = DeclinedAt { gateway_reference: Some(id.to_owned()), ..DeclinedAt::default() };
    Some(Decline { sca: ScaAnswer::of_decline(left), ..why(last)? })
}

/// Why the last that was tried did not pay; none when it was authorized.
fn why(last: &Transaction) -> Option<Decline> {
    let card = last.card.as_ref().and_then(|card| card.card_data.as_ref());
    let code = card.and_then(|data| data.card_response_code.as_deref());
    match (code, last.result_code.as_deref()) {
        (Some(OK), _) => None,
        (_, Some("AUT_ERROR_ANTIFRAUD_DECLINED" | "REG_ERROR_ANTIFRAUD_DECLINED")) => {
            Some(said::decline(DeclineCode::SuspectedFraud, code, "PayU takes it for fraud"))
        }
        (_, Some("REG_ERROR_AUTHENTICATION_REJECTED")) => {
            Some(said::decline(DeclineCode::AuthenticationFailed, code, "the customer was not authenticated"))
        }
        (Some(code), _) => {
            let known = CODES.iter().find(|(known, _)| *known == code);
            let ours = known.map_or(DeclineCode::CardDeclined, |(_, ours)| *ours);
            Some(said::decline(ours, Some(code), &format!("the card was declined ({code})")))
        }
        (None, _) => Some(said::decline(DeclineCode::CardDeclined, None, "the card was declined")),
    }
}

/// The decline that a refused order is; none when it is about the request itself.
pub(super) fn refused(status: &Status) -> Option<Decline> {
    match (status.status_code.as_deref()?, status.code_literal.as_deref()) {
        (_, Some("CARD_CARD_EXPIRED")) => {
            Some(said::decline(DeclineCode::ExpiredCard, None, "the card is expired"))
        }
        ("BUSINESS_ERROR", _) => {
            let said = status.status_desc.as_deref().unwrap_or("the order was rejected by PayU's checks");
            Some(said::decline(DeclineCode::SuspectedFraud, None, said))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "WZHF5FFDRJ140731GUEST000P01";

    fn tried(code: &str, result: Option<&str>) -> Vec<Transaction> {
        let body =
            serde_json::json!({"card": {"cardData": {"cardResponseCode": code}}, "resultCode": result});
        vec![serde_json::from_value(body).expect("PayU's words")]
    }

    #[test]
    fn each_code_is_told_in_our_vocabulary() {
        for (code, ours) in CODES {
            let told = canceled(&tried(code, Some("AUT_ERROR_NO_AUTHORIZATION")), ID).expect("a decline");
            assert_eq!((told.code, told.network_code.as_deref()), (*ours, Some(*code)));
            let left = told.sca.and_then(|told| told.declined).and_then(|left| left.gateway_reference);
            assert_eq!(left.as_deref(), Some(ID));
        }
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next), "each code is there once");
        let told = |code, result| canceled(&tried(code, result), ID).map(|told| told.code);
        assert_eq!(told("S99", None), Some(DeclineCode::CardDeclined));
        assert_eq!(told("S05", Some("AUT_ERROR_ANTIFRAUD_DECLINED")), Some(DeclineCode::SuspectedFraud));
        assert_eq!(told(OK, None), None, "it was let go, and not declined");
        let nobody = canceled(&[], ID).expect("a decline");
        assert_eq!((nobody.code, nobody.sca), (DeclineCode::CustomerCanceled, None), "nobody was asked");
    }
}

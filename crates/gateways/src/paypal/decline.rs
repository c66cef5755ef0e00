//! PayPal's reasons in our vocabulary: the processor's response codes and the issues of refused payments
//! (<https://developer.paypal.com/api/rest/reference/orders/v2/errors/>).

use tender_domain::ports::{Avs, Decline, DeclineCode, DeclinedAt, GatewayAnswer, ScaAnswer};

use super::wire::{Detail, ProcessorResponse};
use crate::said;

/// Each code of the processor that has a meaning of ours. What is not here is [`DeclineCode::CardDeclined`].
pub(super) const CODES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationFailed, AuthenticationRequired, CardDeclined, DoNotHonor, ExpiredCard, IncorrectData,
        InsufficientFunds, IssuerUnavailable, LimitExceeded, SuspectedFraud, TransactionNotAllowed,
    };
    &[
        ("00N7", IncorrectData),
        ("0100", DoNotHonor),
        ("0390", IncorrectData),
        ("0500", DoNotHonor),
        ("0580", TransactionNotAllowed),
        ("0890", IncorrectData),
        ("0960", IssuerUnavailable),
        ("10BR", TransactionNotAllowed),
        ("1310", LimitExceeded),
        ("1330", IncorrectData),
        ("1352", TransactionNotAllowed),
        ("1380", IncorrectData),
        ("1382", IncorrectData),
        ("5100", CardDeclined),
        ("5110", IncorrectData),
        ("5120", InsufficientFunds),
        ("5130", IncorrectData),
        ("5135", LimitExceeded),
        ("5140", TransactionNotAllowed),
        ("5150", TransactionNotAllowed),
        ("5160", TransactionNotAllowed),
        ("5170", IncorrectData),
        ("5180", TransactionNotAllowed),
        ("5400", ExpiredCard),
        ("5500", IncorrectData),
        ("5650", AuthenticationRequired),
        ("5700", TransactionNotAllowed),
        ("5710", LimitExceeded),
        ("5910", TransactionNotAllowed),
        ("5920", IssuerUnavailable),
        ("5930", TransactionNotAllowed),
        ("5950", IncorrectData),
        ("7700", AuthenticationFailed),
        ("7710", AuthenticationFailed),
        ("8000", IssuerUnavailable),
        ("8110", IssuerUnavailable),
        ("8220", IssuerUnavailable),
        ("9100", IssuerUnavailable),
        ("9500", SuspectedFraud),
        ("9510", SuspectedFraud),
        // "Lost or stolen" does not say which.
        ("9520", TransactionNotAllowed),
        ("9540", TransactionNotAllowed),
        ("PCVV", IncorrectData),
        ("PP06", TransactionNotAllowed),
        ("PPRN", TransactionNotAllowed),
    ]
};

/// The issues of a refused request that are declines of the card.
const ISSUES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationRequired, CardDeclined, ExpiredCard, SuspectedFraud, TransactionNotAllowed,
    };
    &[
        ("CARD_CLOSED", TransactionNotAllowed),
        ("CARD_EXPIRED", ExpiredCard),
        ("INSTRUMENT_DECLINED", CardDeclined),
        ("PAYER_ACTION_REQUIRED", AuthenticationRequired),
        ("PAYER_CANNOT_PAY", TransactionNotAllowed),
        ("TRANSACTION_BLOCKED_BY_PAYEE", SuspectedFraud),
        ("TRANSACTION_REFUSED", TransactionNotAllowed),
    ]
};

/// The decline of what was tried and refused by the card's bank.
pub(super) fn decline(response: Option<&ProcessorResponse>) -> Decline {
    let code = response.and_then(|response| response.response_code.as_deref());
    let found = CODES.iter().find(|(known, _)| Some(*known) == code);
    let message = match code {
        Some(code) => format!("the card was declined ({code})"),
        None => "the card was declined".to_owned(),
    };
    said::decline(found.map_or(DeclineCode::CardDeclined, |(_, ours)| *ours), code, &message)
}

/// The decline of an authorization, or of a sale's capture, that PayPal calls `id`: by that name it is found there.
pub(super) fn declined(id: &str, response: Option<&ProcessorResponse>) -> GatewayAnswer {
    let left = DeclinedAt {
        gateway_reference: Some(id.to_owned()),
        // PayPal processes by itself or by banks that it does not name.
        acquirer: None,
        avs: letters(response),
    };
    GatewayAnswer::Declined(Decline { sca: ScaAnswer::of_decline(left), ..decline(response) })
}

/// The same answer; a decline that has no name of its own gets the order's. What PayPal refuses as an error has none: the
/// `debug_id` there is the request's.
pub(super) fn of_the_order(answer: GatewayAnswer, order: &str) -> GatewayAnswer {
    match answer {
        GatewayAnswer::Declined(why) if why.sca.is_none() => {
            let left = DeclinedAt { gateway_reference: Some(order.to_owned()), ..DeclinedAt::default() };
            GatewayAnswer::Declined(Decline { sca: ScaAnswer::of_decline(left), ..why })
        }
        answer => answer,
    }
}

/// The networks' letters of the checks of address and code, Maestro's digits; `Null` and `All others` say nothing
/// (<https://developer.paypal.com/docs/checkout/advanced/card-decline-errors>).
pub(super) fn letters(response: Option<&ProcessorResponse>) -> Avs {
    let letter = |code: Option<&String>| code.filter(|code| code.len() == 1).cloned();
    Avs {
        avs_result: letter(response.and_then(|response| response.avs_code.as_ref())),
        cvv_result: letter(response.and_then(|response| response.cvv_code.as_ref())),
    }
}

/// The decline that an issue is; none when it is about the request itself.
pub(super) fn of_issue(detail: &Detail) -> Option<Decline> {
    let issue = detail.issue.as_deref()?;
    let (_, code) = ISSUES.iter().find(|(known, _)| *known == issue)?;
    Some(said::decline(*code, None, detail.description.as_deref().unwrap_or(issue)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_told_in_our_vocabulary() {
        let told = |code: &str| {
            let response =
                ProcessorResponse { avs_code: None, cvv_code: None, response_code: Some(code.into()) };
            decline(Some(&response))
        };
        for (code, ours) in CODES {
            assert_eq!(told(code).code, *ours, "{code}");
        }
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next), "each code is there once");
        assert_eq!(
            (told("OF99").code, told("OF99").network_code.as_deref()),
            (DeclineCode::CardDeclined, Some("OF99"))
        );
        assert_eq!(decline(None).network_code, None);
    }

    #[test]
    fn what_a_decline_left_at_paypal_is_kept() {
        let response = ProcessorResponse {
            avs_code: Some("N".into()),
            cvv_code: Some("All others".into()),
            response_code: Some("5110".into()),
        };
        let left = |answer| match answer {
            GatewayAnswer::Declined(why) => why.sca.and_then(|told| told.declined),
            other => panic!("declined: {other:?}"),
        };
        let answer = declined("3C679366HH908993F", Some(&response));
        let avs = Avs { avs_result: Some("N".into()), cvv_result: None };
        let expected =
            DeclinedAt { gateway_reference: Some("3C679366HH908993F".into()), acquirer: None, avs };
        assert_eq!(left(answer.clone()), Some(expected.clone()));
        assert_eq!(left(of_the_order(answer, "ORDER1")), Some(expected), "its own name is the nearer one");
        let nameless = of_the_order(GatewayAnswer::Declined(decline(None)), "ORDER1");
        assert_eq!(left(nameless).and_then(|left| left.gateway_reference).as_deref(), Some("ORDER1"));
    }

    #[test]
    fn an_issue_of_the_card_is_a_decline_and_one_of_the_request_is_none() {
        let detail = |issue: &str| Detail { issue: Some(issue.into()), description: None, field: None };
        let told = of_issue(&detail("CARD_EXPIRED")).expect("the card's");
        assert_eq!(told.code, DeclineCode::ExpiredCard);
        assert_eq!(of_issue(&detail("INVALID_CURRENCY_CODE")), None);
    }
}

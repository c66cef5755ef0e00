//! What Adyen's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{
    Authorize, Avs, CompleteChallenge, Decline, DeclineCode, DeclinedAt, GatewayAnswer, GatewayError,
    ScaAnswer, ZeroAmountAnswer,
};

use super::call::Response;
use super::decline::decline;
use super::money::from_adyen;
use super::refusal::{object, says_nothing};
use super::session;
use super::wire::{Additional, Modification, Payment};
use crate::name::{Kind, Name};
use crate::said::still_open;

type Outcome = Result<GatewayAnswer, GatewayError>;

/// The answer to an authorization.
pub(super) fn authorized(response: &Response, request: &Authorize) -> Outcome {
    match object::<Payment>(response)? {
        Ok(payment) => outcome(&payment, request.capture, Some(request.amount)),
        Err(refusal) if refusal.is_of_the_token() => Ok(no_token()),
        Err(refusal) => Err(refusal.error()),
    }
}

/// The answer to an authorization of nothing. Where the issuer knows none, Adyen holds about one euro and lets it go by
/// itself, and tells so.
pub(super) fn checked(response: &Response) -> Result<ZeroAmountAnswer, GatewayError> {
    let payment = match object::<Payment>(response)? {
        Ok(payment) => payment,
        Err(refusal) if refusal.is_of_the_token() => return of_declined(no_token()),
        Err(refusal) => return Err(refusal.error()),
    };
    if payment.result_code == "Authorised" {
        let none = Additional::default();
        let avs = letters(payment.additional_data.as_ref().unwrap_or(&none));
        return Ok(ZeroAmountAnswer::Approved { response_code: None, avs });
    }
    of_declined(outcome(&payment, false, None)?)
}

/// What is no approval of a check.
pub(super) fn of_declined(answer: GatewayAnswer) -> Result<ZeroAmountAnswer, GatewayError> {
    match answer {
        GatewayAnswer::Declined(why) => Ok(ZeroAmountAnswer::Declined(why)),
        GatewayAnswer::Challenge { .. } => of_declined(cannot_authenticate()),
        GatewayAnswer::Approved { .. } => {
            Err(GatewayError::Unknown("Adyen approved something else than was asked".to_owned()))
        }
    }
}

/// The answer to what completes a challenge, if it is about the right payment. Adyen completes one with its own result
/// alone, which nobody but us hands in: what it refuses leaves it open, and so does what completes another one.
pub(super) fn completed(response: &Response, request: &CompleteChallenge) -> Outcome {
    let payment = match object::<Payment>(response)?.map_err(|refusal| refusal.error()) {
        Ok(payment) => payment,
        Err(error) => return not_completed(error, request),
    };
    match payment.merchant_reference.as_deref().and_then(Name::find) {
        Some(Name { kind: kind @ (Kind::Hold | Kind::Sale), tenant, reference })
            if is_ours(&tenant, &reference, request) =>
        {
            let is_open = matches!(&*payment.result_code, "Pending" | "Received" | "RedirectShopper");
            // The method is at it, or its customer came back too soon: its notification ends the session.
            if is_open && session::is_one(&request.challenge_reference) {
                return Ok(still_open(&request.challenge_reference));
            }
            outcome(&payment, kind == Kind::Sale, None)
        }
        // The customer brought the result of another payment: that one is told by its own notification.
        Some(_) => Ok(still_open(&request.challenge_reference)),
        None => unknown("Adyen's answer is about no payment that has our name"),
    }
}

/// A challenge whose result was not taken, or never sent: it is still open, unless Adyen may have taken it.
pub(super) fn not_completed(error: GatewayError, request: &CompleteChallenge) -> Outcome {
    match error {
        GatewayError::Unknown(_) => Err(says_nothing(error)),
        _ => Ok(still_open(&request.challenge_reference)),
    }
}

fn is_ours(tenant: &TenantId, reference: &str, request: &CompleteChallenge) -> bool {
    *tenant == request.tenant && reference == request.reference
}

/// What a payment came to. Where Adyen names no amount it is what was `asked`: a part would be `PartiallyAuthorised`.
pub(super) fn outcome(payment: &Payment, capture: bool, asked: Option<Money>) -> Outcome {
    let none = Additional::default();
    let data = payment.additional_data.as_ref().unwrap_or(&none);
    match payment.result_code.as_str() {
        "Authorised" => approved(payment, data, capture, asked),
        // Told as it is: the caller sees that it is not what was asked.
        "PartiallyAuthorised" => approved(payment, data, capture, None),
        "Refused" | "Error" | "Cancelled" => {
            let code = match (payment.result_code.as_str(), payment.refusal_reason_code.as_deref()) {
                ("Cancelled", None) => Some("16"),
                (_, code) => code,
            };
            let raw = data.get("refusalReasonRaw");
            let why = decline(code, payment.refusal_reason.as_deref(), raw);
            let sca = left_there(payment.psp_reference.as_deref(), data);
            Ok(GatewayAnswer::Declined(Decline { sca, ..why }))
        }
        "RedirectShopper" => challenge(payment),
        "Pending" | "Received" => unknown("Adyen is still at it; its notification tells"),
        code => unknown(&format!("Adyen answers {code}, which nobody asked for")),
    }
}

fn approved(payment: &Payment, data: &Additional, captured: bool, asked: Option<Money>) -> Outcome {
    let amount = match &payment.amount {
        Some(amount) => from_adyen(amount),
        None => asked,
    };
    let (Some(amount), Some(reference)) = (amount, &payment.psp_reference) else {
        return unknown("Adyen does not say what it authorised");
    };
    let named = |id: &str| ScaAnswer { network_transaction_id: Some(id.to_owned()), ..ScaAnswer::default() };
    Ok(GatewayAnswer::Approved {
        sca: data.get("networkTxReference").map(|id| Box::new(named(id))),
        gateway_reference: reference.clone(),
        amount,
        captured,
        response_code: None,
        acquirer: data.get("acquirerCode").map(str::to_owned),
        avs: letters(data),
    })
}

/// What people find a decline by at Adyen, and what the checks found.
pub(super) fn left_there(reference: Option<&str>, data: &Additional) -> Option<Box<ScaAnswer>> {
    ScaAnswer::of_decline(DeclinedAt {
        gateway_reference: reference.map(str::to_owned),
        acquirer: data.get("acquirerCode").map(str::to_owned),
        avs: letters(data),
    })
}

/// The networks' letters of the checks of address and code.
fn letters(data: &Additional) -> Avs {
    Avs { avs_result: letter(data.get("avsResultRaw")), cvv_result: letter(data.get("cvcResultRaw")) }
}

/// The network's letter of a check.
fn letter(raw: Option<&str>) -> Option<String> {
    raw.filter(|raw| raw.len() == 1).map(str::to_ascii_uppercase)
}

fn challenge(payment: &Payment) -> Outcome {
    let redirect = payment.action.as_ref().filter(|action| action.action_type == "redirect");
    let by_address = redirect.filter(|action| action.method.as_deref().is_none_or(|method| method == "GET"));
    match (by_address.and_then(|action| action.url.clone()), &payment.psp_reference) {
        (Some(url), Some(reference)) => {
            Ok(GatewayAnswer::Challenge { url, challenge_reference: reference.clone(), creq: None })
        }
        // Nobody can be sent there, so nobody will meet it.
        _ => Ok(to_authenticate("in a way that is no plain redirect")),
    }
}

/// The decline of what must be authenticated while the customer is away, before anything is sent.
pub(super) fn cannot_authenticate() -> GatewayAnswer {
    to_authenticate("and the customer is away")
}

fn to_authenticate(how: &str) -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        sca: None,
        code: DeclineCode::AuthenticationRequired,
        network_code: None,
        message: format!("the payment must be authenticated, {how}"),
    })
}

/// The answer to a capture, a void or a refund: that it was received says nothing of its end.
pub(super) fn received(response: &Response) -> Outcome {
    match object::<Modification>(response)? {
        Ok(modification) => {
            unknown(&format!("Adyen says `{}`; its notification tells the end", modification.status))
        }
        Err(refusal) => Err(refusal.error()),
    }
}

/// Whether the account can be asked at all.
pub(super) fn reachable(response: &Response) -> Result<(), GatewayError> {
    let _: serde::de::IgnoredAny = object(response)?.map_err(|refusal| refusal.error())?;
    Ok(())
}

/// The decline of a token that Adyen does not know.
pub(super) fn no_token() -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        sca: None,
        code: DeclineCode::InvalidToken,
        network_code: None,
        message: "Adyen does not know the token, or it is another tenant's".to_owned(),
    })
}

fn unknown(why: &str) -> Outcome {
    Err(GatewayError::Unknown(tender_domain::kernel::mask_card_numbers(why)))
}

#[cfg(test)]
mod tests {
    use tender_domain::kernel::Currency;

    use super::*;

    fn told(json: &str) -> Outcome {
        let payment = serde_json::from_str(&format!("{{{json}}}")).expect("a payment");
        outcome(&payment, true, Some(Money::new(500, Currency::EUR)))
    }

    #[test]
    fn what_a_decline_left_at_adyen_is_kept() {
        let data =
            r#""additionalData":{"acquirerCode":"TestPmmAcquirer","avsResultRaw":"N","cvcResultRaw":"N"}"#;
        let refused = told(&format!(r#""resultCode":"Refused","pspReference":"PSP00001",{data}"#));
        let Ok(GatewayAnswer::Declined(decline)) = refused else { panic!("declined") };
        let left = decline.sca.and_then(|told| told.declined).expect("it left something");
        assert_eq!(left.gateway_reference.as_deref(), Some("PSP00001"));
        assert_eq!(left.acquirer.as_deref(), Some("TestPmmAcquirer"));
        assert_eq!((left.avs.avs_result.as_deref(), left.avs.cvv_result.as_deref()), (Some("N"), Some("N")));
    }

    #[test]
    fn what_is_no_end_is_unknown() {
        for code in
            ["Pending", "Received", "IdentifyShopper", "ChallengeShopper", "PresentToShopper", "OfTomorrow"]
        {
            let told = told(&format!(r#""resultCode":"{code}","pspReference":"PSP00001""#));
            assert!(matches!(told, Err(GatewayError::Unknown(_))), "{code}: {told:?}");
        }
        let nameless = told(r#""resultCode":"Authorised""#);
        assert!(matches!(nameless, Err(GatewayError::Unknown(_))), "{nameless:?}");
    }

    #[test]
    fn an_approval_is_for_the_amount_that_is_named_and_a_part_is_told_as_one() {
        let amount_of = |json: &str| match told(json) {
            Ok(GatewayAnswer::Approved { amount, .. }) => Some(amount.minor()),
            _ => None,
        };
        assert_eq!(amount_of(r#""resultCode":"Authorised","pspReference":"PSP00001""#), Some(500));
        let part = r#""pspReference":"PSP00001","amount":{"currency":"EUR","value":300}"#;
        assert_eq!(amount_of(&format!(r#""resultCode":"PartiallyAuthorised",{part}"#)), Some(300));
        assert_eq!(amount_of(r#""resultCode":"PartiallyAuthorised","pspReference":"PSP00001""#), None);
    }

    #[test]
    fn a_redirect_that_is_no_address_alone_is_declined() {
        for action in [
            r#"{"type":"redirect","method":"POST","url":"https://acs.example.com","data":{"MD":"1"}}"#,
            r#"{"type":"threeDS2","token":"t"}"#,
        ] {
            let json =
                format!(r#""resultCode":"RedirectShopper","pspReference":"PSP00001","action":{action}"#);
            let declined = told(&json);
            assert!(
                matches!(&declined, Ok(GatewayAnswer::Declined(decline)) if decline.code == DeclineCode::AuthenticationRequired),
                "{declined:?}"
            );
        }
    }

    #[test]
    fn whoever_cancels_has_given_the_challenge_up() {
        let Ok(GatewayAnswer::Declined(decline)) = told(r#""resultCode":"Cancelled""#) else {
            panic!("declined")
        };
        assert_eq!(decline.code, DeclineCode::AuthenticationFailed);
    }

    #[test]
    fn the_checks_are_told_in_the_letters_of_the_networks() {
        let json = r#""resultCode":"Authorised","pspReference":"PSP00001","additionalData":
            {"avsResultRaw":"y","cvcResultRaw":"M","acquirerCode":"TestPmmAcquirer","retry.attempt1.rawResponse":5}"#;
        let Ok(GatewayAnswer::Approved { avs, acquirer, .. }) = told(json) else { panic!("approved") };
        assert_eq!((avs.avs_result.as_deref(), avs.cvv_result.as_deref()), (Some("Y"), Some("M")));
        assert_eq!(acquirer.as_deref(), Some("TestPmmAcquirer"));
    }
}

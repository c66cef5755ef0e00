//! What adapters say in the port's words, each in one place.

use tender_domain::kernel::{Money, gateway_text, mask_card_numbers};
use tender_domain::ports::{
    Avs, CallEnd, CallKind, Decline, DeclineCode, GatewayAnswer, GatewayError, GatewayFact,
};

/// The longest response code that is one: they have two to four characters, and some room.
const NETWORK_CODE_CHARS_MAX: usize = 16;

/// It was done: under this name, for so much.
pub(crate) fn approved(gateway_reference: &str, amount: Money, captured: bool) -> GatewayAnswer {
    GatewayAnswer::Approved {
        gateway_reference: gateway_reference.to_owned(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    }
}

/// A no, with the network's code where there is one.
pub(crate) fn decline(code: DeclineCode, network_code: Option<&str>, message: &str) -> Decline {
    let fits = |code: &&str| (1..=NETWORK_CODE_CHARS_MAX).contains(&code.chars().count());
    Decline {
        code,
        network_code: network_code.filter(fits).map(gateway_text),
        message: gateway_text(message),
        sca: None,
    }
}

/// A definite no.
pub(crate) fn declined(code: DeclineCode, message: &str) -> GatewayAnswer {
    GatewayAnswer::Declined(decline(code, None, message))
}

/// Why a token is not charged that the gateway does not know.
pub(crate) fn unknown_token(who: &str) -> Decline {
    let why = format!("{who} does not know the token, or it is another tenant's");
    decline(DeclineCode::InvalidToken, None, &why)
}

/// The decline of a token that the gateway does not know.
pub(crate) fn no_token(who: &str) -> GatewayAnswer {
    GatewayAnswer::Declined(unknown_token(who))
}

/// The decline of what must be authenticated and cannot be, before anything is sent.
pub(crate) fn cannot_authenticate(why: &str) -> GatewayAnswer {
    declined(DeclineCode::AuthenticationRequired, &format!("the payment must be authenticated, and {why}"))
}

/// A challenge that was begun before and is still to be met, where it was.
pub(crate) fn still_open(challenge_reference: &str) -> GatewayAnswer {
    GatewayAnswer::Challenge {
        url: String::new(),
        challenge_reference: challenge_reference.to_owned(),
        creq: None,
    }
}

/// A challenge that was to be given up was met: what it came to whoever completes it is told.
pub(crate) fn met_meanwhile() -> GatewayAnswer {
    declined(DeclineCode::TransactionNotAllowed, "the challenge was met meanwhile")
}

/// What is held is taken once: who wants to leave a rest is told so before anything is sent.
///
/// # Errors
/// `NotDone` for a capture that is not final.
pub(crate) fn taken_once(is_final: bool) -> Result<(), GatewayError> {
    if is_final {
        return Ok(());
    }
    let why = "this connector takes what is held once, all or part; the rest is let go";
    Err(GatewayError::NotDone(why.to_owned()))
}

/// A call that was surely refused before anything was begun: by HTTP 429 because we ask too often just now, else for what is
/// wrong with it.
pub(crate) const fn refused(status: u16, said: String) -> GatewayError {
    if status == 429 { GatewayError::NotNow(said) } else { GatewayError::NotDone(said) }
}

/// No definite answer; the reason.
pub(crate) fn unknown(why: &str) -> GatewayError {
    GatewayError::Unknown(mask_card_numbers(why))
}

/// The end of a call, as a callback tells it.
pub(crate) fn ended(kind: CallKind, reference: &str, answer: GatewayAnswer) -> GatewayFact {
    GatewayFact::Ended { kind, reference: reference.to_owned(), end: CallEnd::Answered(answer) }
}

/// A call that failed for good, as a callback tells it.
pub(crate) fn taken_back(
    kind: CallKind,
    reference: &str,
    gateway_reference: &str,
    why: Decline,
) -> GatewayFact {
    let end = CallEnd::TakenBack { gateway_reference: gateway_reference.to_owned(), why };
    GatewayFact::Ended { kind, reference: reference.to_owned(), end }
}

/// A call that has no end yet.
pub(crate) fn pending(kind: CallKind, reference: &str) -> GatewayFact {
    GatewayFact::Pending { kind, reference: reference.to_owned() }
}

/// The codes of ISO 8583 field 39 that have a meaning of ours, as several gateways repeat them.
pub(crate) fn of_network(code: &str) -> Option<DeclineCode> {
    use DeclineCode as D;
    Some(match code.trim_start_matches('0') {
        "4" | "7" | "36" => D::TransactionNotAllowed,
        "5" => D::DoNotHonor,
        "12" | "57" | "58" | "62" | "93" => D::TransactionNotAllowed,
        "14" | "15" | "55" | "82" | "N7" => D::IncorrectData,
        "33" | "54" => D::ExpiredCard,
        "34" | "59" => D::SuspectedFraud,
        "41" => D::LostCard,
        "43" => D::StolenCard,
        "51" => D::InsufficientFunds,
        "61" | "65" | "75" => D::LimitExceeded,
        "1A" | "70" => D::AuthenticationRequired,
        "91" | "96" => D::IssuerUnavailable,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_networks_code_is_known_with_and_without_its_zero() {
        assert_eq!(of_network("05"), Some(DeclineCode::DoNotHonor));
        assert_eq!(of_network("5"), Some(DeclineCode::DoNotHonor));
        assert_eq!(of_network("51"), Some(DeclineCode::InsufficientFunds));
        assert_eq!((of_network("00"), of_network("")), (None, None));
    }

    #[test]
    fn what_a_gateway_says_shows_no_card() {
        let told = decline(DeclineCode::CardDeclined, Some("05"), "no to 4111111111111111");
        assert!(!told.message.contains("411111111"), "{told:?}");
        assert_eq!(told.network_code.as_deref(), Some("05"));
        for none in ["", "the issuer did not like it"] {
            assert_eq!(decline(DeclineCode::CardDeclined, Some(none), "no").network_code, None, "{none}");
        }
    }
}

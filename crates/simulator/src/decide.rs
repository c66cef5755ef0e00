//! What becomes of an authorization: a pure function of token, amount and date.

use chrono::Datelike;
use tender_domain::kernel::{Money, Timestamp};
use tender_domain::ports::{Authorize, Decline, DeclineCode, ThreeDs};
use tender_domain::simulator::BookedOutcome;

use crate::card_token::TokenCard;
use crate::response_code::{decline, decline_of, response_code};
use crate::{Behaviour, Misbehaviour};

/// Decides an authorization. `card` is none when the token is not known; `gateway_reference` is what it will be
/// called if approved. With the outcome comes what else goes wrong with the call.
pub(crate) fn authorize(
    request: &Authorize,
    card: Option<&TokenCard>,
    gateway_reference: String,
    now: Timestamp,
) -> (BookedOutcome, &'static [Misbehaviour]) {
    let Some(card) = card else {
        let unknown = refusal(DeclineCode::InvalidToken, None, "The token is not known to the gateway.");
        return (BookedOutcome::Declined(unknown), &[]);
    };
    if is_past(card, now) {
        return (BookedOutcome::Declined(decline("54")), &[]);
    }
    let approve = |amount| approve_unless_coded(amount, request.capture, gateway_reference);
    let outcome = match card.behaviour {
        Behaviour::Decline => {
            BookedOutcome::Declined(refusal(DeclineCode::CardDeclined, Some("05"), "The card was declined."))
        }
        Behaviour::InsufficientFunds => BookedOutcome::Declined(decline("51")),
        Behaviour::ExpiredCard => BookedOutcome::Declined(decline("54")),
        Behaviour::StolenCard => BookedOutcome::Declined(decline("43")),
        Behaviour::Challenge | Behaviour::ChallengeFail => {
            challenged(request, card.behaviour == Behaviour::ChallengeFail)
        }
        Behaviour::TimeoutBefore => {
            BookedOutcome::Refused("the call was dropped (tok_timeout_before)".to_owned())
        }
        Behaviour::Error => BookedOutcome::Refused("the gateway refused the call (tok_error)".to_owned()),
        _ if request.three_ds == ThreeDs::Force => challenged(request, false),
        _ => approve(request.amount),
    };
    (outcome, card.behaviour.misbehaves())
}

/// The customer must authenticate first; one who is away cannot.
fn challenged(request: &Authorize, fails: bool) -> BookedOutcome {
    if request.off_session {
        return BookedOutcome::Declined(refusal(
            DeclineCode::AuthenticationRequired,
            Some("1A"),
            "The issuer asks for the customer's approval, and the customer is away.",
        ));
    }
    BookedOutcome::Challenged { amount: request.amount, capture: request.capture, fails }
}

/// Decides what a challenge ended with: `success` of one that can be met is an approval, all else a failure.
pub(crate) fn challenge(
    amount: Money,
    capture: bool,
    fails: bool,
    result: &str,
    gateway_reference: String,
) -> BookedOutcome {
    if fails || result != "success" {
        let message = "The customer did not pass the issuer's challenge.";
        return BookedOutcome::Declined(refusal(DeclineCode::AuthenticationFailed, None, message));
    }
    approve_unless_coded(amount, capture, gateway_reference)
}

fn approve_unless_coded(amount: Money, captured: bool, gateway_reference: String) -> BookedOutcome {
    match response_code(amount).as_deref().and_then(decline_of) {
        Some(decline) => BookedOutcome::Declined(decline),
        None => BookedOutcome::Approved { gateway_reference, amount, captured },
    }
}

fn refusal(code: DeclineCode, network_code: Option<&str>, message: &str) -> Decline {
    Decline { code, network_code: network_code.map(str::to_owned), message: message.to_owned(), sca: None }
}

/// One minor unit more; the largest amount there is stays what it is.
pub(crate) fn one_more(amount: Money) -> Money {
    Money::new(amount.minor().saturating_add(1), amount.currency())
}

/// A card is good to the end of its month of expiry.
fn is_past(card: &TokenCard, now: Timestamp) -> bool {
    (i32::from(card.exp_year), u32::from(card.exp_month)) < (now.year(), now.month())
}

//! What becomes of an authorization: a pure function of token, amount and date.

use chrono::Datelike;
use tender_domain::kernel::{Money, Timestamp};
use tender_domain::ports::{
    AuthenticationFlow, AuthenticationStatus, Authorize, Decline, DeclineCode, SessionRequest, ThreeDs,
};
use tender_domain::simulator::BookedOutcome;

use crate::card_token::TokenCard;
use crate::response_code::{decline, decline_of, response_code};
use crate::sca::Authenticated;
use crate::{Behaviour, Misbehaviour};

/// What an authorization comes to.
pub(crate) struct Decided {
    pub(crate) outcome: BookedOutcome,
    /// What the authentication came to, of which there was one; of a challenge that it is needed.
    pub(crate) authenticated: Option<Authenticated>,
    /// What else goes wrong with the call.
    pub(crate) misbehaves: &'static [Misbehaviour],
}

impl Decided {
    fn plain(outcome: BookedOutcome) -> Self {
        Self { outcome, authenticated: None, misbehaves: &[] }
    }

    /// Whether an exemption that was asked for was granted: it is, where the payment went through with it.
    pub(crate) fn granted(&self) -> bool {
        matches!(self.outcome, BookedOutcome::Approved { .. })
    }
}

/// A session: nothing is decided before its customer does. On the page for cards the customer authenticates, when that
/// is forced.
pub(crate) fn session(request: &Authorize, session: &SessionRequest) -> Decided {
    let (amount, capture) = (request.amount, request.capture);
    let forced = request.three_ds == ThreeDs::Force && session.method == SessionRequest::CARD;
    Decided {
        authenticated: forced.then_some((AuthenticationStatus::C, AuthenticationFlow::Challenge)),
        ..Decided::plain(BookedOutcome::Challenged { amount, capture, fails: false })
    }
}

/// Decides an authorization. `card` is none when the token is not known; `gateway_reference` is what it will be
/// called if approved.
pub(crate) fn authorize(
    request: &Authorize,
    card: Option<&TokenCard>,
    gateway_reference: String,
    now: Timestamp,
) -> Decided {
    let Some(card) = card else {
        let unknown = refusal(DeclineCode::InvalidToken, None, "The token is not known to the gateway.");
        return Decided::plain(BookedOutcome::Declined(unknown));
    };
    if is_past(card, now) {
        return Decided::plain(BookedOutcome::Declined(decline("54")));
    }
    if let Some(status) = card.behaviour.authenticates() {
        return authenticated(request, status, gateway_reference);
    }
    let forced = request.three_ds == ThreeDs::Force;
    let outcome = match card.behaviour {
        Behaviour::Decline => {
            BookedOutcome::Declined(refusal(DeclineCode::CardDeclined, Some("05"), "The card was declined."))
        }
        Behaviour::InsufficientFunds => BookedOutcome::Declined(decline("51")),
        Behaviour::ExpiredCard => BookedOutcome::Declined(decline("54")),
        Behaviour::StolenCard => BookedOutcome::Declined(decline("43")),
        Behaviour::Challenge | Behaviour::ChallengeFail | Behaviour::ChallengeAnswerLost => {
            challenged(request, card.behaviour == Behaviour::ChallengeFail)
        }
        Behaviour::TimeoutBefore => {
            BookedOutcome::Refused("the call was dropped (tok_timeout_before)".to_owned())
        }
        Behaviour::Error => BookedOutcome::Refused("the gateway refused the call (tok_error)".to_owned()),
        Behaviour::SoftDecline if !forced => BookedOutcome::Declined(must_authenticate()),
        Behaviour::ExemptionRefused if request.sca.exemption.is_some() => challenged(request, false),
        _ if forced => challenged(request, false),
        _ => approve_unless_coded(request.amount, request.capture, gateway_reference),
    };
    let is_challenged = matches!(outcome, BookedOutcome::Challenged { .. });
    Decided {
        authenticated: is_challenged.then_some((AuthenticationStatus::C, AuthenticationFlow::Challenge)),
        misbehaves: card.behaviour.misbehaves(),
        outcome,
    }
}

/// An authentication that ends without a challenge, so.
fn authenticated(request: &Authorize, status: AuthenticationStatus, gateway_reference: String) -> Decided {
    let outcome = match status {
        AuthenticationStatus::N => {
            let message = "The issuer could not authenticate the customer.";
            BookedOutcome::Declined(refusal(DeclineCode::AuthenticationFailed, None, message))
        }
        AuthenticationStatus::R => {
            let message = "The issuer rejected the authentication.";
            BookedOutcome::Declined(refusal(DeclineCode::AuthenticationFailed, None, message))
        }
        _ => approve_unless_coded(request.amount, request.capture, gateway_reference),
    };
    let authenticated = Some((status, AuthenticationFlow::Frictionless));
    Decided { outcome, authenticated, misbehaves: &[] }
}

/// The customer must authenticate first; one who is away cannot.
fn challenged(request: &Authorize, fails: bool) -> BookedOutcome {
    if request.off_session {
        return BookedOutcome::Declined(must_authenticate());
    }
    BookedOutcome::Challenged { amount: request.amount, capture: request.capture, fails }
}

fn must_authenticate() -> Decline {
    let message = "The issuer asks for the customer's authentication.";
    refusal(DeclineCode::AuthenticationRequired, Some("1A"), message)
}

/// Decides what a challenge ended with: `success` of one that can be met is an approval, all else a failure.
pub(crate) fn challenge(
    amount: Money,
    capture: bool,
    fails: bool,
    result: &str,
    gateway_reference: String,
) -> BookedOutcome {
    if result == "expired" {
        let message = "The customer did not pay in time.";
        return BookedOutcome::Declined(refusal(DeclineCode::AuthenticationAbandoned, None, message));
    }
    if result == "canceled" {
        let message = "The customer went back without paying.";
        return BookedOutcome::Declined(refusal(DeclineCode::CustomerCanceled, None, message));
    }
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

pub(crate) fn refusal(code: DeclineCode, network_code: Option<&str>, message: &str) -> Decline {
    Decline { code, network_code: network_code.map(str::to_owned), message: message.to_owned(), sca: None }
}

/// One minor unit more; the largest amount there is stays what it is.
pub(crate) fn one_more(amount: Money) -> Money {
    Money::new(amount.minor().saturating_add(1), amount.currency())
}

/// A card is good to the end of its month of expiry.
pub(crate) fn is_past(card: &TokenCard, now: Timestamp) -> bool {
    (i32::from(card.exp_year), u32::from(card.exp_month)) < (now.year(), now.month())
}

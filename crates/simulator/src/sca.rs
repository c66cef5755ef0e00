//! What the simulated issuers, directory server and card network tell of authentication.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use tender_domain::ports::{
    Authentication, AuthenticationFlow, AuthenticationStatus, Authorize, Avs, DeclineCode, DeclinedAt,
    ScaAnswer, ScaRequest,
};

use crate::SimulatorGateway;
use crate::card_token::TokenCard;
use crate::secret::derive;

/// The version of EMV 3-D Secure that all simulated issuers speak.
pub(crate) const VERSION: &str = "2.2.0";

/// An authentication that needs no challenge, or came of one.
pub(crate) type Authenticated = (AuthenticationStatus, AuthenticationFlow);

/// What is told with an authorization. `authenticated` is none where there was no authentication; `granted` says what
/// became of the exemption that was asked for.
pub(crate) fn answer(
    gateway: &SimulatorGateway,
    request: &Authorize,
    card: Option<&TokenCard>,
    authenticated: Option<Authenticated>,
    granted: bool,
) -> Option<Box<ScaAnswer>> {
    let id = format!("{}/{}", request.tenant, request.reference);
    let answer = ScaAnswer {
        authentication: authenticated.map(|how| authentication(gateway, card, how, &id)),
        exemption_granted: request.sca.exemption.map(|_| granted),
        network_transaction_id: network_name(gateway, &request.sca, &id),
        declined: None,
    };
    (!answer.is_empty()).then(|| Box::new(answer))
}

/// What is told of a decline beside: the simulated issuers' own leave a name and the checks there; what ended before an
/// issuer was asked leaves nothing.
pub(crate) fn of_decline(
    known: Option<Box<ScaAnswer>>,
    code: DeclineCode,
    gateway_reference: String,
) -> Option<Box<ScaAnswer>> {
    use DeclineCode as C;
    let (avs, cvv) = match code {
        C::AuthenticationFailed
        | C::AuthenticationAbandoned
        | C::AuthenticationRequired
        | C::CustomerCanceled
        | C::InvalidToken => return known,
        C::IncorrectData => ("N", "N"),
        _ => ("Y", "M"),
    };
    let avs = Avs { avs_result: Some(avs.to_owned()), cvv_result: Some(cvv.to_owned()) };
    let left = DeclinedAt {
        gateway_reference: Some(gateway_reference),
        acquirer: Some("simulator".to_owned()),
        avs,
    };
    let mut told = known.unwrap_or_default();
    told.declined = Some(left);
    Some(told)
}

/// What is told once a challenge ended, of what was known when it began.
pub(crate) fn after_challenge(known: Option<Box<ScaAnswer>>, succeeded: bool) -> Option<Box<ScaAnswer>> {
    let mut known = known?;
    if let Some(authentication) = &mut known.authentication {
        authentication.status = if succeeded { AuthenticationStatus::Y } else { AuthenticationStatus::N };
        authentication.liability_shift = succeeded;
        if !succeeded {
            let nothing = if authentication.eci.as_deref() == Some("02") { "00" } else { "07" };
            authentication.eci = Some(nothing.to_owned());
        }
    }
    Some(known)
}

fn authentication(
    gateway: &SimulatorGateway,
    card: Option<&TokenCard>,
    (status, flow): Authenticated,
    id: &str,
) -> Authentication {
    use AuthenticationStatus as S;
    let is_mastercard = card.is_some_and(|card| card.brand.name() == "MASTERCARD");
    let eci = match (status, is_mastercard) {
        // Of a challenge what it will be when it is met.
        (S::Y | S::C, true) => "02",
        (S::Y | S::C, false) => "05",
        (S::A, true) => "01",
        (S::A, false) => "06",
        (S::N | S::R | S::U, true) => "00",
        (S::N | S::R | S::U, false) => "07",
    };
    let hex = HEXLOWER.encode(&derive(&gateway.options.secret, "directory server", &[id.as_bytes()])[..16]);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Authentication {
        version: Some(VERSION.to_owned()),
        status,
        eci: Some(eci.to_owned()),
        liability_shift: matches!(status, S::Y | S::A),
        flow,
        ds_transaction_id: Some(parts.join("-")),
    }
}

/// The network names every payment; the simulator tells the name where it is wanted.
fn network_name(gateway: &SimulatorGateway, asked: &ScaRequest, id: &str) -> Option<String> {
    asked.begins?;
    let derived = derive(&gateway.options.secret, "network transaction", &[id.as_bytes()]);
    Some(BASE32_NOPAD.encode(&derived[..10]))
}

//! What Stripe tells of authentication, in the words of EMV 3-D Secure.

use serde::Deserialize;
use tender_domain::ports::{Authentication, AuthenticationFlow, AuthenticationStatus, ScaAnswer};

use super::wire::{CardDetails, Charge, Expandable, PaymentIntent};

/// `payment_method_details.card.three_d_secure` of a charge.
#[derive(Deserialize)]
pub(super) struct ThreeDSecure {
    authentication_flow: Option<String>,
    electronic_commerce_indicator: Option<String>,
    result: Option<String>,
    result_reason: Option<String>,
    transaction_id: Option<String>,
    version: Option<String>,
}

/// What is told with a charge; none when Stripe tells nothing of it.
pub(super) fn told(intent: &PaymentIntent) -> Option<Box<ScaAnswer>> {
    let Some(Expandable::Object(Charge { payment_method_details: Some(details), .. })) =
        &intent.latest_charge
    else {
        return None;
    };
    let answer = answer(details.card.as_ref()?);
    (!answer.is_empty()).then(|| Box::new(answer))
}

fn answer(card: &CardDetails) -> ScaAnswer {
    let three_ds = card.three_d_secure.as_ref();
    let exempted = three_ds.and_then(|known| known.result.as_deref()) == Some("exempted");
    ScaAnswer {
        authentication: three_ds.and_then(authentication),
        exemption_granted: exempted.then_some(true),
        network_transaction_id: card.network_transaction_id.clone(),
        declined: None,
    }
}

fn authentication(known: &ThreeDSecure) -> Option<Authentication> {
    let status = match (known.result.as_deref()?, known.result_reason.as_deref()) {
        ("authenticated", _) => AuthenticationStatus::Y,
        ("attempt_acknowledged", _) => AuthenticationStatus::A,
        ("failed", Some("rejected")) => AuthenticationStatus::R,
        ("failed", _) => AuthenticationStatus::N,
        ("not_supported" | "processing_error", _) => AuthenticationStatus::U,
        // Exempted, or a word that is new: there was no authentication that we know of.
        _ => return None,
    };
    let flow = match known.authentication_flow.as_deref() {
        Some("challenge") => AuthenticationFlow::Challenge,
        _ => AuthenticationFlow::Frictionless,
    };
    Some(Authentication {
        version: known.version.clone(),
        status,
        eci: known.electronic_commerce_indicator.clone(),
        liability_shift: matches!(status, AuthenticationStatus::Y | AuthenticationStatus::A),
        flow,
        ds_transaction_id: known.transaction_id.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(three_ds: &str) -> ScaAnswer {
        let card = format!(r#"{{"checks":null,"network_transaction_id":"n1","three_d_secure":{three_ds}}}"#);
        answer(&serde_json::from_str(&card).expect("Stripe's card details"))
    }

    #[test]
    fn each_result_is_a_status_and_what_is_new_is_none() {
        use AuthenticationStatus as S;
        for (result, reason, status) in [
            ("authenticated", "null", Some(S::Y)),
            ("attempt_acknowledged", "null", Some(S::A)),
            ("failed", "\"rejected\"", Some(S::R)),
            ("failed", "\"abandoned\"", Some(S::N)),
            ("not_supported", "null", Some(S::U)),
            ("processing_error", "null", Some(S::U)),
            ("exempted", "null", None),
            ("something_new", "null", None),
        ] {
            let told = of(&format!(
                r#"{{"authentication_flow":"challenge","electronic_commerce_indicator":"05","result":"{result}",
                "result_reason":{reason},"transaction_id":"t","version":"2.2.0"}}"#
            ));
            assert_eq!(told.authentication.as_ref().map(|known| known.status), status, "{result}");
            assert_eq!(told.exemption_granted, (result == "exempted").then_some(true), "{result}");
            let shifts = told.authentication.map(|known| (known.liability_shift, known.flow));
            let expected =
                status.map(|status| (matches!(status, S::Y | S::A), AuthenticationFlow::Challenge));
            assert_eq!(shifts, expected, "{result}");
        }
        assert_eq!(of("null").network_transaction_id.as_deref(), Some("n1"));
        assert_eq!(of("null").authentication, None);
    }
}

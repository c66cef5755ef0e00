//! The promises that every gateway makes, kept by Stripe as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde_json::json;
use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::double::{Double, Fault, error};
use crate::rig::stripe;
use crate::rules::charge_it;

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (bank, wire) = (Arc::clone(&double), Arc::clone(&double));
    let rig = GatewayRig {
        gateway: Arc::new(stripe(&double)),
        tenant: TenantId::sandbox(),
        approved: "pm_card_visa",
        declined: ("pm_card_declined_insufficient_funds", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline {
            response_code: Some("05"),
            avs: Some("Y"),
            cvv: Some("N"),
            ..Default::default()
        },
        challenged: Some("pm_card_authenticationRequired"),
        meet: Box::new(move |challenge, met| authenticated(&bank, challenge, met)),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: Some(("4242424242424242", "VISA", "4242")),
        knows_tenants: false,
        names_amounts: true,
        knows_repetitions: true,
        sent: None,
        references: AtomicU64::new(0),
    };
    (rig, double)
}

/// The bank has authenticated the customer, or not; gives the query with which the browser comes back.
fn authenticated(double: &Double, challenge: &str, met: bool) -> String {
    let mut books = double.books();
    if let Some(intent) = books.intents.get_mut(challenge)
        && intent["status"] == "requires_action"
    {
        if met {
            charge_it(intent, "ch_of_the_bank");
        } else {
            intent["status"] = "requires_payment_method".into();
            intent["last_payment_error"] = json!({"type": "invalid_request_error",
                "code": "payment_intent_authentication_failure", "message": "not authenticated"});
        }
    }
    format!("payment_intent={challenge}&redirect_status=succeeded")
}

fn in_trouble(double: &Double, trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AnswerLost => double.next(Fault::LostAfter),
        Trouble::CallLost => double.next(Fault::LostBefore),
        Trouble::Refused => {
            let body = error("invalid_request_error", "parameter_invalid_integer", "no");
            double.next(Fault::Refused(400, body));
        }
        Trouble::WrongAmount => return "pm_card_wrongAmount",
    }
    "pm_card_visa"
}

tender_contract::gateway_promises!(rig);

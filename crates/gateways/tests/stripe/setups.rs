//! The double's setup intents.

use serde_json::{Value, json};

use crate::double::{Books, Fields, error};
use crate::rules::{Ruled, is, known, missing, needed, only};

const SET_UP: &[&str] = &[
    "payment_method_types[]",
    "payment_method",
    "customer",
    "confirm",
    "usage",
    "metadata[tender_tenant]",
    "metadata[tender_reference]",
    "expand[]",
];

pub(crate) fn set_up(books: &mut Books, fields: &Fields) -> Ruled {
    only(fields, SET_UP)?;
    for (name, value) in [
        ("payment_method_types[]", "card"),
        ("confirm", "true"),
        ("usage", "off_session"),
        ("expand[]", "latest_attempt"),
    ] {
        is(fields, name, value)?;
    }
    let token = needed(fields, "payment_method")?.to_owned();
    let id = books.id("seti");
    let mut setup = json!({
        "id": id, "object": "setup_intent", "status": "succeeded", "last_setup_error": null, "usage": "off_session",
        "metadata": {
            "tender_tenant": needed(fields, "metadata[tender_tenant]")?,
            "tender_reference": needed(fields, "metadata[tender_reference]")?,
        },
        "latest_attempt": {"id": "setatt_1", "object": "setup_attempt", "status": "succeeded",
            "payment_method_details": {"type": "card", "card": {"three_d_secure": null, "checks": {
                "address_line1_check": null, "address_postal_code_check": "pass", "cvc_check": "pass"}}}},
    });
    match token.as_str() {
        "pm_card_visa" => {}
        "pm_card_authenticationRequired" => {
            setup["status"] = "requires_action".into();
            setup["next_action"] = json!({"type": "use_stripe_sdk"});
        }
        "pm_card_processing" => setup["status"] = "processing".into(),
        declined if declined.starts_with("pm_card_declined_") => {
            setup["status"] = "requires_payment_method".into();
            let mut body = error("card_error", "card_declined", "Your card was declined.");
            body["error"]["decline_code"] = declined["pm_card_declined_".len()..].into();
            body["error"]["setup_intent"] = setup.clone();
            books.setups.insert(id, setup);
            return Ok((402, body));
        }
        _ => {
            let mut body = error("invalid_request_error", "resource_missing", "No such PaymentMethod");
            body["error"]["param"] = "payment_method".into();
            return Ok((400, body));
        }
    }
    books.setups.insert(id, setup.clone());
    Ok((200, setup))
}

pub(crate) fn cancel(books: &mut Books, id: &str, fields: &Fields) -> Ruled {
    only(fields, &[])?;
    let Some(setup) = books.setups.get_mut(id) else { return Ok(missing(id)) };
    if setup["status"] != "requires_action" {
        return Ok((
            400,
            error("invalid_request_error", "setup_intent_unexpected_state", "not in this state"),
        ));
    }
    setup["status"] = Value::from("canceled");
    Ok(known(&books.setups, id))
}

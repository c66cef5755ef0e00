//! Payment intents of methods whose customer pays on a page.

use serde_json::json;

use crate::double::{Books, Fields, error};
use crate::rules::{Ruled, amount, is, needed, only};

const FIELDS: &[&str] = &[
    "amount",
    "currency",
    "payment_method_types[]",
    "payment_method_data[type]",
    "payment_method_data[billing_details][name]",
    "payment_method_data[billing_details][email]",
    "payment_method_data[billing_details][address][country]",
    "capture_method",
    "confirm",
    "return_url",
    "metadata[tender_tenant]",
    "metadata[tender_reference]",
    "expand[]",
    "description",
    "statement_descriptor",
    "shipping[name]",
    "shipping[phone]",
    "shipping[address][line1]",
    "shipping[address][city]",
    "shipping[address][postal_code]",
    "shipping[address][country]",
];

/// What Stripe makes of a payment intent of another method than cards that is confirmed at once.
pub(crate) fn begin(books: &mut Books, fields: &Fields) -> Ruled {
    only(fields, FIELDS)?;
    is(fields, "confirm", "true")?;
    is(fields, "expand[]", "latest_charge")?;
    let method = needed(fields, "payment_method_data[type]")?;
    is(fields, "payment_method_types[]", method)?;
    let (currency, capture_method) = (needed(fields, "currency")?, needed(fields, "capture_method")?);
    if method == "ideal" && (currency, capture_method) != ("eur", "automatic") {
        return Err(format!("iDEAL in {currency}, {capture_method}"));
    }
    // The account of the double has not switched it on.
    if method == "klarna" && currency == "chf" {
        let mut body = error("invalid_request_error", "payment_intent_invalid_parameter", "not activated");
        body["error"]["param"] = "payment_method_types".into();
        return Ok((400, body));
    }
    let id = books.id("pi");
    let intent = json!({
        "id": id, "object": "payment_intent", "amount": amount(fields, "amount")?, "amount_capturable": 0,
        "amount_received": 0, "currency": currency, "status": "requires_action",
        "capture_method": capture_method, "payment_method_types": [method],
        "metadata": {
            "tender_tenant": needed(fields, "metadata[tender_tenant]")?,
            "tender_reference": needed(fields, "metadata[tender_reference]")?,
        },
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {
            "url": format!("https://pm-redirects.stripe.com/authorize/acct_1/{id}"),
            "return_url": needed(fields, "return_url")?}},
        "last_payment_error": null, "latest_charge": null, "refunded": 0,
    });
    books.intents.insert(id, intent.clone());
    Ok((200, intent))
}

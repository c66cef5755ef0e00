//! Payments of methods whose customer pays on a page: what is paid there is paid, whoever comes back.

use serde_json::{Value, json};

use super::rules::{Ruled, amount, authorised, merchant, only, reference, refused, text};
use super::server::{Books, Double};

const FIELDS: &[&str] = &[
    "merchantAccount",
    "reference",
    "amount",
    "paymentMethod",
    "shopperInteraction",
    "channel",
    "returnUrl",
    "sessionValidity",
    "captureDelayHours",
    "additionalData",
    "countryCode",
    "lineItems",
    "shopperStatement",
    "shopperEmail",
    "shopperName",
    "shopperIP",
    "telephoneNumber",
    "billingAddress",
    "deliveryAddress",
    "browserInfo",
];

pub(super) fn begin(books: &mut Books, body: &Value) -> Ruled {
    only(body, FIELDS)?;
    merchant(body)?;
    let (reference, amount) = (reference(body)?, amount(body)?);
    if text(body, "shopperInteraction")? != "Ecommerce" || text(body, "channel")? != "Web" {
        return Err("how the customer is there".into());
    }
    if !text(body, "returnUrl")?.starts_with("https://") || !text(body, "sessionValidity")?.ends_with('Z') {
        return Err("returnUrl or sessionValidity".into());
    }
    let manual = match (&body["captureDelayHours"], &body["additionalData"]) {
        (Value::Null, data) if *data == json!({"manualCapture": "true"}) => true,
        (delay, Value::Null) if *delay == json!(0) => false,
        other => return Err(format!("captured by hand or at once: {other:?}")),
    };
    let country = body["countryCode"].as_str();
    let method = &body["paymentMethod"];
    match text(method, "type")? {
        "ideal" if *method == json!({"type": "ideal"}) && country == Some("NL") && !manual => {}
        "paypal" if *method == json!({"type": "paypal", "subtype": "redirect"}) => {}
        "klarna" if *method == json!({"type": "klarna"}) && country.is_some() => {
            let item = &body["lineItems"][0];
            if item["quantity"] != 1 || item["amountIncludingTax"] != amount["value"] {
                return Err(format!("the items {item}"));
            }
            text(item, "description")?;
        }
        other => return Err(format!("the method {other}: {body}")),
    }
    let psp = books.id("SES");
    let payment = json!({"pspReference": psp, "reference": reference, "amount": amount, "manual": manual,
        "state": "open", "captured": 0, "refunded": 0, "brought": null, "less": false, "session": true});
    let url =
        format!("https://checkoutshopper-test.adyen.com/checkoutshopper/checkoutPaymentRedirect?p={psp}");
    books.payments.insert(psp, payment);
    // Without a name of its own.
    let action =
        json!({"type": "redirect", "method": "GET", "url": url, "paymentMethodType": method["type"]});
    Ok((200, json!({"resultCode": "RedirectShopper", "action": action})))
}

/// What whoever comes back is told of a session; none of what is none.
pub(super) fn come_back(books: &Books, psp: &str) -> Option<Value> {
    let payment = books.payments.get(psp).filter(|payment| payment["session"] == true)?;
    let (own, reference) = (&payment["pspReference"], &payment["reference"]);
    let pending = json!({"resultCode": "Pending", "pspReference": own, "merchantReference": reference});
    Some(payment.get("answer").cloned().unwrap_or(pending))
}

impl Double {
    /// The customer pays on the page, or goes away from it; it is told by notification. Gives what the browser brings back.
    pub(crate) fn at_the_page(&self, psp: &str, paid: bool) -> String {
        let mut books = self.books();
        let payment = books.payments[psp].clone();
        let answer = match paid {
            true => authorised(&mut books, payment),
            false => refused(&mut books, &payment, "20"),
        };
        books.payments.get_mut(psp).expect("it is there")["answer"] = answer;
        format!("redirectResult=back%21{psp}")
    }
}

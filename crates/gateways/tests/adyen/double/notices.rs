//! Notifications, as Adyen makes and signs them.

use data_encoding::{BASE64, HEXUPPER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::MERCHANT;

pub(crate) const HMAC_KEY: &str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";

/// A signed notification: event, its own reference, the payment's (empty when it is that), our reference, amount, and the
/// reason when it is no success.
pub(crate) fn notice(
    event: &str,
    (psp, original): (&str, &str),
    reference: &str,
    amount: &Value,
    failure: Option<&str>,
) -> Value {
    let success = if failure.is_none() { "true" } else { "false" };
    let (value, currency) = (&amount["value"], amount["currency"].as_str().expect("a currency"));
    let signed = format!("{psp}:{original}:{MERCHANT}:{reference}:{value}:{currency}:{event}:{success}");
    let key = HEXUPPER.decode(HMAC_KEY.as_bytes()).expect("hex");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(signed.as_bytes());
    let mut item = json!({
        "eventCode": event, "pspReference": psp, "merchantAccountCode": MERCHANT, "merchantReference": reference,
        "amount": amount, "success": success, "reason": failure.unwrap_or_default(), "paymentMethod": "visa",
        "eventDate": "2026-11-24T12:30:00+01:00", "operations": ["CANCEL", "CAPTURE", "REFUND"],
        "additionalData": {"hmacSignature": BASE64.encode(&mac.finalize().into_bytes())},
    });
    if !original.is_empty() {
        item["originalReference"] = original.into();
    }
    item
}

/// The body with these notifications.
pub(crate) fn body_of(items: &[Value]) -> String {
    let items: Vec<Value> = items.iter().map(|item| json!({"NotificationRequestItem": item})).collect();
    json!({"live": "false", "notificationItems": items}).to_string()
}

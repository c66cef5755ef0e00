//! A gateway's message for people to read: its form and what is dull of it, and nothing of who paid.

use serde_json::{Map, Value};
use tender_domain::kernel::mask_card_numbers;

/// In place of what is not shown.
const HIDDEN: &str = "***";
/// The longest text that is shown; more is hardly an id, a word or an amount.
const TEXT_CHARS_MAX: usize = 128;

/// The members whose texts and numbers are shown: what they hold is ids, words, amounts and times. What is not here is
/// hidden, for a gateway may add to its messages whatever it likes.
const SHOWN: &[&str] = &[
    "amount",
    "amount_capturable",
    "amount_received",
    "amount_refunded",
    "call",
    "capture_method",
    "charge",
    "code",
    "create_time",
    "created",
    "currency",
    "currency_code",
    "currencycode",
    "custom_id",
    "decline_code",
    "dispute_id",
    "dispute_life_cycle_stage",
    "dispute_outcome",
    "event_type",
    "eventcode",
    "eventdate",
    "extorderid",
    "extrefundid",
    "failure_reason",
    "gateway_reference",
    "id",
    "intent",
    "invoice_id",
    "latest_charge",
    "livemode",
    "localreceiptdatetime",
    "merchantaccountcode",
    "merchantposid",
    "merchantreference",
    "movement_reference",
    "network_code",
    "not_done",
    "object",
    "occurred_at",
    "operations",
    "order_id",
    "ordercreatedate",
    "orderid",
    "originalreference",
    "outcome",
    "outcome_code",
    "payment_intent",
    "payment_reference",
    "pspreference",
    "reason",
    "reason_code",
    "reference",
    "refundid",
    "resource_type",
    "respond_by",
    "response_code",
    "seller_response_due_date",
    "seller_transaction_id",
    "status",
    "statusdatetime",
    "success",
    "tenant",
    "tender_capture",
    "tender_reference",
    "tender_tenant",
    "totalamount",
    "type",
    "update_time",
    "value",
];

/// A message as people see it. One that is no JSON is not shown at all.
pub(crate) fn masked(body: &str) -> Value {
    serde_json::from_str(body).map_or_else(|_| HIDDEN.into(), |message| shown(message, false))
}

fn shown(value: Value, is_plain: bool) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().map(member).collect::<Map<_, _>>()),
        Value::Array(items) => items.into_iter().map(|item| shown(item, is_plain)).collect(),
        Value::Null | Value::Bool(_) => value,
        Value::Number(_) if is_plain => value,
        Value::String(text) if is_plain && text.chars().count() <= TEXT_CHARS_MAX => {
            mask_card_numbers(&text).into()
        }
        Value::Number(_) | Value::String(_) => HIDDEN.into(),
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let is_plain = SHOWN.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
    (name, shown(value, is_plain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_is_in_order() {
        assert!(SHOWN.is_sorted(), "it is searched by halves");
    }

    #[test]
    fn who_paid_is_hidden_and_what_happened_is_shown() {
        let body = json!({
            "id": "evt_1", "type": "payment_intent.succeeded", "livemode": false,
            "data": {"object": {"id": "pi_1", "amount": 900, "receipt_email": "ada@example.com",
                "shipping": {"name": "Ada", "phone": 49_301_234_567_u64, "address": {"line1": "1, High Street"}},
                "reason": "card 4242424242424242 was refused", "metadata": {"note": "call Ada"}}},
            "items": [{"status": "done", "holder": "Ada"}],
        });
        let seen = masked(&body.to_string());
        assert_eq!((&seen["id"], &seen["data"]["object"]["amount"]), (&json!("evt_1"), &json!(900)));
        assert_eq!(seen["items"][0], json!({"status": "done", "holder": HIDDEN}));
        let text = seen.to_string();
        for hidden in ["Ada", "ada@", "High Street", "49301234567", "4242424242424242"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        assert_eq!(masked("name=Ada"), HIDDEN);
    }
}

//! What happened to payments.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::intents::CaptureOrigin;
use tender_domain::kernel::{
    CaptureId, ChargeId, Currency, IntentId, Metadata, TenantId, Timestamp, Version,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::exact_amount;
use crate::public_event::public_event;

/// `payment.processed`: a capture succeeded, money moved. One message for each capture; the ledger posts it by
/// `captureId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentProcessed {
    /// The intent's UUID.
    pub payment_id: Uuid,
    /// The intent.
    #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: IntentId,
    /// The charge that was captured.
    #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    pub charge_id: ChargeId,
    /// The capture: the effect's id.
    #[schema(value_type = String, example = "cap_01h2xcejqtf2nbrexx3vqjhp41")]
    pub capture_id: CaptureId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The order that was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The customer who paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The reservation behind the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<String>,
    /// The merchant account that it is for.
    pub merchant_account_id: String,
    /// The connector that took the money.
    pub connector: String,
    /// What the gateway calls it.
    pub gateway_reference: String,
    /// The same, as the tickets document names it.
    pub transaction_id: String,
    /// The amount of this capture in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// The amount of this capture in minor units.
    pub amount_minor: i64,
    /// The currency of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The sum of the charge's captures so far, this one included, in minor units.
    pub captured_total_minor: i64,
    /// What was authorized, in minor units.
    pub authorized_minor: i64,
    /// The intent's status.
    pub status: String,
    /// What kind of method was charged (`card`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// Who asked the gateway for it: `tender`, or a person in its dashboard (`gateway`).
    #[serde(default = "by_tender")]
    pub origin: String,
    /// Whether the money is real.
    pub livemode: bool,
    /// The intent's version.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When the gateway did it.
    #[schema(value_type = String, format = DateTime)]
    pub processed_at: Timestamp,
    /// The client's metadata.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

/// Of messages from before there were others.
fn by_tender() -> String {
    CaptureOrigin::Tender.as_str().to_owned()
}

public_event! {
    PaymentProcessed is PAYMENT_PROCESSED of "/tender/intents":
    key intent_id, subject intent_id, at processed_at, amount
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tender_domain::kernel::{EventId, Id, Money};

    use super::*;
    use crate::Envelope;
    use crate::PublicEvent as _;

    fn processed(amount: Money) -> PaymentProcessed {
        PaymentProcessed {
            payment_id: Uuid::from_u128(1),
            intent_id: Id::from_uuid(Uuid::from_u128(1)),
            charge_id: Id::from_uuid(Uuid::from_u128(2)),
            capture_id: Id::from_uuid(Uuid::from_u128(3)),
            tenant_id: TenantId::sandbox(),
            order_id: Some("ord_1".into()),
            customer_id: None,
            reservation_id: None,
            merchant_account_id: "ma_1".into(),
            connector: "simulator".into(),
            gateway_reference: "sim_1".into(),
            transaction_id: "sim_1".into(),
            amount: amount.to_decimal(),
            amount_minor: amount.minor(),
            currency: amount.currency(),
            captured_total_minor: amount.minor(),
            authorized_minor: amount.minor(),
            status: "succeeded".into(),
            payment_method: Some("card".into()),
            origin: by_tender(),
            livemode: false,
            version: Version::FIRST,
            processed_at: DateTime::UNIX_EPOCH,
            metadata: Metadata::default(),
        }
    }

    fn message(amount: Money) -> tender_domain::kernel::Message {
        processed(amount).into_message(Envelope { id: EventId(Uuid::from_u128(9)), traceparent: None })
    }

    #[test]
    fn amounts_are_exact_numbers_with_the_currencys_places() {
        // 2^53 + 1 minor units: what a double cannot hold.
        for (minor, currency, written) in [
            (9_007_199_254_740_993, Currency::EUR, "\"amount\":90071992547409.93,"),
            (15_000, Currency::USD, "\"amount\":150.00,"),
            (5_194, Currency::JPY, "\"amount\":5194,"),
            (1_500, Currency::BHD, "\"amount\":1.500,"),
        ] {
            let amount = Money::new(minor, currency);
            let message = message(amount);
            assert!(message.data.contains(written), "{}", message.data);
            assert_eq!(PaymentProcessed::from_message(&message), Ok(processed(amount)));
        }
    }

    #[test]
    fn a_message_that_contradicts_itself_is_unreadable() {
        let good = message(Money::new(15_000, Currency::EUR));
        for (from, to) in [
            ("\"amountMinor\":15000", "\"amountMinor\":15001"),
            ("\"amount\":150.00", "\"amount\":150.001"),
            ("\"currency\":\"EUR\"", "\"currency\":\"JPY\""),
            ("\"tenantId\":\"sandbox\"", "\"tenantId\":\"other\""),
            ("\"captureId\":\"cap_", "\"captureId\":\"rf_"),
            ("{", "["),
        ] {
            let bad = tender_domain::kernel::Message {
                data: good.data.replacen(from, to, 1).into(),
                ..good.clone()
            };
            assert_ne!(bad.data, good.data, "{from}");
            assert!(PaymentProcessed::from_message(&bad).is_err(), "{to}");
        }
        let other_topic =
            tender_domain::kernel::Message { topic: tender_domain::kernel::Topic::REFUND_PROCESSED, ..good };
        assert!(PaymentProcessed::from_message(&other_topic).is_err());
    }
}

//! What happens to payments without money moving, and the tickets document's own success message.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{
    AttemptId, CaptureId, ChargeId, Currency, IntentId, TenantId, Timestamp, Version,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::exact_amount;
use crate::public_event::public_event;

macro_rules! payment_events {
    ($(
        $(#[$doc:meta])*
        $name:ident on $topic:ident at $at:ident {
            $($(#[$field_meta:meta])* $field:ident: $field_type:ty,)*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The intent's UUID.
            pub payment_id: Uuid,
            /// The intent.
            #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
            pub intent_id: IntentId,
            /// The tenant.
            #[schema(value_type = String, example = "sandbox")]
            pub tenant_id: TenantId,
            /// The order that is paid.
            pub order_id: Option<String>,
            /// The customer who pays.
            pub customer_id: Option<String>,
            /// The reservation behind the order.
            pub reservation_id: Option<String>,
            /// The merchant account that it is for.
            pub merchant_account_id: String,
            /// The amount of the intent in major units, exact.
            #[serde(with = "exact_amount")]
            #[schema(schema_with = exact_amount::schema)]
            pub amount: Decimal,
            /// The amount of the intent in minor units.
            pub amount_minor: i64,
            /// The currency of the amounts.
            #[schema(value_type = String, example = "EUR")]
            pub currency: Currency,
            /// What kind of method was charged.
            pub payment_method: Option<String>,
            /// Whether the money is real.
            pub livemode: bool,
            /// The intent's version.
            #[schema(value_type = i64)]
            pub version: Version,
            $($(#[$field_meta])* pub $field: $field_type,)*
        }

        public_event! {
            $name is $topic of "/tender/intents":
            key intent_id, subject intent_id, at $at, amount
        }
    )*};
}

/// A capture that had succeeded and failed afterwards: everything that its `payment.processed` said, so that whoever
/// follows can undo it, or keep it from being done, whichever of the two messages comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReversedCapture {
    /// The capture: the effect's id.
    #[schema(value_type = String, example = "cap_01h2xcejqtf2nbrexx3vqjhp41")]
    pub capture_id: CaptureId,
    /// The charge that it was of.
    #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    pub charge_id: ChargeId,
    /// The connector that had taken the money.
    pub connector: String,
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// How much was taken back, in minor units of the intent's currency; more than zero.
    pub amount_minor: i64,
    /// What had been authorized, in minor units.
    pub authorized_minor: i64,
}

payment_events! {
    /// `payment.authorized`: the amount is held and waits for its capture.
    PaymentAuthorized on PAYMENT_AUTHORIZED at authorized_at {
        /// The attempt that was approved.
        #[schema(value_type = String, example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
        attempt_id: AttemptId,
        /// The connector that holds the money.
        connector: String,
        /// What the gateway calls it.
        gateway_reference: String,
        /// The intent's status.
        status: String,
        /// When the gateway answered.
        #[schema(value_type = String, format = DateTime)]
        authorized_at: Timestamp,
    }

    /// `payment-failed`: an attempt failed; once for each failed attempt. With every field of the tickets document. Also
    /// when money that was taken is taken back: then `reversedCapture` is there, and what followed its
    /// `payment.processed` is to be undone.
    PaymentFailed on PAYMENT_FAILED at attempted_at {
        /// Why, as the tickets document writes it (`INSUFFICIENT_FUNDS`).
        error_code: String,
        /// What a person may read.
        error_message: String,
        /// What the gateway said.
        failure_reason: String,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// Whether no further attempt is possible.
        #[serde(rename = "final")]
        is_final: bool,
        /// `failed`; the intent's status when a capture was taken back.
        status: String,
        /// When the attempt failed, or a capture was taken back.
        #[schema(value_type = String, format = DateTime)]
        attempted_at: Timestamp,
        /// The capture that had succeeded and was taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reversed_capture: Option<ReversedCapture>,
    }

    /// `payment.canceled`: the intent was given up before money moved.
    PaymentCanceled on PAYMENT_CANCELED at canceled_at {
        /// Why.
        reason: Option<String>,
        /// `canceled`.
        status: String,
        /// When.
        #[schema(value_type = String, format = DateTime)]
        canceled_at: Timestamp,
    }

    /// `payment-succeeded`: the tickets document's success message, for payments of that dialect.
    PaymentSucceeded on PAYMENT_SUCCEEDED at processed_at {
        /// What the gateway calls it.
        transaction_id: String,
        /// `succeeded`.
        status: String,
        /// When the gateway did it.
        #[schema(value_type = String, format = DateTime)]
        processed_at: Timestamp,
    }
}

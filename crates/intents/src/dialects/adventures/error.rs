//! What the annex's client is told when something is refused.

use tender_http::Problem;
pub(super) use tender_http::storefront::adventures::{ErrorBody, Refused};

use crate::IntentsError;
use crate::use_cases::PayReservationError;

impl From<PayReservationError> for Refused {
    fn from(error: PayReservationError) -> Self {
        let message = error.to_string();
        match error {
            PayReservationError::NoSuchReservation => {
                Self::of(404, "RESERVATION_NOT_FOUND", message).at("reservation_id")
            }
            PayReservationError::AnotherGuest => Self::of(403, "FORBIDDEN", message).at("guest_id"),
            PayReservationError::Reservation(_) => Self::field("reservation_id", message),
            PayReservationError::Intents(error) => error.into(),
        }
    }
}

impl From<IntentsError> for Refused {
    fn from(error: IntentsError) -> Self {
        match &error {
            IntentsError::NoSuchMethod(_)
            | IntentsError::MethodOfAnotherCustomer(_)
            | IntentsError::MethodOfAnotherMerchant(_) => {
                let message = "the guest has no such payment method";
                Self::of(404, "PAYMENT_METHOD_NOT_FOUND", message).at("payment_method_id")
            }
            IntentsError::MethodExpired(_) => {
                let message = "the payment method has expired; pay with another one";
                Self::of(422, "PAYMENT_METHOD_EXPIRED", message).at("payment_method_id")
            }
            IntentsError::MethodNotChargeable(_) => {
                Self::field("payment_method_id", "no connector that takes payments can charge it")
            }
            IntentsError::OtherRequest => {
                let message =
                    "this idempotency key belongs to another request; a new payment needs a new key";
                Self::of(409, "IDEMPOTENCY_CONFLICT", message).at("idempotency_key")
            }
            IntentsError::NoSuchReservation => {
                Self::of(404, "RESERVATION_NOT_FOUND", "there is no such reservation").at("reservation_id")
            }
            IntentsError::NoSuchLink => {
                Self::of(404, "PAYMENT_LINK_NOT_FOUND", "there is no such payment link")
            }
            IntentsError::NoSuchIntent => Self::of(404, "PAYMENT_NOT_FOUND", "there is no such payment"),
            _ => Problem::from(error).into(),
        }
    }
}

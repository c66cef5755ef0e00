//! Refusals and faults as problem details.

use tender_domain::intents::{Command, Refusal};
use tender_http::{Problem, Replay};

use crate::IntentsError;

const RETRY_SECONDS: u32 = 2;

/// A refusal of business.
pub(super) fn refusal_problem(refusal: &Refusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        Refusal::WrongStatus { status, command } => {
            let hint = match command {
                Command::Cancel => "; refund what was captured instead",
                Command::Capture => "; only an authorized payment of capture_mode `manual` can be captured",
                _ => "",
            };
            Problem::conflict("intent_status", format!("{detail}{hint} (status: {})", status.as_str()))
        }
        Refusal::ExceedsCapturable { capturable, .. } => {
            let at_most = format!("must be from 1 to {}", capturable.minor());
            Problem::unprocessable("amount_exceeds_capturable", detail).pointer("/amount", at_most)
        }
        Refusal::CancelRequested => Problem::conflict("cancel_requested", detail),
        Refusal::Expired => Problem::conflict("intent_expired", format!("{detail}; create a new one")),
        Refusal::NotOpen => Problem::conflict("nothing_open", detail),
        Refusal::Money(_) => {
            Problem::unprocessable("invalid_amount", detail).pointer("/amount", "does not fit")
        }
    }
}

impl From<IntentsError> for Problem {
    fn from(error: IntentsError) -> Self {
        match error {
            IntentsError::NoSuchIntent => Self::not_found("payment intent"),
            IntentsError::NoSuchOrder => Self::not_found("order"),
            IntentsError::NoSuchMethod(id) => {
                let detail =
                    format!("there is no payment method {id}; create one by POST /v1/payments/methods");
                Self::unprocessable("payment_method_not_found", detail)
                    .pointer("/payment_method_id", "is not known")
            }
            IntentsError::MethodOfAnotherCustomer(id) => {
                let detail = format!("the payment method {id} is not one of this intent's customer");
                Self::unprocessable("payment_method_of_another_customer", detail)
                    .pointer("/payment_method_id", "belongs to another customer")
            }
            IntentsError::MethodNotChargeable(id) => {
                let detail = format!("no connector that takes payments holds a token for {id}");
                Self::unprocessable("payment_method_not_chargeable", detail)
                    .pointer("/payment_method_id", "cannot be charged")
            }
            IntentsError::MethodExpired(id) => {
                let detail = format!("the payment method {id} has expired; charge another one");
                Self::unprocessable("payment_method_expired", detail)
                    .pointer("/payment_method_id", "has expired")
            }
            IntentsError::NoMethod => {
                let detail = "name what to charge: `payment_method_id`, here or by attach-method";
                Self::conflict("payment_method_required", detail).pointer("/payment_method_id", "required")
            }
            IntentsError::Refused(refusal) => refusal_problem(&refusal),
            IntentsError::InFlight => Replay::in_flight_problem(),
            IntentsError::OtherRequest => Replay::other_request_problem(),
            IntentsError::StaleVersion(problem) => *problem,
            IntentsError::VaultUnavailable(why) => {
                tracing::warn!(why, "the vault could not be asked");
                Self::service_unavailable(RETRY_SECONDS)
            }
            IntentsError::Orders(error) => {
                tracing::warn!(%error, "the order directory could not be asked");
                Self::service_unavailable(RETRY_SECONDS)
            }
            error @ IntentsError::BadKeyRecord(_) => {
                tracing::error!(%error, "a request met data that cannot be");
                Self::internal()
            }
            IntentsError::Store(error) => error.into(),
            IntentsError::Commit(error) => error.into(),
        }
    }
}

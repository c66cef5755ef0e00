//! Refusals and faults as problem details.

use tender_domain::connectors::ConnectorRefusal;
use tender_domain::deposits::DepositRefusal;
use tender_domain::fraud::FraudRefusal;
use tender_domain::intents::{Command, Refusal};
use tender_domain::kernel::{Caller, MethodId};
use tender_domain::payment_links::LinkRefusal;
use tender_http::{Problem, Replay};

use super::request::bad_metadata;
use crate::IntentsError;
use crate::payer_seen::is_payer;

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
        Refusal::PartialCapture { held, .. } => {
            let only = format!("must be {}, or left out", held.minor());
            Problem::unprocessable("partial_capture_unsupported", detail).pointer("/amount", only)
        }
        Refusal::OneCapture { .. } => {
            let only = "must be true, or left out";
            Problem::unprocessable("several_captures_unsupported", detail).pointer("/final_capture", only)
        }
        Refusal::NothingToResolve => Problem::conflict("nothing_to_resolve", detail),
        Refusal::ExceedsAsked { at_most, .. } => {
            let at_most = format!("must be from 1 to {}", at_most.minor());
            Problem::unprocessable("amount_exceeds_asked", detail).pointer("/amount", at_most)
        }
        Refusal::ReferenceRequired => Problem::unprocessable("gateway_reference_required", detail)
            .pointer("/gateway_reference", "required for what was approved"),
        Refusal::ExceedsLimit { limit, .. } => {
            let at_most = format!("must be from 1 to {}", limit.minor());
            Problem::unprocessable("amount_exceeds_limit", detail).pointer("/amount", at_most)
        }
        Refusal::MethodTypeNotAllowed(_) => Problem::unprocessable("payment_method_type_not_allowed", detail)
            .pointer("/payment_method_id", "is of a type that is not permitted"),
        Refusal::CurrencyNotTaken { .. } => Problem::unprocessable("currency_not_taken", detail)
            .pointer("/payment_method_id", "is not charged in this currency"),
        Refusal::WentOn { .. } => {
            let hint = "give the money back at the gateway, then resolve it as `not_done`";
            Problem::conflict("intent_went_on", format!("{detail}; {hint}"))
        }
        Refusal::MandateRequired => Problem::unprocessable(
            "mandate_required",
            format!("{detail}; begin one by `setup_future_usage`, and name it in `mandate` when you create the intent"),
        )
        .pointer("/mandate", "required"),
        Refusal::NoSuchMandate(_) => {
            Problem::unprocessable("mandate_not_found", detail).pointer("/mandate", "is not known")
        }
        Refusal::MandateOfAnother(_) => Problem::unprocessable("mandate_of_another", detail)
            .pointer("/mandate", "is of another customer or payment method"),
        Refusal::NothingToSetUp => Problem::unprocessable("nothing_to_set_up", detail)
            .pointer("/setup_future_usage", "needs `customer_id` and `payment_method_id`"),
        Refusal::NoSuchAlternative(_) => Problem::unprocessable("payment_method_not_available", detail),
        Refusal::CancelRequested => Problem::conflict("cancel_requested", detail),
        Refusal::Expired => Problem::conflict("intent_expired", format!("{detail}; create a new one")),
        Refusal::NotOpen => Problem::conflict("nothing_open", detail),
        Refusal::Money(_) => {
            Problem::unprocessable("invalid_amount", detail).pointer("/amount", "does not fit")
        }
    }
}

/// A refusal of deposit policies, or of a stay by them.
fn deposit_problem(refusal: &DepositRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        DepositRefusal::BadPercentage
        | DepositRefusal::BadAmount
        | DepositRefusal::TwicePolicy
        | DepositRefusal::TooManyPolicies => {
            Problem::unprocessable("invalid_deposit_policy", &detail).pointer("/policies", detail)
        }
        DepositRefusal::OtherCurrency { .. } => {
            Problem::unprocessable("deposit_not_evaluable", &detail).pointer("/currency", detail)
        }
        DepositRefusal::NightsRequired => {
            Problem::unprocessable("deposit_not_evaluable", &detail).pointer("/nights", detail)
        }
    }
}

/// A refusal of a payment link.
fn link_problem(refusal: &LinkRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        LinkRefusal::NotOpen(_) | LinkRefusal::BeingPaid => Problem::conflict("payment_link_status", detail),
        LinkRefusal::BadEnd => {
            Problem::unprocessable("invalid_payment_link", &detail).pointer("/expires_at", detail)
        }
        LinkRefusal::NoRecipient(_) => {
            Problem::unprocessable("recipient_required", &detail).pointer("/channels", detail)
        }
        // Nothing that was sent says how it is paid.
        LinkRefusal::NoMethodAllowed => Problem::unprocessable("payment_method_type_not_allowed", detail),
        LinkRefusal::TooManyDetails => {
            Problem::unprocessable("invalid_payment_link", &detail).pointer("/details", detail)
        }
    }
}

/// A refusal of connectors or routing rules.
fn connector_problem(refusal: &ConnectorRefusal) -> Problem {
    use ConnectorRefusal as R;
    let detail = refusal.to_string();
    let invalid = |detail: String| Problem::unprocessable("invalid_connector", detail);
    match refusal {
        R::BadName | R::NameOfOperator(_) => invalid(detail.clone()).pointer("/name", detail),
        R::NameTaken(_) => Problem::conflict("connector_name_taken", detail.clone()).pointer("/name", detail),
        R::NoSuchType(_) => invalid(detail.clone()).pointer("/type", detail),
        R::BadField { field, .. } => invalid(detail.clone()).pointer(format!("/config/{field}"), detail),
        R::BadValue(_) => invalid(detail),
        R::FinalDecline { place, .. } => Problem::unprocessable("final_decline", detail.clone())
            .pointer(format!("/retryable_declines/{place}"), detail),
        R::TooManyConnectors => Problem::unprocessable("too_many_connectors", detail),
        R::IsOperators => Problem::conflict("operator_connector", detail),
        R::StillEnabled | R::DisabledJustNow => Problem::conflict("connector_in_use", detail),
        R::HasOpenPayments(_) | R::NamedByRule(_) => Problem::conflict("connector_in_use", detail),
        R::CardNumber { at } => Problem::unprocessable("card_number_detected", detail)
            .pointer(at.clone(), "must not hold a card number"),
        R::BadRule { at, .. } => {
            Problem::unprocessable("invalid_routing_rule", detail.clone()).pointer(at.clone(), detail)
        }
        R::NoSuchConnector(_) => {
            Problem::unprocessable("invalid_routing_rule", detail.clone()).pointer("/connector_id", detail)
        }
        R::TooManyRules => Problem::unprocessable("too_many_routing_rules", detail),
    }
}

/// A refusal of fraud's own.
fn fraud_problem(refusal: &FraudRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        FraudRefusal::BadCondition(_) => {
            Problem::unprocessable("invalid_fraud_rule", &detail).pointer("/condition", detail)
        }
        FraudRefusal::BadPoints => {
            Problem::unprocessable("invalid_fraud_rule", &detail).pointer("/effect/points", detail)
        }
        FraudRefusal::BadThresholds => {
            Problem::unprocessable("invalid_fraud_thresholds", &detail).pointer("/challenge_at", detail)
        }
        FraudRefusal::TooManyRules => Problem::unprocessable("too_many_fraud_rules", detail),
        FraudRefusal::BadOverrideEnd => {
            Problem::unprocessable("invalid_fraud_override", &detail).pointer("/expires_at", detail)
        }
        FraudRefusal::ReasonRequired => {
            Problem::unprocessable("invalid_fraud_override", &detail).pointer("/reason", detail)
        }
    }
}

/// That it is not the customer: what is held is the merchant's to take and to let go.
pub(super) fn merchants_only(caller: &Caller) -> Result<(), Problem> {
    no_customer(caller, "what is held for a payment is taken and let go by the merchant, not by the customer")
}

/// That it is not the customer, who would pay what they like, or name another order than they pay for.
pub(super) fn merchants_change(caller: &Caller) -> Result<(), Problem> {
    no_customer(caller, "what a payment asks for, and what it is for, is the merchant's to change")
}

/// That it is not the customer: a link goes out in the merchant's name, to whom it says and with what it says.
pub(crate) fn merchants_link(caller: &Caller) -> Result<(), Problem> {
    no_customer(caller, "payment links are made, changed and sent by the merchant, not by the customer")
}

fn no_customer(caller: &Caller, detail: &str) -> Result<(), Problem> {
    match caller.only_customer() {
        None => Ok(()),
        Some(_) => Err(Problem::new(403, "merchants_only", detail)),
    }
}

/// What there is to say of a method that is another's than the intent's.
fn of_another(id: MethodId, whose: &str) -> String {
    format!("the payment method {id} is not one of this intent's {whose}")
}

/// That it is not the payer who says that the payer is away: nobody would have to authenticate then.
pub(super) fn merchants_say_away(caller: &Caller, off_session: bool) -> Result<(), Problem> {
    if off_session && is_payer(caller) {
        let detail = "a payment without the customer is the merchant's to ask for: leave `off_session` out";
        let problem = Problem::new(403, "merchants_only", detail);
        return Err(problem.pointer("/off_session", "is the merchant's to say"));
    }
    Ok(())
}

impl From<IntentsError> for Problem {
    fn from(error: IntentsError) -> Self {
        match error {
            IntentsError::NoSuchIntent => Self::not_found("payment intent"),
            IntentsError::NoSuchOrder => Self::not_found("order"),
            IntentsError::NoSuchReservation => Self::not_found("reservation"),
            IntentsError::OtherReservation => Self::conflict("reservation_differs", error.to_string()),
            IntentsError::ReservationCancelled => Self::conflict("reservation_cancelled", error.to_string()),
            IntentsError::NoSuchMethod(id) => {
                let detail =
                    format!("there is no payment method {id}; create one by POST /v1/payments/methods");
                Self::unprocessable("payment_method_not_found", detail)
                    .pointer("/payment_method_id", "is not known")
            }
            IntentsError::MethodOfAnotherCustomer(id) => {
                Self::unprocessable("payment_method_of_another_customer", of_another(id, "customer"))
                    .pointer("/payment_method_id", "belongs to another customer")
            }
            IntentsError::MethodOfAnotherMerchant(id) => Self::unprocessable(
                "payment_method_of_another_merchant_account",
                of_another(id, "merchant account"),
            )
            .pointer("/payment_method_id", "belongs to another merchant account"),
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
            IntentsError::Metadata(why) => bad_metadata(&why),
            IntentsError::StaleVersion(problem) => *problem,
            error @ (IntentsError::VaultUnavailable(_)
            | IntentsError::ScorerUnavailable(_)
            | IntentsError::Orders(_)) => {
                tracing::warn!(%error, "who must be asked first could not be");
                Self::service_unavailable(RETRY_SECONDS)
            }
            error @ IntentsError::BadKeyRecord(_) => {
                tracing::error!(%error, "a request met data that cannot be");
                Self::internal()
            }
            IntentsError::NoSuchSession => Self::not_found("session"),
            IntentsError::NoSuchConnector => Self::not_found("connector"),
            IntentsError::NoSuchRoutingRule => Self::not_found("routing rule"),
            IntentsError::Connector(refusal) => connector_problem(&refusal),
            IntentsError::NoSuchLink => Self::not_found("payment link"),
            IntentsError::NoSuchForm => Self::not_found("payment form"),
            error @ IntentsError::ChannelNotAvailable(_) => {
                Self::unprocessable("channel_not_available", error.to_string())
                    .pointer("/channels", "holds a channel that is not set up")
            }
            IntentsError::Deposit(refusal) => deposit_problem(&refusal),
            IntentsError::Link(refusal) => link_problem(&refusal),
            IntentsError::NoSuchFraudRule => Self::not_found("fraud rule"),
            IntentsError::NoSuchCallback => Self::not_found("callback"),
            IntentsError::NoSuchFraudDecision => Self::not_found("fraud decision"),
            IntentsError::Fraud(refusal) => fraud_problem(&refusal),
            IntentsError::Store(error) => error.into(),
            IntentsError::Commit(error) => error.into(),
        }
    }
}

//! What a gateway's answer means for a refund. Unknown is not failed.

use std::time::Duration;

use crate::kernel::{Money, Timestamp, gateway_text};
use crate::ports::{CallEnd, Decline, DeclineCode, GatewayAnswer, GatewayError, Lookup};

use super::{RefundAction, RefundFailure};

/// How a gateway's call ended, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// It says it did it.
    Done {
        /// What it calls the refund.
        gateway_reference: String,
        /// For how much; compared with what was asked.
        amount: Money,
    },
    /// It is known not to have happened.
    NotDone(RefundFailure),
    /// It is known not to have happened, for a reason that passes.
    NotNow(RefundFailure),
    /// The customer must act first.
    ActionRequired {
        /// Where the customer goes; empty where the gateway has written to the customer itself.
        url: String,
    },
    /// Nobody knows yet.
    Unknown {
        /// When a question may give a definite answer, if that is before the schedule's next.
        ask_again_at: Option<Timestamp>,
    },
}

impl RefundOutcome {
    /// Not known, and no better moment to ask than the schedule's.
    pub const UNKNOWN: Self = Self::Unknown { ask_again_at: None };
}

/// What the answer to the refund call itself means.
#[must_use]
pub fn outcome_of_call(answer: Result<GatewayAnswer, GatewayError>) -> RefundOutcome {
    match answer {
        Ok(answer) => outcome_of_answer(answer),
        Err(GatewayError::NotDone(why)) => RefundOutcome::NotDone(not_done(&why)),
        Err(GatewayError::NotNow(why)) => RefundOutcome::NotNow(not_done(&why)),
        Err(GatewayError::Unknown(_)) => RefundOutcome::UNKNOWN,
    }
}

/// What the answer to a question about a refund means.
///
/// `sent_before` is the last instant at which the call can have been sent, `final_after` the age from which on the
/// gateway's "not found" is final: before both have passed, it may still arrive.
#[must_use]
pub fn outcome_of_lookup(
    answer: Result<Lookup, GatewayError>,
    now: Timestamp,
    sent_before: Timestamp,
    final_after: Duration,
) -> RefundOutcome {
    match answer {
        Ok(Lookup::Answered(answer)) => outcome_of_answer(answer),
        Ok(Lookup::NotFound) => {
            let final_at = sent_before + final_after;
            if now < final_at {
                return RefundOutcome::Unknown { ask_again_at: Some(final_at) };
            }
            RefundOutcome::NotNow(not_done("the gateway never received it"))
        }
        // A question that failed says nothing about the refund, whatever kind of failure it was.
        Ok(Lookup::Pending) | Err(_) => RefundOutcome::UNKNOWN,
    }
}

/// What the end of a call means, as a callback tells it.
pub(super) fn outcome_of_end(end: &CallEnd) -> RefundOutcome {
    match end {
        CallEnd::Answered(answer) => outcome_of_answer(answer.clone()),
        CallEnd::NotDone(why) => RefundOutcome::NotDone(not_done(why)),
        CallEnd::TakenBack { why, .. } => RefundOutcome::NotDone(declined(why)),
    }
}

fn outcome_of_answer(answer: GatewayAnswer) -> RefundOutcome {
    match answer {
        GatewayAnswer::Approved { gateway_reference, amount, .. } => {
            RefundOutcome::Done { gateway_reference, amount }
        }
        GatewayAnswer::Declined(decline) if passes(decline.code) => RefundOutcome::NotNow(declined(&decline)),
        GatewayAnswer::Declined(decline) => RefundOutcome::NotDone(declined(&decline)),
        GatewayAnswer::Challenge { url, .. } => RefundOutcome::ActionRequired { url },
    }
}

/// Whether what is refused so may be done later by itself: the issuer cannot be reached, or our balance at the gateway does
/// not suffice. A refusal without a reason is the issuer's word; whether it is asked again, a person decides.
const fn passes(code: DeclineCode) -> bool {
    matches!(code, DeclineCode::IssuerUnavailable | DeclineCode::InsufficientFunds)
}

pub(super) fn declined(decline: &Decline) -> RefundFailure {
    let actions = if decline.code.is_retryable() {
        vec![RefundAction::Retry, RefundAction::UseOtherMeans]
    } else {
        vec![RefundAction::UseOtherMeans, RefundAction::ReconcileManually]
    };
    RefundFailure {
        reason: decline.code.as_str().to_owned(),
        message: gateway_text(&decline.message),
        network_code: decline.network_code.clone(),
        actions,
    }
}

fn not_done(why: &str) -> RefundFailure {
    RefundFailure {
        reason: "gateway_error".to_owned(),
        message: gateway_text(why),
        network_code: None,
        actions: vec![RefundAction::Retry],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;
    use crate::ports::Avs;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn lookup(answer: Result<Lookup, GatewayError>, now: Timestamp) -> RefundOutcome {
        outcome_of_lookup(answer, now, at(5), Duration::from_secs(2))
    }

    #[test]
    fn not_found_is_not_done_only_when_the_call_can_no_longer_arrive_and_may_be_done_later() {
        let early = lookup(Ok(Lookup::NotFound), at(6));
        assert_eq!(early, RefundOutcome::Unknown { ask_again_at: Some(at(7)) });
        let RefundOutcome::NotNow(failure) = lookup(Ok(Lookup::NotFound), at(7)) else {
            panic!("final");
        };
        assert_eq!((failure.reason.as_str(), failure.actions), ("gateway_error", vec![RefundAction::Retry]));
    }

    #[test]
    fn a_question_that_failed_says_nothing() {
        for answer in [
            Ok(Lookup::Pending),
            Err(GatewayError::NotDone("401".into())),
            Err(GatewayError::NotNow("429".into())),
            Err(GatewayError::Unknown("502".into())),
        ] {
            assert_eq!(lookup(answer, at(9_999)), RefundOutcome::UNKNOWN);
        }
    }

    #[test]
    fn a_call_without_a_definite_answer_is_unknown_and_one_known_not_done_is_not() {
        assert_eq!(outcome_of_call(Err(GatewayError::Unknown("reset".into()))), RefundOutcome::UNKNOWN);
        let refused = outcome_of_call(Err(GatewayError::NotDone("bad request".into())));
        assert!(matches!(refused, RefundOutcome::NotDone(failure) if failure.reason == "gateway_error"));
    }

    #[test]
    fn a_decline_keeps_its_reason_and_hides_card_numbers() {
        let decline = Decline {
            code: DeclineCode::ExpiredCard,
            network_code: Some("54".into()),
            message: "card 4242424242424242 is expired".into(),
            sca: None,
        };
        let RefundOutcome::NotDone(failure) = outcome_of_call(Ok(GatewayAnswer::Declined(decline))) else {
            panic!("declined is not done");
        };
        assert_eq!(failure.reason, "expired_card");
        assert_eq!(failure.network_code.as_deref(), Some("54"));
        assert!(!failure.message.contains("42424242424"), "{}", failure.message);
        assert!(!failure.actions.contains(&RefundAction::Retry), "the same try would fail again");
    }

    #[test]
    fn an_approval_is_done_for_the_amount_the_gateway_names() {
        let amount = Money::new(5_194, Currency::GBP);
        let answer = GatewayAnswer::Approved {
            gateway_reference: "gw_rf_9001".into(),
            amount,
            captured: false,
            response_code: None,
            acquirer: None,
            avs: Avs::default(),
            sca: None,
        };
        let done = RefundOutcome::Done { gateway_reference: "gw_rf_9001".into(), amount };
        assert_eq!(outcome_of_call(Ok(answer.clone())), done);
        assert_eq!(lookup(Ok(Lookup::Answered(answer)), at(0)), done);
    }

    #[test]
    fn what_passes_is_told_from_what_will_be_refused_again() {
        let decline = |code| {
            outcome_of_call(Ok(GatewayAnswer::Declined(Decline {
                code,
                network_code: None,
                message: "no".into(),
                sca: None,
            })))
        };
        for code in DeclineCode::ALL {
            let passing = matches!(code, DeclineCode::IssuerUnavailable | DeclineCode::InsufficientFunds);
            assert_eq!(matches!(decline(*code), RefundOutcome::NotNow(_)), passing, "{code:?}");
        }
        let away = outcome_of_call(Err(GatewayError::NotNow("no connection".into())));
        assert!(matches!(away, RefundOutcome::NotNow(failure) if failure.reason == "gateway_error"));
    }
}

use std::time::Duration;

use crate::connectors::{Breaker, BreakerPolicy, BreakerState, Heard, Permit};
use crate::ports::GatewayError;

use super::fixtures::at;

const POLICY: BreakerPolicy = BreakerPolicy {
    window: Duration::from_secs(30),
    least_calls: 4,
    failures_percent: 50,
    open_for: Duration::from_secs(10),
    open_at_most: Duration::from_secs(30),
    probe_life: Duration::from_secs(5),
};

fn hear(breaker: &mut Breaker, heard: Heard, second: i64) -> bool {
    breaker.hear(&POLICY, heard, Duration::from_millis(10), at(second))
}

fn opened() -> Breaker {
    let mut breaker = Breaker::default();
    assert!(!hear(&mut breaker, Heard::Answer, 1000));
    assert!(!hear(&mut breaker, Heard::Nothing, 1001));
    assert!(!hear(&mut breaker, Heard::Nothing, 1002), "three calls say nothing yet");
    assert!(hear(&mut breaker, Heard::Nothing, 1003));
    breaker
}

#[test]
fn it_opens_at_its_share_of_failures_and_refuses_until_its_time_is_over() {
    let mut breaker = opened();
    assert_eq!(breaker.state(at(1003)), BreakerState::Open);
    assert_eq!(breaker.permit(&POLICY, at(1012)), Permit::Refused(at(1013)));
    assert_eq!(breaker.state(at(1013)), BreakerState::HalfOpen);
    assert_eq!(breaker.permit(&POLICY, at(1013)), Permit::Granted);
    assert_eq!(breaker.permit(&POLICY, at(1014)), Permit::Refused(at(1018)), "one probe at a time");
    assert_eq!(breaker.permit(&POLICY, at(1018)), Permit::Granted, "the first was never heard of");
}

#[test]
fn an_answer_to_the_probe_closes_it_and_none_opens_it_for_longer() {
    let mut breaker = opened();
    assert_eq!(breaker.permit(&POLICY, at(1013)), Permit::Granted);
    assert!(hear(&mut breaker, Heard::Nothing, 1014));
    assert_eq!(breaker.permit(&POLICY, at(1033)), Permit::Refused(at(1034)));
    assert_eq!(breaker.permit(&POLICY, at(1034)), Permit::Granted);
    assert!(!hear(&mut breaker, Heard::Answer, 1035));
    assert_eq!(breaker.state(at(1035)), BreakerState::Closed);
    assert!(!hear(&mut breaker, Heard::Nothing, 1036), "it begins anew");
}

#[test]
fn what_is_older_than_the_window_does_not_count() {
    let mut breaker = Breaker::default();
    for second in [1000, 1001, 1002] {
        assert!(!hear(&mut breaker, Heard::Nothing, second));
    }
    assert!(!hear(&mut breaker, Heard::Nothing, 1060), "only this one is recent");
    assert_eq!(breaker.health(&POLICY, at(1060)).calls, 1);
    assert_eq!(breaker.state(at(1060)), BreakerState::Closed);
}

#[test]
fn a_call_that_was_refused_for_what_it_was_says_nothing_of_the_connector() {
    let mut breaker = Breaker::default();
    for second in 1000..1010 {
        assert!(!hear(&mut breaker, Heard::NoWord, second));
    }
    assert_eq!((breaker.state(at(1010)), breaker.health(&POLICY, at(1010)).calls), (BreakerState::Closed, 0));
    // A probe that came to nothing is none: it neither ends the time nor begins another.
    let mut breaker = opened();
    assert_eq!(breaker.permit(&POLICY, at(1013)), Permit::Granted);
    assert!(!hear(&mut breaker, Heard::NoWord, 1014));
    assert_eq!(breaker.state(at(1014)), BreakerState::HalfOpen);
    assert_eq!(breaker.permit(&POLICY, at(1014)), Permit::Granted, "the next payment is the probe");
}

#[test]
fn only_silence_speaks_against_a_connector() {
    let heard = |error: GatewayError| Heard::of(&Err(error));
    assert_eq!(heard(GatewayError::NotDone("HTTP 400".to_owned())), Heard::NoWord);
    assert_eq!(heard(GatewayError::NotNow("nobody is there".to_owned())), Heard::Nothing);
    assert_eq!(heard(GatewayError::Unknown("HTTP 503".to_owned())), Heard::Nothing);
}

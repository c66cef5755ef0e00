//! What every adapter promises of callbacks.

use std::time::Duration;

use tender_domain::kernel::Timestamp;
use tender_domain::ports::{
    CALLBACK_TOLERANCE, CallEnd, CallKind, CallbackHeaders, CallbackRefusal, GatewayAnswer, GatewayFact,
    PaymentGateway,
};

/// What of a callback its signature covers.
pub enum Signed {
    /// Every byte of the body, and its time: an old one is refused.
    Whole,
    /// Every byte of the body, and nothing says when: only the event's id tells a recording.
    Body,
    /// These texts of the body, each there once; the signature is one of them. Nothing says when it was signed, so that
    /// only the event's id tells a recording.
    Texts(Vec<String>),
}

/// A callback that the gateway really sent.
pub struct SentCallback {
    /// What of it is signed.
    pub signed: Signed,
    /// Its headers, those that sign it among them.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: Vec<u8>,
    /// When it was sent.
    pub at: Timestamp,
    /// Our reference of the authorization it tells of.
    pub reference: String,
    /// What that came to.
    pub answer: GatewayAnswer,
}

/// A callback tells what the direct answer said, under the same id each time it is read.
pub fn a_callback_tells_what_the_answer_said(gateway: &dyn PaymentGateway, sent: &SentCallback) {
    let headers: CallbackHeaders = sent.headers.iter().cloned().collect();
    let events = gateway.parse_callback(&headers, &sent.body, sent.at).expect("it is signed and understood");
    let [event] = events.as_slice() else { panic!("one event: {events:?}") };
    let end = CallEnd::Answered(sent.answer.clone());
    let wanted = GatewayFact::Ended { kind: CallKind::Authorize, reference: sent.reference.clone(), end };
    assert_eq!(event.fact, wanted);
    assert!(!event.id.is_empty());
    let again = gateway.parse_callback(&headers, &sent.body, sent.at + Duration::from_secs(60));
    assert_eq!(again.as_deref(), Ok(events.as_slice()));
}

/// A callback that was changed, not signed, signed for another body, or that is old, is refused.
pub fn a_forged_or_old_callback_is_refused(gateway: &dyn PaymentGateway, sent: &SentCallback) {
    match &sent.signed {
        Signed::Whole => {
            a_changed_body_is_refused(gateway, sent);
            an_old_body_is_refused(gateway, sent);
        }
        Signed::Body => a_changed_body_is_refused(gateway, sent),
        Signed::Texts(texts) => a_changed_text_is_refused(gateway, sent, texts),
    }
}

fn a_changed_text_is_refused(gateway: &dyn PaymentGateway, sent: &SentCallback, texts: &[String]) {
    let headers: CallbackHeaders = sent.headers.iter().cloned().collect();
    let body = String::from_utf8(sent.body.clone()).expect("text");
    for text in texts {
        assert_eq!(body.matches(text.as_str()).count(), 1, "{text} is in {body}");
        let mut changed = text.clone().into_bytes();
        let last = changed.last_mut().expect("it is not empty");
        *last = if *last == b'1' { b'2' } else { b'1' };
        let changed = body.replace(text, &String::from_utf8(changed).expect("text"));
        let refused = gateway.parse_callback(&headers, changed.as_bytes(), sent.at);
        assert_eq!(refused, Err(CallbackRefusal::BadSignature), "{text} was changed");
    }
}

fn a_changed_body_is_refused(gateway: &dyn PaymentGateway, sent: &SentCallback) {
    let headers: CallbackHeaders = sent.headers.iter().cloned().collect();
    for at in [0, sent.body.len() / 2, sent.body.len() - 1] {
        let mut body = sent.body.clone();
        body[at] ^= 1;
        let refused = gateway.parse_callback(&headers, &body, sent.at);
        assert_eq!(refused, Err(CallbackRefusal::BadSignature), "byte {at} was changed");
    }
    let refused = gateway.parse_callback(&CallbackHeaders::default(), &sent.body, sent.at);
    assert!(matches!(refused, Err(CallbackRefusal::Unsigned(_))), "{refused:?}");
    for place in 0..sent.headers.len() {
        let mut some = sent.headers.clone();
        some.remove(place);
        let refused = gateway.parse_callback(&some.into_iter().collect(), &sent.body, sent.at);
        assert!(matches!(refused, Err(CallbackRefusal::Unsigned(_))), "without header {place}: {refused:?}");
        let mut twice = sent.headers.clone();
        twice.push(sent.headers[place].clone());
        let refused = gateway.parse_callback(&twice.into_iter().collect(), &sent.body, sent.at);
        assert!(refused.is_err(), "header {place} twice: {refused:?}");
    }
}

fn an_old_body_is_refused(gateway: &dyn PaymentGateway, sent: &SentCallback) {
    let headers: CallbackHeaders = sent.headers.iter().cloned().collect();
    let late = sent.at + CALLBACK_TOLERANCE + Duration::from_secs(2);
    let early = sent.at - CALLBACK_TOLERANCE - Duration::from_secs(2);
    for now in [late, early] {
        let refused = gateway.parse_callback(&headers, &sent.body, now);
        assert_eq!(refused, Err(CallbackRefusal::OutOfTime));
    }
}

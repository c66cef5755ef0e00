//! What scripts make of calls and callbacks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, CallbackHeaders, Capture, Clock, GatewayAnswer, GatewayError, GatewayFact, Lookup,
    LookupRequest, PaymentGateway, RaiseEvent, SandboxEventKind, ThreeDs,
};
use tender_domain::simulator::{CallbackTarget, SignedCallback};
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{
    CallbackSender, Misbehaviour, Script, ScriptedCall, SimulatorGateway, SimulatorOptions,
};
use tender_testkit::ManualClock;

pub(crate) const DELAY: Duration = Duration::from_millis(50);

/// A receiver that keeps what it gets, after so many refusals.
#[derive(Default)]
struct Receiver {
    refusals: Mutex<VecDeque<&'static str>>,
    got: Mutex<Vec<SignedCallback>>,
}

#[async_trait]
impl CallbackTarget for Receiver {
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String> {
        if let Some(refusal) = self.refusals.lock().expect("whole").pop_front() {
            return Err(refusal.to_owned());
        }
        self.got.lock().expect("whole").push(callback.clone());
        Ok(())
    }
}

pub(crate) struct Rig {
    pub(crate) simulator: SimulatorGateway,
    pub(crate) sender: CallbackSender,
    receiver: Arc<Receiver>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let options = SimulatorOptions::new("a secret of tests").with_delay(DELAY);
        let books = Arc::new(MemorySimulatorBooks::new());
        let simulator = SimulatorGateway::new(books, clock.clone(), options);
        let receiver = Arc::new(Receiver::default());
        let sender = CallbackSender::new(simulator.clone(), receiver.clone(), Duration::from_millis(5));
        Self { simulator, sender, receiver, clock }
    }

    pub(crate) fn script(&self, does: &[Misbehaviour]) {
        self.script_of(None, does);
    }

    pub(crate) fn script_of(&self, call: Option<ScriptedCall>, does: &[Misbehaviour]) {
        self.simulator.script(Script {
            tenant: TenantId::sandbox(),
            call,
            reference: None,
            token: None,
            amount_minor: None,
            times: Some(1),
            does: does.to_vec(),
        });
    }

    /// The events the receiver has, after a round of sending.
    pub(crate) async fn told(&self) -> Vec<(String, GatewayFact)> {
        self.sender.run_once().await.expect("books in memory");
        let got = self.receiver.got.lock().expect("whole").clone();
        let read = |callback: &SignedCallback| {
            let headers: CallbackHeaders = callback.headers.iter().cloned().collect();
            let events = self.simulator.parse_callback(&headers, callback.body.as_bytes(), self.clock.now());
            let event = events.expect("its own callback").remove(0);
            (event.id, event.fact)
        };
        got.iter().map(read).collect()
    }

    pub(crate) async fn found(&self, kind: CallKind, reference: &str) -> Lookup {
        let lookup = LookupRequest { tenant: TenantId::sandbox(), kind, reference: reference.to_owned() };
        self.simulator.lookup(&lookup).await.expect("answered")
    }

    pub(crate) fn event(&self, reference: &str, kind: SandboxEventKind) -> RaiseEvent {
        let delay = Duration::ZERO;
        RaiseEvent {
            tenant: TenantId::sandbox(),
            reference: reference.to_owned(),
            kind,
            delay,
            request: None,
        }
    }
}

pub(crate) fn authorization(reference: &str, token: &str, capture: bool) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount: Money::new(1_000, Currency::EUR),
        capture,
        token: token.into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::default(),
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

pub(crate) fn unknown(answer: &Result<GatewayAnswer, GatewayError>) -> bool {
    matches!(answer, Err(GatewayError::Unknown(_)))
}

pub(crate) fn is_pending(fact: &GatewayFact) -> bool {
    matches!(fact, GatewayFact::Pending { .. })
}

pub(crate) fn is_end(fact: &GatewayFact) -> bool {
    matches!(fact, GatewayFact::Ended { .. })
}

#[tokio::test]
async fn each_loss_is_unknown_and_leaves_what_it_says_in_the_books() {
    for (loss, done) in [
        (Misbehaviour::TimeoutBefore, false),
        (Misbehaviour::TimeoutAfter, true),
        (Misbehaviour::ServerErrorBefore, false),
        (Misbehaviour::ServerErrorAfter, true),
        (Misbehaviour::Malformed, true),
    ] {
        let rig = Rig::new();
        rig.script(&[loss]);
        let request = authorization("att_1", "tok_visa", false);
        let answer = rig.simulator.authorize(&request).await;
        assert!(unknown(&answer), "{}: {answer:?}", loss.as_str());
        let found = rig.found(CallKind::Authorize, "att_1").await;
        assert_eq!(matches!(found, Lookup::Answered(_)), done, "{}: {found:?}", loss.as_str());
        if !done {
            continue;
        }
        // The same of a capture.
        let GatewayAnswer::Approved { gateway_reference, .. } =
            rig.simulator.authorize(&request).await.expect("the first answer")
        else {
            panic!("approved")
        };
        rig.script(&[loss]);
        let capture = Capture {
            tenant: TenantId::sandbox(),
            reference: "cap_1".to_owned(),
            gateway_reference,
            amount: request.amount,
            is_final: true,
            is_again: false,
        };
        assert!(unknown(&rig.simulator.capture(&capture).await), "{}", loss.as_str());
        assert!(matches!(rig.found(CallKind::Capture, "cap_1").await, Lookup::Answered(_)));
    }
}

#[tokio::test]
async fn a_script_fits_by_reference_token_and_amount_and_is_used_up() {
    let rig = Rig::new();
    let script = |reference: Option<&str>, token: Option<&str>, amount_minor| Script {
        tenant: TenantId::sandbox(),
        call: Some(ScriptedCall::Authorize),
        reference: reference.map(str::to_owned),
        token: token.map(str::to_owned),
        amount_minor,
        times: Some(1),
        does: vec![Misbehaviour::ServerErrorAfter],
    };
    rig.simulator.script(script(Some("att_2"), None, None));
    rig.simulator.script(script(None, Some("tok_amex"), None));
    rig.simulator.script(script(None, None, Some(77)));
    for (reference, token, minor, fails) in [
        ("att_1", "tok_visa", 1_000, false),
        ("att_2", "tok_visa", 1_000, true),
        ("att_3", "tok_amex", 1_000, true),
        ("att_4", "tok_amex", 1_000, false),
        ("att_5", "tok_visa", 77, true),
        ("att_6", "tok_visa", 77, false),
    ] {
        let amount = Money::new(minor, Currency::EUR);
        let answer =
            rig.simulator.authorize(&Authorize { amount, ..authorization(reference, token, true) }).await;
        assert_eq!(unknown(&answer), fails, "{reference}: {answer:?}");
    }
}

#[tokio::test]
async fn another_amount_is_booked_as_it_is_told() {
    let rig = Rig::new();
    rig.script(&[Misbehaviour::OtherAmount]);
    let answer = rig.simulator.authorize(&authorization("att_1", "tok_visa", false)).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, amount, .. }) = answer else {
        panic!("approved: {answer:?}")
    };
    assert_eq!(amount, Money::new(1_001, Currency::EUR));
    rig.script(&[Misbehaviour::OtherAmount]);
    let capture = Capture {
        tenant: TenantId::sandbox(),
        reference: "cap_1".to_owned(),
        gateway_reference: gateway_reference.clone(),
        amount: Money::new(1_000, Currency::EUR),
        is_final: true,
        is_again: false,
    };
    let answer = rig.simulator.capture(&capture).await;
    assert!(
        matches!(&answer, Ok(GatewayAnswer::Approved { amount, .. }) if amount.minor() == 999),
        "{answer:?}"
    );
    let books = rig.simulator.books().payment(&TenantId::sandbox(), &gateway_reference).await;
    assert_eq!(books.expect("in memory").expect("booked").captured_minor, 999);
}

#[tokio::test]
async fn without_a_script_nothing_is_told_and_with_the_option_everything_is() {
    let rig = Rig::new();
    rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await.expect("answered");
    assert_eq!(rig.told().await, []);
    let options = SimulatorOptions::new("a secret of tests").telling_everything(true);
    let books = Arc::new(MemorySimulatorBooks::new());
    let simulator = SimulatorGateway::new(books, rig.clock.clone(), options);
    simulator.authorize(&authorization("att_1", "tok_declined", true)).await.expect("answered");
    let callbacks = simulator.books().callbacks(&TenantId::sandbox(), "att_1").await.expect("in memory");
    assert_eq!(callbacks.len(), 1);
}

#[tokio::test]
async fn duplicates_have_one_id_and_an_overtaken_event_comes_after_the_end() {
    let rig = Rig::new();
    let request = authorization("att_1", "tok_visa", true);
    rig.script(&[Misbehaviour::CallbackDuplicate, Misbehaviour::CallbackOutOfOrder]);
    let answer = rig.simulator.authorize(&request).await.expect("answered");
    rig.clock.advance(Duration::from_millis(1));
    let told = rig.told().await;
    let [(first, end), (second, again), (third, pending)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((first, end), (second, again));
    assert!(is_end(end) && is_pending(pending) && third != first, "{told:?}");
    // A repetition of the call tells nothing new.
    assert_eq!(rig.simulator.authorize(&request).await.expect("answered"), answer);
    assert_eq!(rig.told().await.len(), 3);
}

#[tokio::test]
async fn a_late_callback_waits_for_the_delay_and_is_sent_until_it_is_taken() {
    let rig = Rig::new();
    rig.script(&[Misbehaviour::CallbackLate, Misbehaviour::TimeoutAfter]);
    assert!(unknown(&rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await));
    assert_eq!(rig.told().await, []);
    rig.clock.advance(DELAY);
    rig.receiver.refusals.lock().expect("whole").extend(["HTTP 503", "no answer"]);
    assert_eq!(rig.told().await, []);
    assert_eq!(rig.told().await, [], "not before its time");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.told().await, []);
    rig.clock.advance(Duration::from_secs(2));
    let told = rig.told().await;
    assert!(matches!(told.as_slice(), [(_, end)] if is_end(end)), "{told:?}");
    rig.clock.advance(Duration::from_secs(200));
    assert_eq!(rig.told().await.len(), 1, "what is taken is not sent again");
}

#[tokio::test]
async fn a_callback_can_come_before_the_answer() {
    let rig = Rig::new();
    rig.script(&[Misbehaviour::CallbackBeforeAnswer]);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let Rig { simulator, sender, receiver, .. } = rig;
    let sending = tokio::spawn(sender.run(stopped));
    simulator.authorize(&authorization("att_1", "tok_visa", true)).await.expect("answered");
    assert_eq!(receiver.got.lock().expect("whole").len(), 1, "told before it was answered");
    stop.send_replace(true);
    sending.await.expect("it ends");
}

#[tokio::test]
async fn its_own_callbacks_keep_the_promises_of_callbacks() {
    let rig = Rig::new();
    rig.script(&[Misbehaviour::Callback]);
    let answer = rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await.expect("answered");
    let _ = rig.told().await;
    let got = rig.receiver.got.lock().expect("whole").remove(0);
    let sent = SentCallback {
        signed: Signed::Whole,
        headers: got.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        body: got.body.into_bytes(),
        at: rig.clock.now(),
        reference: "att_1".to_owned(),
        answer,
    };
    a_callback_tells_what_the_answer_said(&rig.simulator, &sent);
    a_forged_or_old_callback_is_refused(&rig.simulator, &sent);
}

//! What the sandbox's tools raise, and what a card disputes by itself.

use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    CallEnd, CallKind, GatewayAnswer, GatewayError, GatewayFact, Lookup, LookupRequest, PaymentGateway,
    RaiseEvent, Refund, SandboxError, SandboxEventKind, SandboxGateway,
};
use tender_simulator::SimulatorGateway;

use crate::scripts::{DELAY, Rig, authorization};

#[tokio::test]
async fn a_tool_ends_an_open_challenge_and_tells_of_it() {
    let rig = Rig::new();
    for (reference, kind) in [("att_1", SandboxEventKind::Succeeded), ("att_2", SandboxEventKind::Failed)] {
        let answer = rig.simulator.authorize(&authorization(reference, "tok_challenge", true)).await;
        assert!(matches!(answer, Ok(GatewayAnswer::Challenge { .. })), "{answer:?}");
        let events = rig.simulator.raise(&rig.event(reference, kind)).await.expect("it can be ended");
        let told = rig.told().await;
        let (id, fact) = told.last().expect("told");
        assert_eq!(events, std::slice::from_ref(id));
        let found = rig.found(CallKind::Authorize, reference).await;
        let GatewayFact::Ended { end: tender_domain::ports::CallEnd::Answered(answer), .. } = fact else {
            panic!("{fact:?}")
        };
        assert_eq!(found, Lookup::Answered(answer.clone()));
    }
    let payments = rig.simulator.books().payments(&TenantId::sandbox(), None, 10).await.expect("in memory");
    assert_eq!(payments.len(), 1, "money moved once");
}

#[tokio::test]
async fn a_tool_never_tells_of_money_that_the_books_do_not_have() {
    let rig = Rig::new();
    rig.simulator.authorize(&authorization("att_1", "tok_declined", true)).await.expect("answered");
    for (reference, kind) in [
        ("att_1", SandboxEventKind::Succeeded),
        ("att_1", SandboxEventKind::OutsideRefund),
        ("att_9", SandboxEventKind::Succeeded),
        ("att_9", SandboxEventKind::Duplicate),
    ] {
        let refused = rig.simulator.raise(&rig.event(reference, kind)).await;
        assert!(matches!(refused, Err(SandboxError::Refused(_))), "{reference} {kind:?}: {refused:?}");
    }
    assert_eq!(rig.told().await, []);
}

#[tokio::test]
async fn duplicates_late_events_and_movements_from_outside_can_be_raised() {
    let rig = Rig::new();
    rig.simulator.authorize(&authorization("att_1", "tok_visa", false)).await.expect("answered");
    for (kind, more) in [
        (SandboxEventKind::Succeeded, 1),
        (SandboxEventKind::Duplicate, 2),
        (SandboxEventKind::Late, 1),
        (SandboxEventKind::OutOfOrder, 1),
        (SandboxEventKind::Failed, 1),
        (SandboxEventKind::OutsideCapture, 1),
        (SandboxEventKind::OutsideRefund, 1),
    ] {
        let before = rig.told().await.len();
        rig.simulator.raise(&rig.event("att_1", kind)).await.expect("it makes sense");
        let told = rig.told().await;
        assert_eq!(told.len() - before, more, "{kind:?}: {told:?}");
    }
    let told = rig.told().await;
    assert_eq!(told[0], told[1], "the duplicate has the id and the text of the first");
    assert!(told[3].0 != told[0].0 && told[3].1 == told[0].1, "the late one has its own id");
    let payments = rig.simulator.books().payments(&TenantId::sandbox(), None, 10).await.expect("in memory");
    assert_eq!((payments[0].captured_minor, payments[0].refunded_minor), (1_000, 1_000));
    let outside = told.iter().find_map(|(_, fact)| match fact {
        GatewayFact::RefundedOutside(refund) => Some(refund),
        _ => None,
    });
    let captured = told.iter().find_map(|(_, fact)| match fact {
        GatewayFact::CapturedOutside(capture) => Some(capture),
        _ => None,
    });
    let captured = captured.expect("the capture of the dashboard");
    assert_eq!((captured.authorization.as_str(), captured.amount.minor()), ("att_1", 1_000));
    assert_eq!(captured.payment_reference.as_ref(), Some(&payments[0].gateway_reference));
    assert_ne!(captured.gateway_reference, payments[0].gateway_reference, "it has a name of its own");
    let outside = outside.expect("the refund of the dashboard");
    assert_eq!(outside.charge_reference, payments[0].gateway_reference);
    assert_eq!((outside.amount.minor(), &outside.taken_back), (1_000, &None));
    assert_ne!(outside.gateway_reference, payments[0].gateway_reference, "it has a name of its own");
    let refused = rig.simulator.raise(&rig.event("att_1", SandboxEventKind::OutsideRefund)).await;
    assert!(matches!(refused, Err(SandboxError::Refused(_))), "nothing is left: {refused:?}");
}

/// Whoever asked and heard no answer asks again: nothing is raised, and no money moved, a second time.
#[tokio::test]
async fn one_request_raises_its_event_once_however_often_it_comes() {
    for kind in SandboxEventKind::ALL {
        let rig = Rig::new();
        rig.simulator
            .authorize(&authorization("att_1", "tok_visa", *kind == SandboxEventKind::OutsideRefund))
            .await
            .expect("answered");
        let event = RaiseEvent { request: Some("key".to_owned()), ..rig.event("att_1", *kind) };
        let first = rig.simulator.raise(&event).await.expect("it makes sense");
        let told = rig.told().await;
        assert_eq!(rig.simulator.raise(&event).await.expect("it was raised"), first, "{kind:?}");
        assert_eq!(rig.told().await, told, "{kind:?}");
        let other = RaiseEvent { request: Some("another".to_owned()), ..event };
        let again = rig.simulator.raise(&other).await;
        let moves = matches!(kind, SandboxEventKind::OutsideCapture | SandboxEventKind::OutsideRefund);
        assert_eq!(
            again.is_err(),
            moves,
            "another request finds nothing left to be moved: {kind:?} {again:?}"
        );
    }
}

#[tokio::test]
async fn the_faucet_gives_another_card_each_time_that_behaves_as_wished() {
    let rig = Rig::new();
    let tenant = TenantId::sandbox();
    let one = rig.simulator.issue_token(&tenant, "insufficient_funds").await.expect("a behaviour");
    let two = rig.simulator.issue_token(&tenant, "insufficient_funds").await.expect("a behaviour");
    let card = |token| async move {
        let card = rig_card(&Rig::new().simulator, token).await;
        use secrecy::ExposeSecret;
        card.card_identity.expose_secret().to_owned()
    };
    assert_ne!(card(one.clone()).await, card(two).await);
    use secrecy::ExposeSecret;
    let answer = rig.simulator.authorize(&authorization("att_1", one.expose_secret(), true)).await;
    assert!(
        matches!(&answer, Ok(GatewayAnswer::Declined(decline)) if decline.network_code.as_deref() == Some("51"))
    );
    let refused = rig.simulator.issue_token(&tenant, "generous").await;
    assert!(matches!(refused, Err(SandboxError::Refused(why)) if why.contains("insufficient_funds")));
}

async fn rig_card(
    simulator: &SimulatorGateway,
    token: secrecy::SecretString,
) -> tender_domain::ports::TokenisedCard {
    simulator.inspect_token(&TenantId::sandbox(), &token).await.expect("answered").expect("known")
}

#[tokio::test]
async fn what_a_disputed_card_paid_is_disputed_after_the_delay_and_what_it_holds_is_not() {
    let rig = Rig::new();
    let answer = rig.simulator.authorize(&authorization("att_1", "tok_dispute", true)).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, amount, .. }) = answer else { panic!("{answer:?}") };
    rig.simulator.authorize(&authorization("att_2", "tok_dispute", false)).await.expect("held");
    assert_eq!(rig.told().await, []);
    rig.clock.advance(DELAY);
    let told = rig.told().await;
    let [(_, GatewayFact::Disputed(dispute))] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&dispute.gateway_reference, dispute.dispute.amount), (&gateway_reference, amount));
    assert_eq!(dispute.standing, tender_domain::disputes::DisputeStatus::NeedsResponse);
    // A repetition of the call disputes nothing twice.
    rig.simulator.authorize(&authorization("att_1", "tok_dispute", true)).await.expect("the first answer");
    rig.clock.advance(DELAY);
    assert_eq!(rig.told().await, told);
}

#[tokio::test]
async fn a_refund_that_ends_late_is_told_by_its_callback_alone() {
    for (token, given_back, word) in
        [("tok_refund_pending", 400, "done"), ("tok_refund_fails", 0, "declined")]
    {
        let rig = Rig::new();
        let paid = rig.simulator.authorize(&authorization("att_1", token, true)).await.expect("answered");
        let GatewayAnswer::Approved { gateway_reference, .. } = paid else { panic!("{paid:?}") };
        let refund = Refund {
            tenant: TenantId::sandbox(),
            reference: "rf_1".into(),
            gateway_reference,
            amount: Money::new(400, Currency::EUR),
        };
        for _ in 0..2 {
            let accepted = rig.simulator.refund(&refund).await;
            assert!(matches!(accepted, Err(GatewayError::Unknown(_))), "{token}: {accepted:?}");
        }
        rig.clock.advance(DELAY);
        let asked =
            LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Refund, reference: "rf_1".into() };
        assert_eq!(rig.simulator.lookup(&asked).await.expect("asked"), Lookup::Pending, "{token}");
        let told = rig.told().await;
        let [(_, GatewayFact::Ended { kind: CallKind::Refund, reference, end: CallEnd::Answered(end) })] =
            told.as_slice()
        else {
            panic!("{token}: {told:?}")
        };
        let ended = match end {
            GatewayAnswer::Approved { amount, .. } if *amount == refund.amount => "done",
            GatewayAnswer::Declined(_) => "declined",
            other => panic!("{other:?}"),
        };
        assert_eq!((reference.as_str(), ended), ("rf_1", word));
        let books = rig.simulator.books().payments(&TenantId::sandbox(), None, 10).await.expect("in memory");
        assert_eq!(books[0].refunded_minor, given_back, "{token}");
    }
}

#[tokio::test]
async fn a_refund_that_is_taken_back_was_done_by_its_answer_and_moved_nothing() {
    let rig = Rig::new();
    let paid = rig.simulator.authorize(&authorization("att_1", "tok_refund_taken_back", true)).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, .. }) = paid else { panic!("{paid:?}") };
    let refund = Refund {
        tenant: TenantId::sandbox(),
        reference: "rf_1".into(),
        gateway_reference,
        amount: Money::new(400, Currency::EUR),
    };
    let done = rig.simulator.refund(&refund).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, .. }) = done else { panic!("{done:?}") };
    assert_eq!(rig.told().await, []);
    rig.clock.advance(DELAY);
    let told = rig.told().await;
    let [(_, GatewayFact::Ended { end: CallEnd::TakenBack { gateway_reference: named, .. }, .. })] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!(*named, gateway_reference);
    let books = rig.simulator.books().payments(&TenantId::sandbox(), None, 10).await.expect("in memory");
    assert_eq!(books[0].refunded_minor, 0);
}

#[tokio::test]
async fn refunds_are_refused_for_reasons_that_pass_once_or_always_and_repeat_only_what_was_booked() {
    for (token, first, second) in [
        ("tok_refund_retried", "not now", "done"),
        ("tok_refund_unfunded", "insufficient_funds", "insufficient_funds"),
    ] {
        let rig = Rig::new();
        let paid = rig.simulator.authorize(&authorization("att_1", token, true)).await.expect("answered");
        let GatewayAnswer::Approved { gateway_reference, .. } = paid else { panic!("{paid:?}") };
        let refund = async |reference: &str| {
            let refund = Refund {
                tenant: TenantId::sandbox(),
                reference: reference.into(),
                gateway_reference: gateway_reference.clone(),
                amount: Money::new(400, Currency::EUR),
            };
            match rig.simulator.refund(&refund).await {
                Err(GatewayError::NotNow(_)) => "not now",
                Ok(GatewayAnswer::Declined(decline)) => decline.code.as_str(),
                Ok(GatewayAnswer::Approved { .. }) => "done",
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((refund("rf_1").await, refund("rf_1/2").await), (first, second), "{token}");
        let books = rig.simulator.books().payments(&TenantId::sandbox(), None, 10).await.expect("in memory");
        assert_eq!(books[0].refunded_minor, if second == "done" { 400 } else { 0 }, "{token}");
    }
}

#[tokio::test]
async fn a_refund_that_needs_its_customer_says_so_until_its_callback_tells_that_it_is_done() {
    let rig = Rig::new();
    let paid = rig.simulator.authorize(&authorization("att_1", "tok_refund_needs_action", true)).await;
    let Ok(GatewayAnswer::Approved { gateway_reference, .. }) = paid else { panic!("{paid:?}") };
    let refund = Refund {
        tenant: TenantId::sandbox(),
        reference: "rf_1".into(),
        gateway_reference,
        amount: Money::new(400, Currency::EUR),
    };
    let asked =
        LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Refund, reference: "rf_1".into() };
    let answer = rig.simulator.refund(&refund).await.expect("answered");
    assert!(matches!(&answer, GatewayAnswer::Challenge { .. }), "{answer:?}");
    assert_eq!(rig.simulator.lookup(&asked).await.expect("asked"), Lookup::Answered(answer));
    rig.clock.advance(DELAY);
    let told = rig.told().await;
    let [(_, GatewayFact::Ended { kind: CallKind::Refund, end: CallEnd::Answered(end), .. })] =
        told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert!(matches!(end, GatewayAnswer::Approved { amount, .. } if *amount == refund.amount), "{end:?}");
}

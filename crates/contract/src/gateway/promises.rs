use secrecy::ExposeSecret;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, CallKind, Capture, CardData, CompleteChallenge, DeclineCode, GatewayAnswer, GatewayError,
    Lookup, Refund, ThreeDs,
};

use super::rig::{
    GatewayRig, Trouble, assert_approved, assert_done, assert_no_other_effect, assert_not_done,
    assert_refused, eur,
};

/// An approval is for exactly what was asked, held or taken as asked, and asked for again it is the same.
pub async fn approves_what_was_asked(rig: &GatewayRig) {
    for capture in [false, true] {
        let request = rig.authorization(rig.approved, 12_345, capture);
        let answer = rig.gateway.authorize(&request).await.expect("answered");
        assert_approved(&answer, 12_345, capture);
        rig.assert_told_again(&request, &answer).await;
    }
}

/// The same reference again is the same answer and no second effect, also with another amount. A part leaves a rest only
/// where the gateway says so. Where it knows no repetition there is none, and the sums are kept all the same.
pub async fn is_idempotent_by_reference(rig: &GatewayRig) {
    let several = rig.gateway.capabilities().several_captures;
    let held = rig.held(1_000).await;
    let capture = rig.captures(&held, 600, !several);
    let first = rig.capture(&capture).await.expect("done");
    assert_approved(&first, 600, true);
    if rig.knows_repetitions {
        assert_eq!(rig.capture(&capture).await.expect("done"), first);
    }
    assert_no_other_effect(&rig.capture(&Capture { amount: eur(1), ..capture }).await, &first);
    if several {
        // 400 are left: the repetition took nothing.
        assert_refused(&rig.capture(&rig.captures(&held, 401, true)).await);
        assert_done(&rig.capture(&rig.captures(&held, 400, true)).await, 400, true);
    }

    let refund = rig.refunds(&held, 300);
    let first = rig.refund(&refund).await.expect("done");
    assert_approved(&first, 300, false);
    if rig.knows_repetitions {
        assert_eq!(rig.refund(&refund).await.expect("done"), first);
        assert_no_other_effect(&rig.refund(&Refund { amount: eur(1), ..refund }).await, &first);
    }
    let left = if several { 700 } else { 300 };
    assert_refused(&rig.refund(&rig.refunds(&held, left + 1)).await);
    assert_done(&rig.refund(&rig.refunds(&held, left)).await, left, false);

    if !rig.knows_repetitions {
        return;
    }
    let request = rig.authorization(rig.approved, 1_000, true);
    let first = rig.gateway.authorize(&request).await.expect("answered");
    assert_eq!(rig.gateway.authorize(&request).await.expect("answered"), first);
    let other = rig.gateway.authorize(&Authorize { amount: eur(1_001), ..request }).await;
    assert_no_other_effect(&other, &first);
}

/// A capture that is to leave a rest is not done where the gateway lets the rest go, and what is held stays held.
pub async fn a_part_that_leaves_a_rest_is_taken_only_where_it_can_be(rig: &GatewayRig) {
    let capabilities = rig.gateway.capabilities();
    let held = rig.held(1_000).await;
    let part = rig.captures(&held, 100, false);
    if capabilities.several_captures {
        assert_done(&rig.capture(&part).await, 100, true);
        assert_done(&rig.capture(&rig.captures(&held, 900, true)).await, 900, true);
        return;
    }
    assert_not_done(&rig.gateway.capture(&part).await);
    if capabilities.partial_capture {
        assert_done(&rig.capture(&rig.captures(&held, 100, true)).await, 100, true);
        assert_refused(&rig.capture(&rig.captures(&held, 900, true)).await);
    } else {
        assert_refused(&rig.capture(&rig.captures(&held, 100, true)).await);
        assert_done(&rig.capture(&rig.captures(&held, 1_000, true)).await, 1_000, true);
    }
}

/// Many calls under one reference at once have one effect and one answer, where the gateway knows a repetition.
pub async fn simultaneous_repetitions_have_one_effect(rig: &GatewayRig) {
    if !rig.knows_repetitions {
        return;
    }
    let taken = rig.taken(1_000).await;
    let refund = rig.refunds(&taken, 100);
    let answers = futures_util::future::join_all((0..20).map(|_| rig.refund(&refund))).await;
    for answer in &answers {
        assert_done(answer, 100, false);
    }
    assert_done(&rig.refund(&rig.refunds(&taken, 900)).await, 900, false);
}

/// Of many captures and refunds at once, no more go through than there is money.
pub async fn simultaneous_calls_never_exceed_what_is_there(rig: &GatewayRig) {
    let several = rig.gateway.capabilities().several_captures;
    let held = rig.held(1_000).await;
    let captures: Vec<_> = (0..12).map(|_| rig.captures(&held, 300, !several)).collect();
    let ends = futures_util::future::join_all(captures.iter().map(|capture| rig.capture(capture))).await;
    let taken = ends.iter().filter(|end| matches!(end, Ok(GatewayAnswer::Approved { .. }))).count();
    assert_eq!(taken, if several { 3 } else { 1 });
    let each = if several { 200 } else { 70 };
    let refunds: Vec<_> = (0..12).map(|_| rig.refunds(&held, each)).collect();
    let ends = futures_util::future::join_all(refunds.iter().map(|refund| rig.refund(refund))).await;
    assert_eq!(ends.iter().filter(|end| matches!(end, Ok(GatewayAnswer::Approved { .. }))).count(), 4);
}

/// What was refused has no effect; where it can be asked about, it stays refused under its reference, also when it could be
/// done later.
pub async fn a_refused_call_is_never_done_later(rig: &GatewayRig) {
    let held = rig.held(1_000).await;
    let refund = rig.refunds(&held, 500);
    assert_refused(&rig.refund(&refund).await);
    rig.assert_never_was(CallKind::Refund, &refund.reference).await;
    assert_done(&rig.capture(&rig.captures(&held, 1_000, true)).await, 1_000, true);
    // Nobody sends again what was not done; but who is asked has said that it never will be.
    if rig.can_be_asked() {
        assert_refused(&rig.refund(&refund).await);
    }
}

/// A final capture lets the rest go; a void releases what is held, once; what does not exist is not done.
pub async fn holds_are_let_go_once(rig: &GatewayRig) {
    let held = rig.held(1_000).await;
    let whole = if rig.gateway.capabilities().partial_capture { 600 } else { 1_000 };
    assert_done(&rig.capture(&rig.captures(&held, whole, true)).await, whole, true);
    assert_refused(&rig.capture(&rig.captures(&held, 1, true)).await);
    assert_refused(&rig.void(&rig.voids(&held)).await);

    let held = rig.held(1_000).await;
    let void = rig.voids(&held);
    let answer = rig.void(&void).await.expect("done");
    assert_approved(&answer, 1_000, false);
    assert_eq!(rig.void(&void).await.expect("done"), answer);
    if rig.can_be_asked() {
        assert_eq!(rig.became(CallKind::Void, &void.reference).await, Lookup::Answered(answer));
    }
    assert_refused(&rig.capture(&rig.captures(&held, 1, true)).await);

    assert_not_done(&rig.gateway.void(&rig.voids("nothing")).await);
    assert_not_done(&rig.gateway.capture(&rig.captures("nothing", 1, true)).await);
    assert_not_done(&rig.gateway.refund(&rig.refunds("nothing", 1)).await);
}

/// A challenge holds nothing until it is met; the first result counts.
pub async fn a_challenge_ends_once(rig: &GatewayRig) {
    let Some(challenged) = rig.challenged else { return };
    for met in [true, false] {
        let request = rig.authorization(challenged, 700, true);
        let answer = rig.gateway.authorize(&request).await.expect("answered");
        let GatewayAnswer::Challenge { url, challenge_reference, .. } = &answer else {
            panic!("challenge: {answer:?}")
        };
        assert!(!url.is_empty() && !challenge_reference.is_empty());
        rig.assert_told_again(&request, &answer).await;
        let complete = |result: String| CompleteChallenge {
            tenant: rig.tenant.clone(),
            reference: request.reference.clone(),
            challenge_reference: challenge_reference.clone(),
            result,
        };
        let result = (rig.meet)(challenge_reference, met);
        let end = rig.gateway.complete_challenge(&complete(result)).await.expect("answered");
        match &end {
            GatewayAnswer::Approved { .. } if met => assert_approved(&end, 700, true),
            GatewayAnswer::Declined(decline) if !met => {
                assert_eq!(decline.code, DeclineCode::AuthenticationFailed);
            }
            other => panic!("met: {met}, and told {other:?}"),
        }
        let other = (rig.meet)(challenge_reference, !met);
        assert_eq!(rig.gateway.complete_challenge(&complete(other)).await.expect("answered"), end);
        if rig.can_be_asked() {
            let known = rig.became(CallKind::Authorize, &request.reference).await;
            assert_eq!(known, Lookup::Answered(end));
        }
    }
    let complete = CompleteChallenge {
        tenant: rig.tenant.clone(),
        reference: rig.reference("att"),
        challenge_reference: "nothing".to_owned(),
        result: (rig.meet)("nothing", true),
    };
    let nothing = rig.gateway.complete_challenge(&complete).await;
    // Who cannot be asked does not know that there never was one, and leaves it to be met.
    let told = matches!(&nothing, Err(GatewayError::Unknown(_)) | Ok(GatewayAnswer::Challenge { .. }))
        && !rig.can_be_asked();
    assert!(told || matches!(&nothing, Err(GatewayError::NotDone(_))), "{nothing:?}");
}

/// A challenge cannot be met by a customer who is away.
pub async fn a_challenge_off_session_is_a_decline(rig: &GatewayRig) {
    let Some(challenged) = rig.challenged else { return };
    let request = Authorize { off_session: true, ..rig.authorization(challenged, 700, true) };
    let answer = rig.gateway.authorize(&request).await.expect("answered");
    let code = DeclineCode::AuthenticationRequired;
    assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
}

/// What must be authenticated is not approved before, and not at all while the customer is away or where no token is
/// challenged.
pub async fn a_payment_that_must_be_authenticated_is_challenged(rig: &GatewayRig) {
    let forced = Authorize { three_ds: ThreeDs::Force, ..rig.authorization(rig.approved, 700, true) };
    let answer = rig.gateway.authorize(&forced).await.expect("answered");
    let required = |answer: &GatewayAnswer| matches!(answer, GatewayAnswer::Declined(decline) if decline.code == DeclineCode::AuthenticationRequired);
    let is_asked = match rig.challenged {
        Some(_) => matches!(&answer, GatewayAnswer::Challenge { .. }),
        None => required(&answer),
    };
    assert!(is_asked, "{answer:?}");
    let away = Authorize {
        three_ds: ThreeDs::Force,
        off_session: true,
        ..rig.authorization(rig.approved, 700, true)
    };
    let answer = rig.gateway.authorize(&away).await.expect("answered");
    assert!(required(&answer), "{answer:?}");
}

/// A lost answer is unknown; asked for in the gateway's way it is known, and it was done once.
pub async fn a_lost_answer_is_unknown_and_found(rig: &GatewayRig) {
    let token = (rig.trouble)(Trouble::AnswerLost);
    let request = rig.authorization(token, 800, true);
    let answer = rig.gateway.authorize(&request).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
    if rig.can_be_asked() {
        match rig.became(CallKind::Authorize, &request.reference).await {
            Lookup::Answered(answer) => assert_approved(&answer, 800, true),
            other => panic!("it was done: {other:?}"),
        }
    }
    if rig.replays() {
        // A replay gets the answer of the first.
        let again = rig.gateway.authorize(&request).await.expect("answered");
        assert_approved(&again, 800, true);
        let GatewayAnswer::Approved { gateway_reference, .. } = again else { return };
        assert_done(&rig.refund(&rig.refunds(&gateway_reference, 800)).await, 800, false);
    }
}

/// A lost call is unknown. Where the gateway can be asked it is not found, and is not done when it arrives afterwards;
/// where the request is sent again it is done then, once.
pub async fn a_lost_call_is_unknown_and_never_done_twice(rig: &GatewayRig) {
    let token = (rig.trouble)(Trouble::CallLost);
    let request = rig.authorization(token, 800, true);
    let answer = rig.gateway.authorize(&request).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
    rig.assert_never_was(CallKind::Authorize, &request.reference).await;
    if rig.can_be_asked() {
        assert_not_done(&rig.gateway.authorize(&request).await);
    } else if rig.replays() {
        let first = rig.gateway.authorize(&request).await.expect("answered");
        assert_approved(&first, 800, true);
        assert_eq!(rig.gateway.authorize(&request).await.expect("answered"), first);
    }
}

/// What was declared not found is not done when it arrives late, whatever the call. Who cannot be asked declares nothing
/// not found.
pub async fn a_call_declared_not_found_is_not_done_when_it_arrives_late(rig: &GatewayRig) {
    if !rig.can_be_asked() {
        for kind in CallKind::ALL {
            rig.assert_never_was(*kind, &rig.reference("att")).await;
        }
        return;
    }
    let taken = rig.taken(1_000).await;
    let held = rig.held(1_000).await;
    let authorization = rig.authorization(rig.approved, 100, true);
    let (refund, capture, void) =
        (rig.refunds(&taken, 100), rig.captures(&held, 100, false), rig.voids(&held));
    for (kind, reference) in [
        (CallKind::Authorize, &authorization.reference),
        (CallKind::Refund, &refund.reference),
        (CallKind::Capture, &capture.reference),
        (CallKind::Void, &void.reference),
    ] {
        rig.assert_never_was(kind, reference).await;
    }
    assert_not_done(&rig.gateway.authorize(&authorization).await);
    assert_not_done(&rig.gateway.refund(&refund).await);
    assert_not_done(&rig.gateway.capture(&capture).await);
    assert_not_done(&rig.gateway.void(&void).await);
    rig.assert_never_was(CallKind::Authorize, &authorization.reference).await;
    // The money is where it was.
    assert_approved(&rig.gateway.refund(&rig.refunds(&taken, 1_000)).await.expect("answered"), 1_000, false);
    assert_approved(
        &rig.gateway.capture(&rig.captures(&held, 1_000, true)).await.expect("answered"),
        1_000,
        true,
    );
}

/// A call that the gateway refuses is not done, and asked for it is not found.
pub async fn a_refusal_of_the_call_is_not_done(rig: &GatewayRig) {
    let token = (rig.trouble)(Trouble::Refused);
    let request = rig.authorization(token, 800, true);
    assert_not_done(&rig.gateway.authorize(&request).await);
    rig.assert_never_was(CallKind::Authorize, &request.reference).await;
    assert_not_done(&rig.gateway.authorize(&rig.authorization(rig.approved, 0, true)).await);
    assert_not_done(&rig.gateway.authorize(&rig.authorization(rig.approved, -5, true)).await);
}

/// An approval for another amount is told as it is, so that the caller sees the conflict; where amounts are named.
pub async fn another_amount_is_told_as_it_is(rig: &GatewayRig) {
    if !rig.names_amounts {
        return;
    }
    let token = (rig.trouble)(Trouble::WrongAmount);
    let answer = rig.gateway.authorize(&rig.authorization(token, 800, true)).await.expect("answered");
    match answer {
        GatewayAnswer::Approved { amount, .. } => assert_ne!(amount, eur(800)),
        other => panic!("approved expected: {other:?}"),
    }
}

/// A card becomes a token that can be inspected and charged, by its tenant only; a wrong number is not done, and none is
/// where no card numbers are taken.
pub async fn cards_become_tokens_of_their_tenant(rig: &GatewayRig) {
    let (number, brand, last4) = rig.card.unwrap_or(("4111111111111111", "VISA", "1111"));
    let card = CardData {
        number: number.into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("123".into()),
        holder_name: None,
    };
    if rig.card.is_none() {
        assert_not_done(&rig.gateway.tokenise(&rig.tenant, &card).await);
        return;
    }
    let made = rig.gateway.tokenise(&rig.tenant, &card).await.expect("answered");
    assert_eq!((made.brand.as_str(), made.last4.as_str()), (brand, last4));
    assert_eq!((made.exp_month, made.exp_year), (4, 2040));
    let token = made.token.expose_secret().to_owned();
    assert!(!token.contains(number), "a token must not contain the card number");

    let seen = rig.gateway.inspect_token(&rig.tenant, &made.token).await.expect("answered").expect("known");
    assert_eq!((seen.brand, seen.last4, seen.exp_month, seen.exp_year), (made.brand, made.last4, 4, 2040));
    let answer = rig.gateway.authorize(&rig.authorization(&token, 300, true)).await.expect("answered");
    assert_approved(&answer, 300, true);

    let stranger: TenantId = "stranger".parse().expect("a tenant name");
    assert!(rig.gateway.inspect_token(&stranger, &made.token).await.expect("answered").is_none());
    let mut number = number.to_owned();
    let last = number.pop().expect("digits");
    number.push(if last == '0' { '1' } else { '0' });
    assert_not_done(&rig.gateway.tokenise(&rig.tenant, &CardData { number: number.into(), ..card }).await);
}

/// One tenant's references and payments are nothing to another.
pub async fn tenants_do_not_see_each_other(rig: &GatewayRig) {
    let stranger: TenantId = "stranger".parse().expect("a tenant name");
    if rig.knows_tenants {
        let taken = rig.taken(1_000).await;
        let theirs = Refund { tenant: stranger.clone(), ..rig.refunds(&taken, 1) };
        assert_not_done(&rig.gateway.refund(&theirs).await);
    }
    let request = rig.authorization(rig.approved, 100, true);
    rig.gateway.authorize(&request).await.expect("answered");
    let theirs = Authorize { tenant: stranger, amount: eur(200), ..request };
    match rig.gateway.authorize(&theirs).await.expect("answered") {
        // The token says whose it is.
        GatewayAnswer::Declined(decline) => assert_eq!(decline.code, DeclineCode::InvalidToken),
        answer => assert_approved(&answer, 200, true),
    }
}

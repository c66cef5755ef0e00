//! What goes wrong with look-ups and with the completion of challenges: by script, and by token.

use tender_domain::kernel::TenantId;
use tender_domain::ports::{Authorize, Clock};
use tender_domain::ports::{
    CallKind, CompleteChallenge, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway,
    SessionFlow, SessionRequest,
};
use tender_simulator::{Misbehaviour, ScriptedCall};

use crate::scripts::{DELAY, Rig, authorization, is_end, unknown};

const LOOKUP: Option<ScriptedCall> = Some(ScriptedCall::Lookup);
const CHALLENGE: Option<ScriptedCall> = Some(ScriptedCall::Challenge);
const LOSSES: [Misbehaviour; 5] = [
    Misbehaviour::TimeoutBefore,
    Misbehaviour::TimeoutAfter,
    Misbehaviour::ServerErrorBefore,
    Misbehaviour::ServerErrorAfter,
    Misbehaviour::Malformed,
];

async fn look_up(rig: &Rig, reference: &str) -> Result<Lookup, GatewayError> {
    let kind = CallKind::Authorize;
    let lookup = LookupRequest { tenant: TenantId::sandbox(), kind, reference: reference.to_owned() };
    rig.simulator.lookup(&lookup).await
}

async fn complete(rig: &Rig, reference: &str) -> Result<GatewayAnswer, GatewayError> {
    let request = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        challenge_reference: String::new(),
        result: "success".to_owned(),
    };
    rig.simulator.complete_challenge(&request).await
}

fn amount(answer: &GatewayAnswer) -> i64 {
    let GatewayAnswer::Approved { amount, .. } = answer else { panic!("approved: {answer:?}") };
    amount.minor()
}

fn found(lookup: Lookup) -> GatewayAnswer {
    let Lookup::Answered(answer) = lookup else { panic!("answered: {lookup:?}") };
    answer
}

#[tokio::test]
async fn a_look_up_that_is_lost_says_nothing_and_the_next_one_the_truth() {
    for loss in LOSSES {
        let rig = Rig::new();
        let answer = rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await;
        let answer = answer.expect("answered");
        rig.script_of(LOOKUP, &[loss]);
        let lost = look_up(&rig, "att_1").await;
        assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{}: {lost:?}", loss.as_str());
        assert_eq!(look_up(&rig, "att_1").await.expect("heard"), Lookup::Answered(answer));
    }
}

#[tokio::test]
async fn a_look_up_that_never_arrived_leaves_no_mark_and_one_whose_answer_is_lost_does() {
    for (loss, done) in [(Misbehaviour::TimeoutBefore, true), (Misbehaviour::TimeoutAfter, false)] {
        let rig = Rig::new();
        rig.script_of(LOOKUP, &[loss]);
        let _ = look_up(&rig, "att_1").await.expect_err("it was lost");
        // The call itself arrives late: what was declared not found is never done.
        let late = rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await;
        assert_eq!(late.is_ok(), done, "{}: {late:?}", loss.as_str());
    }
}

#[tokio::test]
async fn a_look_up_can_tell_another_amount_than_was_done_and_does_nothing_by_it() {
    let rig = Rig::new();
    rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await.expect("answered");
    rig.script_of(LOOKUP, &[Misbehaviour::OtherAmount]);
    assert_eq!(amount(&found(look_up(&rig, "att_1").await.expect("heard"))), 1_002);
    assert_eq!(amount(&found(look_up(&rig, "att_1").await.expect("heard"))), 1_000);
}

#[tokio::test]
async fn a_look_up_can_have_its_outcome_told_by_callback_once_more() {
    let rig = Rig::new();
    rig.script(&[Misbehaviour::Callback]);
    rig.simulator.authorize(&authorization("att_1", "tok_visa", true)).await.expect("answered");
    assert_eq!(rig.told().await.len(), 1);
    rig.script_of(LOOKUP, &[Misbehaviour::CallbackDuplicate]);
    let _ = look_up(&rig, "att_1").await.expect("heard");
    let told = rig.told().await;
    assert_eq!(told.len(), 3, "twice, beside what was told before: {told:?}");
    assert!(told.iter().all(|one| is_end(&one.1) && *one == told[0]), "one event: {told:?}");
}

#[tokio::test]
async fn a_completion_that_is_lost_on_the_way_leaves_the_challenge_open_and_one_that_is_lost_after_ends_it() {
    for loss in LOSSES {
        let rig = Rig::new();
        rig.simulator.authorize(&authorization("att_1", "tok_challenge", true)).await.expect("answered");
        // One for authorizations is not meant.
        rig.script_of(Some(ScriptedCall::Authorize), &[Misbehaviour::OtherAmount]);
        rig.script_of(CHALLENGE, &[loss]);
        assert!(unknown(&complete(&rig, "att_1").await), "{}", loss.as_str());
        let open = matches!(loss, Misbehaviour::TimeoutBefore | Misbehaviour::ServerErrorBefore);
        let known = found(look_up(&rig, "att_1").await.expect("heard"));
        assert_eq!(matches!(known, GatewayAnswer::Challenge { .. }), open, "{}: {known:?}", loss.as_str());
        assert_eq!(amount(&complete(&rig, "att_1").await.expect("heard")), 1_000);
    }
}

#[tokio::test]
async fn a_challenge_can_be_completed_for_another_amount() {
    let rig = Rig::new();
    rig.simulator.authorize(&authorization("att_1", "tok_challenge", true)).await.expect("answered");
    rig.script_of(CHALLENGE, &[Misbehaviour::OtherAmount]);
    assert_eq!(amount(&complete(&rig, "att_1").await.expect("heard")), 1_001);
    assert_eq!(amount(&found(look_up(&rig, "att_1").await.expect("heard"))), 1_001, "it was done so");
}

#[tokio::test]
async fn the_return_from_a_session_can_be_lost_and_the_session_is_what_its_customer_made_of_it() {
    for loss in LOSSES {
        let rig = Rig::new();
        let session = SessionRequest {
            method: "ideal".to_owned(),
            flow: SessionFlow::Redirect,
            return_url: None,
            expires_at: rig.clock.now() + 100 * DELAY,
            page: None,
        };
        let request = Authorize { session: Some(session), ..authorization("att_1", "", true) };
        let GatewayAnswer::Challenge { challenge_reference, .. } =
            rig.simulator.authorize(&request).await.expect("answered")
        else {
            panic!("a page")
        };
        assert!(rig.simulator.end_session(&challenge_reference, "success").await.expect("books in memory"));
        rig.script_of(CHALLENGE, &[loss]);
        assert!(unknown(&complete(&rig, "att_1").await), "{}", loss.as_str());
        assert_eq!(amount(&complete(&rig, "att_1").await.expect("heard")), 1_000);
    }
}

#[tokio::test]
async fn tokens_have_the_first_look_up_or_completion_go_wrong() {
    let rig = Rig::new();
    for token in ["tok_lookup_fails", "tok_lookup_other_amount"] {
        assert!(unknown(&rig.simulator.authorize(&authorization(token, token, true)).await), "{token}");
    }
    let failed = look_up(&rig, "tok_lookup_fails").await;
    assert!(matches!(failed, Err(GatewayError::Unknown(_))), "{failed:?}");
    assert_eq!(amount(&found(look_up(&rig, "tok_lookup_fails").await.expect("heard"))), 1_000);
    for minor in [1_002, 1_000] {
        let told = found(look_up(&rig, "tok_lookup_other_amount").await.expect("heard"));
        assert_eq!(amount(&told), minor);
    }
    let token = "tok_challenge_answer_lost";
    rig.simulator.authorize(&authorization(token, token, true)).await.expect("a challenge");
    assert!(unknown(&complete(&rig, token).await));
    assert_eq!(amount(&found(look_up(&rig, token).await.expect("heard"))), 1_000);
}

//! Every status with every command.

use super::fixtures::{at, att, cap, eur, in_status, start, token};
use crate::intents::{
    CancelStep, Command, Intent, IntentPatch, IntentStatus, MethodSummary, Refusal, StartCapture,
    StartSession,
};
use crate::ports::{SessionFlow, SessionRequest};

use IntentStatus as S;

/// Where each command leads from each status, in the order of [`Command::ALL`]; none where it is refused.
#[rustfmt::skip]
const MACHINE: [(S, [Option<S>; 7]); 9] = [
    //                          update                               attach_method                  confirm              start_session        complete_challenge   capture                    cancel
    (S::RequiresPaymentMethod, [Some(S::RequiresPaymentMethod), Some(S::RequiresConfirmation), None,                Some(S::Processing), None,                None,                      Some(S::Canceled)]),
    (S::RequiresConfirmation,  [Some(S::RequiresConfirmation), Some(S::RequiresConfirmation), Some(S::Processing), Some(S::Processing), None,                None,                      Some(S::Canceled)]),
    (S::RequiresAction,        [None,                          None,                          None,                None,                Some(S::Processing), None,                      Some(S::Processing)]),
    (S::Processing,            [None,                          None,                          None,                None,                None,                None,                      Some(S::Processing)]),
    (S::Authorized,            [None,                          None,                          None,                None,                None,                Some(S::Authorized),       Some(S::Processing)]),
    (S::RequiresCapture,       [None,                          None,                          None,                None,                None,                Some(S::RequiresCapture),  Some(S::Processing)]),
    (S::Succeeded,             [None,                          None,                          None,                None,                None,                None,                      None]),
    (S::Canceled,              [None,                          None,                          None,                None,                None,                None,                      None]),
    (S::Failed,                [None,                          None,                          None,                None,                None,                None,                      None]),
];

fn session() -> StartSession {
    let session = SessionRequest {
        method: "ideal".into(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: at(1_000),
        page: None,
    };
    StartSession { id: att(9), connector: "simulator".into(), rule: None, session }
}

fn ask(intent: &Intent, command: Command) -> Result<Intent, Refusal> {
    let now = at(10);
    match command {
        Command::Update => intent.update(IntentPatch { amount: Some(eur(7)), ..IntentPatch::default() }, now),
        Command::AttachMethod => intent.attach_method(token(), MethodSummary::default(), now),
        Command::Confirm => intent.start_attempt(start(9), now),
        Command::StartSession => intent.start_session(session(), now),
        Command::CompleteChallenge => intent.start_challenge_completion(now).map(|(intent, _)| intent),
        Command::Capture => {
            intent.start_capture(&StartCapture { id: cap(9), amount: None, is_final: true }, now)
        }
        Command::Cancel => intent.cancel("no", now).map(|step| match step {
            CancelStep::Canceled(step) => step.intent,
            CancelStep::VoidStarted { intent, .. }
            | CancelStep::ChallengeOpen { intent, .. }
            | CancelStep::Requested(intent) => intent,
        }),
    }
}

#[test]
fn every_command_leads_from_every_status_where_the_table_says_or_is_refused() {
    assert_eq!(MACHINE.len(), IntentStatus::ALL.len());
    for status in IntentStatus::ALL {
        let (_, row) = MACHINE.iter().find(|(known, _)| known == status).expect("the table has every status");
        let before = in_status(*status);
        for (command, expected) in Command::ALL.iter().zip(row) {
            let reached = ask(&before, *command);
            match expected {
                Some(expected) => {
                    let next = reached.unwrap_or_else(|refusal| panic!("{status:?}, {command:?}: {refusal}"));
                    assert_eq!(next.status, *expected, "{status:?}, {command:?}");
                    assert_eq!(next.version, before.version.next(), "{status:?}, {command:?}");
                    assert_eq!((next.updated_at, next.created_at), (at(10), before.created_at));
                }
                None => assert_eq!(
                    reached,
                    Err(Refusal::WrongStatus { status: *status, command: *command }),
                    "{status:?}, {command:?}"
                ),
            }
            assert_eq!(status.permits(*command), expected.is_some(), "{status:?}, {command:?}");
        }
    }
}

#[test]
fn a_final_status_permits_nothing_and_the_others_permit_something() {
    for status in IntentStatus::ALL {
        let permits = Command::ALL.iter().any(|command| status.permits(*command));
        assert_eq!(permits, !status.is_final(), "{status:?}");
    }
}

#[test]
fn words_are_found_again() {
    for status in IntentStatus::ALL {
        assert_eq!(IntentStatus::find(status.as_str()), Some(*status));
    }
    assert_eq!(IntentStatus::find("SUCCEEDED"), None);
}

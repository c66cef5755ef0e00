//! What every adapter of `PaymentGateway` promises.
//!
//! A test crate makes a [`GatewayRig`] and calls the promises, one test each (or all of them by
//! [`gateway_promises!`](crate::gateway_promises)), so that a broken promise is named by the test that fails.

mod callbacks;
mod declines;
mod methods;
mod promises;
mod replies;
mod rig;

pub use callbacks::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
pub use declines::{
    ToldOfDecline, a_decline_shows_what_it_left_there, an_unknown_token_is_declined, declines_with_a_reason,
};
pub use methods::{
    a_token_of_each_type_is_known_as_that_type, bank_accounts_become_tokens_of_their_tenant,
    saved_methods_are_checked_where_it_says_so,
};
pub use promises::{
    a_call_declared_not_found_is_not_done_when_it_arrives_late, a_challenge_ends_once,
    a_challenge_off_session_is_a_decline, a_lost_answer_is_unknown_and_found,
    a_lost_call_is_unknown_and_never_done_twice, a_part_that_leaves_a_rest_is_taken_only_where_it_can_be,
    a_payment_that_must_be_authenticated_is_challenged, a_refusal_of_the_call_is_not_done,
    a_refused_call_is_never_done_later, another_amount_is_told_as_it_is, approves_what_was_asked,
    cards_become_tokens_of_their_tenant, holds_are_let_go_once, is_idempotent_by_reference,
    simultaneous_calls_never_exceed_what_is_there, simultaneous_repetitions_have_one_effect,
    tenants_do_not_see_each_other,
};
pub use replies::{
    ReplyRig, ReplyTrouble, Standing, a_lost_reply_is_unknown_and_told_again_has_one_effect,
    credentials_and_limits_are_no_answer_to_a_dispute, evidence_is_handed_in_once_with_its_file,
    giving_in_is_done_once, what_is_decided_takes_no_reply, what_it_calls_no_dispute_takes_no_reply,
    what_it_does_not_take_is_told_before,
};
pub use rig::{GatewayRig, Sent, Trouble};

/// One test for every promise of a gateway that is told of disputes. The argument is a function that gives a [`ReplyRig`] and
/// whatever must live as long as the test.
#[macro_export]
macro_rules! reply_promises {
    ($rig:path) => {
        $crate::reply_promises!(@each $rig:
            evidence_is_handed_in_once_with_its_file,
            a_lost_reply_is_unknown_and_told_again_has_one_effect,
            giving_in_is_done_once,
            what_is_decided_takes_no_reply,
            what_it_calls_no_dispute_takes_no_reply,
            credentials_and_limits_are_no_answer_to_a_dispute,
            what_it_does_not_take_is_told_before,
        );
    };
    (@each $rig:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (rig, _alive) = $rig();
            $crate::gateway::$promise(&rig).await;
        }
    )+};
}

/// One test for every promise. The argument is an async function that gives a [`GatewayRig`] and whatever must live
/// as long as the test.
#[macro_export]
macro_rules! gateway_promises {
    ($rig:path) => {
        $crate::gateway_promises!(@each $rig:
            approves_what_was_asked,
            declines_with_a_reason,
            a_decline_shows_what_it_left_there,
            an_unknown_token_is_declined,
            is_idempotent_by_reference,
            simultaneous_repetitions_have_one_effect,
            simultaneous_calls_never_exceed_what_is_there,
            a_refused_call_is_never_done_later,
            holds_are_let_go_once,
            a_challenge_ends_once,
            a_challenge_off_session_is_a_decline,
            a_payment_that_must_be_authenticated_is_challenged,
            a_lost_answer_is_unknown_and_found,
            a_lost_call_is_unknown_and_never_done_twice, a_part_that_leaves_a_rest_is_taken_only_where_it_can_be,
            a_call_declared_not_found_is_not_done_when_it_arrives_late,
            a_refusal_of_the_call_is_not_done,
            another_amount_is_told_as_it_is,
            cards_become_tokens_of_their_tenant,
            bank_accounts_become_tokens_of_their_tenant,
            a_token_of_each_type_is_known_as_that_type,
            saved_methods_are_checked_where_it_says_so,
            tenants_do_not_see_each_other,
        );
    };
    (@each $rig:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (rig, _alive) = $rig().await;
            $crate::gateway::$promise(&rig).await;
        }
    )+};
}

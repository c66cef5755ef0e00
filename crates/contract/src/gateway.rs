//! What every adapter of `PaymentGateway` promises.
//!
//! A test crate makes a [`GatewayRig`] and calls the promises, one test each (or all of them by
//! [`gateway_promises!`](crate::gateway_promises)), so that a broken promise is named by the test that fails.

mod callbacks;
mod methods;
mod promises;
mod rig;

pub use callbacks::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
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
    a_refused_call_is_never_done_later, an_unknown_token_is_declined, another_amount_is_told_as_it_is,
    approves_what_was_asked, cards_become_tokens_of_their_tenant, declines_with_a_reason,
    holds_are_let_go_once, is_idempotent_by_reference, simultaneous_calls_never_exceed_what_is_there,
    simultaneous_repetitions_have_one_effect, tenants_do_not_see_each_other,
};
pub use rig::{GatewayRig, Sent, Trouble};

/// One test for every promise. The argument is an async function that gives a [`GatewayRig`] and whatever must live
/// as long as the test.
#[macro_export]
macro_rules! gateway_promises {
    ($rig:path) => {
        $crate::gateway_promises!(@each $rig:
            approves_what_was_asked,
            declines_with_a_reason,
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

//! What every [`IntentStore`](tender_domain::intents::IntentStore) promises. Each function is one promise with tenants
//! of its own, so that they may share a store.

mod builders;
mod commits;
mod diagnostics;
mod jobs;
mod laws;
mod lists;
mod orders;
mod reads;
mod rules;
mod storefronts;
mod strong;
mod timed;
mod transactions;

pub use builders::{approved, intent_of, saved, started};
pub use commits::{
    a_key_is_recorded_with_the_change_and_its_first_answer_stays,
    a_new_intent_is_refused_when_it_is_there_already, a_stale_change_is_a_conflict_and_writes_nothing,
    of_many_changes_at_once_one_gets_in, what_was_handled_is_not_handled_again,
};
pub use diagnostics::{
    open_outcomes_are_shown_longest_open_first_and_counted, what_failed_of_the_newest_attempts_is_shown,
};
pub use jobs::{a_job_is_read_as_it_was_saved, an_item_ends_once, pending_items_of_jobs_come_side_by_side};
pub use laws::{
    an_order_of_tickets_has_one_live_payment, no_more_is_captured_than_was_asked_for,
    of_the_attempts_of_an_intent_one_is_approved_at_most, refunds_are_facts_and_never_refused,
};
pub use lists::{
    lists_are_filtered, lists_are_paged_newest_first_both_ways, what_is_due_comes_longest_waiting_first,
};
pub use orders::{an_order_is_read_as_it_was_put, of_two_who_put_a_new_order_at_once_one_gets_in};
pub use reads::{
    an_intent_is_found_by_its_attempts, an_intent_is_read_as_it_was_saved_in_every_state,
    tenants_see_only_their_own, the_live_payment_of_an_order_is_found,
};
pub use rules::the_newest_rules_of_a_tenant_stay_and_are_read_as_they_were_heard;
pub use storefronts::{
    lists_are_filtered_by_door_and_by_what_was_given_back, of_storefront,
    what_a_storefront_wants_kept_is_written_once_with_the_intent,
    what_disputes_told_is_kept_as_of_its_latest_version, what_refunds_told_is_kept_as_of_its_latest_version,
};
pub use strong::{
    a_session_is_read_as_it_was_begun, an_embedded_challenge_is_read_with_its_request,
    what_is_asked_and_told_of_authentication_is_read_as_written,
};
pub use timed::what_time_has_come_for_is_found;
pub use transactions::a_customers_transactions_are_counted_filtered_and_paged;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! intent_promises {
    ($store:path) => {
        $crate::intent_promises!(@each $store:
            an_intent_is_read_as_it_was_saved_in_every_state,
            an_intent_is_found_by_its_attempts,
            the_live_payment_of_an_order_is_found,
            tenants_see_only_their_own,
            a_new_intent_is_refused_when_it_is_there_already,
            a_stale_change_is_a_conflict_and_writes_nothing,
            a_key_is_recorded_with_the_change_and_its_first_answer_stays,
            what_was_handled_is_not_handled_again,
            of_many_changes_at_once_one_gets_in,
            no_more_is_captured_than_was_asked_for,
            of_the_attempts_of_an_intent_one_is_approved_at_most,
            an_order_of_tickets_has_one_live_payment,
            refunds_are_facts_and_never_refused,
            lists_are_paged_newest_first_both_ways,
            lists_are_filtered,
            what_is_due_comes_longest_waiting_first,
            open_outcomes_are_shown_longest_open_first_and_counted,
            what_failed_of_the_newest_attempts_is_shown,
            what_time_has_come_for_is_found,
            a_job_is_read_as_it_was_saved,
            an_item_ends_once,
            pending_items_of_jobs_come_side_by_side,
            the_newest_rules_of_a_tenant_stay_and_are_read_as_they_were_heard,
            a_session_is_read_as_it_was_begun,
            an_embedded_challenge_is_read_with_its_request,
            a_customers_transactions_are_counted_filtered_and_paged,
            what_is_asked_and_told_of_authentication_is_read_as_written,
            what_a_storefront_wants_kept_is_written_once_with_the_intent,
            what_refunds_told_is_kept_as_of_its_latest_version,
            what_disputes_told_is_kept_as_of_its_latest_version,
            lists_are_filtered_by_door_and_by_what_was_given_back,
            an_order_is_read_as_it_was_put,
            of_two_who_put_a_new_order_at_once_one_gets_in,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::intents::$promise(&store).await;
        }
    )+};
}

//! What every [`RefundStore`](tender_domain::refunds::RefundStore) promises. Each function is one promise; each takes a
//! tenant of its own, so that they may share a store.

mod charges;
mod commits;
mod found;
mod jobs;
mod lists;
mod open;
mod outside;
mod reservations;

use tender_domain::refunds::RefundStore;

pub(crate) use charges::{at, rf};
pub use charges::{captured_charge, opened, started};
pub use open::open_refunds_are_told_by_customer_intent_and_queue;
pub use reservations::refunds_at_once_never_exceed_the_charge;

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn all(store: &dyn RefundStore) {
    charges::a_charge_is_read_as_it_was_saved_in_every_state(store).await;
    charges::a_charge_is_found_by_itself_its_intent_and_its_refunds(store).await;
    charges::a_new_charge_is_refused_when_it_is_there_already(store).await;
    commits::a_stale_version_loses_whole(store).await;
    commits::the_first_answer_of_a_key_stays(store).await;
    commits::what_was_handled_is_not_handled_again(store).await;
    commits::the_schema_refuses_more_refunds_than_captures(store).await;
    commits::a_dispute_lands_on_a_refunded_charge_and_then_refunds_cannot_grow(store).await;
    outside::a_refund_made_outside_lands_and_ours_cannot_grow_then(store).await;
    outside::a_refund_made_outside_is_there_once(store).await;
    outside::a_capture_that_is_taken_back_lands_and_ours_cannot_grow_then(store).await;
    found::a_refund_that_was_done_after_all_counts_once_and_never_again(store).await;
    found::a_refund_that_was_called_off_keeps_what_was_found(store).await;
    lists::refunds_are_paged_newest_first_both_ways(store).await;
    lists::refunds_are_found_by_what_they_are(store).await;
    lists::what_is_due_comes_longest_overdue_first(store).await;
    lists::what_is_tried_again_and_what_a_person_settles_is_counted_and_found_when_it_is_due(store).await;
    lists::tenants_see_only_their_own(store).await;
    reservations::refunds_at_once_never_exceed_the_charge(store).await;
    jobs::a_job_is_read_as_it_was_saved_and_its_items_end_once(store).await;
}

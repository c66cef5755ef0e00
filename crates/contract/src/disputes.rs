//! What every store of refunds promises of disputes. Each function is one promise; each takes a tenant of its own, so
//! that they may share a store.

mod commits;
mod fixtures;
mod reads;
mod replies;
mod retention;
mod stories;

use tender_domain::disputes::DisputeStore;
use tender_domain::refunds::RefundStore;

pub use fixtures::{decided, disputed};
pub use stories::refunds_and_disputes_at_once_keep_the_law;

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn all<S: RefundStore + DisputeStore>(store: &S) {
    reads::a_dispute_is_read_as_it_was_saved_in_every_status(store).await;
    reads::a_charge_is_found_by_its_gateways_name_and_by_its_disputes(store).await;
    reads::disputes_are_paged_newest_first_both_ways(store).await;
    reads::disputes_are_found_by_what_they_are(store).await;
    reads::a_history_is_read_as_it_was_written(store).await;
    reads::chargebacks_that_wait_come_longest_overdue_first(store).await;
    reads::a_chargeback_is_due_at_once_when_its_charge_is_made_known(store).await;
    replies::a_reply_is_read_as_it_was_saved_and_is_due_until_it_is_told(store).await;
    replies::a_dispute_has_one_reply_of_a_kind_that_was_not_refused(store).await;
    replies::of_two_who_end_a_reply_one_loses(store).await;
    retention::evidence_is_kept_as_long_as_the_tenants_settings_say(store).await;
    retention::of_a_tenant_whose_settings_are_not_known_nothing_is_removed(store).await;
    retention::evidence_without_its_contents_is_read_as_it_was_saved(store).await;
    commits::what_was_told_of_a_dispute_stays(store).await;
    commits::a_fee_that_was_not_told_becomes_known_once(store).await;
    commits::a_processors_dispute_is_there_once(store).await;
    commits::a_stale_dispute_loses_whole(store).await;
    commits::a_claim_is_handed_from_the_waiting_chargeback_to_its_dispute(store).await;
    stories::refunds_and_disputes_at_once_keep_the_law(store, 1).await;
}

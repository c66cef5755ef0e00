//! What every [`LedgerStore`](tender_domain::ledger::LedgerStore) promises. Each function is one promise; each takes a tenant of its own, so that they may
//! share a store.

mod postings;
mod promises;
mod reference;
mod store_credit;

pub use postings::{RandomPosting, capture_of, commit};
pub use promises::{
    accounts_are_paged_by_name, an_effect_is_posted_once, balances_are_what_the_entries_add_up_to,
    entries_are_found_by_what_they_concern, entries_are_paged_newest_first_both_ways,
    postings_to_one_account_at_once_are_all_in_its_balance, tenants_see_only_their_own,
    transactions_are_read_as_they_were_posted,
};
pub use reference::random_postings_are_what_plain_maps_say;
pub use store_credit::{
    changes_of_store_credit_are_read_as_they_were_made, store_credit_is_spent_at_most_once_by_many_at_once,
};

/// One test for every promise but the random one. The argument is an async function that gives a store and whatever
/// must live as long as the test.
#[macro_export]
macro_rules! ledger_promises {
    ($store:path) => {
        $crate::ledger_promises!(@each $store:
            transactions_are_read_as_they_were_posted,
            an_effect_is_posted_once,
            balances_are_what_the_entries_add_up_to,
            accounts_are_paged_by_name,
            entries_are_paged_newest_first_both_ways,
            entries_are_found_by_what_they_concern,
            tenants_see_only_their_own,
            postings_to_one_account_at_once_are_all_in_its_balance,
            changes_of_store_credit_are_read_as_they_were_made,
            store_credit_is_spent_at_most_once_by_many_at_once,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::settlement::$promise(&store).await;
        }
    )+};
}

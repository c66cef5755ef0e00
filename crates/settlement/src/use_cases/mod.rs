//! What settlement does, one verb a file.

mod check_ledger;
mod list_accounts;
mod list_entries;
mod post_effect;
mod store_credit;

pub(crate) use post_effect::LEDGER;
pub use post_effect::{PostError, Posted};
pub use store_credit::{
    AdjustStoreCredit, StoreCreditAnswered, StoreCreditError, StoreCreditMovement, StoreCreditPresenter,
};

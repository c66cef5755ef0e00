//! One default method per customer.

use crate::kernel::{Guard, Save};

use super::PaymentMethod;

/// The counter of a customer's default methods; its limit is 1.
pub const DEFAULT_METHOD: &str = "default_method";

/// The guard that keeps a customer at one default at most, for everything one change does to the customer's methods.
///
/// The counter follows the number of defaults. A move of the default leaves it as it is: the method that steps down
/// is saved in the same change, so its version already lets only one move win. No guard when the number stays.
///
/// All of `saves` belong to one customer.
#[must_use]
pub fn default_guard(saves: &[Save<PaymentMethod>]) -> Option<Guard> {
    let mut by = 0;
    for save in saves {
        by += i64::from(save.after.is_default());
        by -= i64::from(save.before.as_ref().is_some_and(|before| before.is_default()));
    }
    let customer = saves.iter().find_map(|save| save.after.customer_id.clone())?;
    (by != 0).then_some(Guard::Count { kind: DEFAULT_METHOD, key: customer, by, limit: 1 })
}

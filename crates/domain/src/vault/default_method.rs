//! One default method per customer.

use crate::kernel::{Guard, MethodId, Save};

use super::PaymentMethod;

/// The claim to be a customer's default method: its key is the customer, its owner the method.
pub const DEFAULT_METHOD: &str = "default_method";

/// The guards that keep a customer at one default at most, for everything one change does to the customer's methods:
/// who stops to be the default gives the claim up, who becomes it claims it. Both in one change move it.
///
/// All of `saves` belong to one customer.
#[must_use]
pub fn default_guards(saves: &[Save<PaymentMethod>]) -> Vec<Guard> {
    let mut guards = Vec::new();
    for save in saves {
        let was = save.before.as_ref().is_some_and(|before| before.is_default());
        let is = save.after.is_default();
        let Some(customer) = save.after.customer_id.clone().filter(|_| was != is) else { continue };
        guards.push(guard(is, customer, save.after.id));
    }
    guards
}

fn guard(becomes: bool, key: String, method: MethodId) -> Guard {
    let owner = method.to_string();
    if becomes {
        Guard::Claim { kind: DEFAULT_METHOD, key, owner }
    } else {
        Guard::Release { kind: DEFAULT_METHOD, key, owner }
    }
}

//! What is claimed for a method: to be its customer's one default, its mandate's reference, and to be the first of its card
//! or account that its customer has.

use crate::kernel::{Guard, MethodId, Save};

use super::PaymentMethod;

/// The claim to be a customer's default method: its key is the customer, its owner the method.
pub const DEFAULT_METHOD: &str = "default_method";

/// The claim to a mandate's reference, for ever: its key is the reference, its owner the method.
pub const MANDATE_REFERENCE: &str = "mandate_reference";

/// The claim to be the first of a card or account that a customer has: its key is the fingerprint and the customer, its owner
/// the method.
pub const INSTRUMENT: &str = "instrument";

/// The guards that let one method of a card or account of a customer be the first, however many are saved at once: who
/// repeats none claims it, and gives it up when it is deleted. Whoever finds it claimed repeats its owner.
#[must_use]
pub fn instrument_guards(saves: &[Save<PaymentMethod>]) -> Vec<Guard> {
    let key = |method: &PaymentMethod| {
        let customer = method.customer_id.as_ref().filter(|_| method.deleted_at().is_none())?;
        let is_first = method.duplicate_of.is_none();
        is_first.then(|| format!("{} {customer}", method.fingerprint))
    };
    let guard = |save: &Save<PaymentMethod>| {
        let (kind, owner) = (INSTRUMENT, save.after.id.to_string());
        match (save.before.as_deref().and_then(key), key(&save.after)) {
            (None, Some(key)) => Some(Guard::Claim { kind, key, owner }),
            (Some(key), None) => Some(Guard::Release { kind, key, owner }),
            _ => None,
        }
    };
    saves.iter().filter_map(guard).collect()
}

/// The guards that keep a customer at one default at most, for everything one change does to the customer's methods:
/// who stops to be the default gives the claim up, who becomes it claims it. Both in one change move it. A new mandate
/// claims its reference, and never gives it up: banks know debits by it.
///
/// All of `saves` belong to one customer.
#[must_use]
pub fn method_guards(saves: &[Save<PaymentMethod>]) -> Vec<Guard> {
    let mut guards = Vec::new();
    for save in saves {
        let mandate = save.after.mandate.as_ref().filter(|_| save.before.is_none());
        guards.extend(mandate.map(|mandate| Guard::Claim {
            kind: MANDATE_REFERENCE,
            key: mandate.reference.clone(),
            owner: save.after.id.to_string(),
        }));
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

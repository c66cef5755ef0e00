//! Methods of every type, and by what the same one is found again.

use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::kernel::{CommitError, Save, TenantId};
use tender_domain::vault::{
    BankAccount, CreateMethod, DEFAULT_METHOD, INSTRUMENT, MANDATE_REFERENCE, Mandate, MandateSequence,
    MethodCommand, MethodDetails, MethodFingerprint, MethodStore, PaypalAccount, instrument_guards,
};

use super::{applied, at, card, change, commit, created, new_method, saved, tenant};

fn account(bic: Option<&str>) -> BankAccount {
    BankAccount { country: "MT".into(), last4: "001S".into(), bic: bic.map(str::to_owned) }
}

fn mandate(reference: &str) -> Mandate {
    Mandate { reference: reference.into(), signed_at: at(-3600), sequence: MandateSequence::First }
}

/// One method of each type, numbers 1 to 6, and two more of types with fields that may be empty.
pub(super) fn of_every_type(tenant: &TenantId) -> Vec<CreateMethod> {
    let sepa = |number, bic, reference| CreateMethod {
        details: MethodDetails::SepaDebit(account(bic)),
        mandate: Some(mandate(reference)),
        from_raw_data: true,
        ..new_method(tenant, number, Some("cust_1"))
    };
    let of = |number, details| CreateMethod { details, ..new_method(tenant, number, Some("cust_1")) };
    vec![
        of(1, MethodDetails::Card(card(12, 2030))),
        of(2, MethodDetails::ApplePay(card(12, 2030))),
        of(3, MethodDetails::GooglePay(card(1, 2031))),
        of(4, MethodDetails::BankAccount(account(None))),
        of(5, MethodDetails::Paypal(PaypalAccount::new(Some("o'neil@example.com")))),
        sepa(6, Some("VALLMTMTXXX"), "A-1/b?(c).d,e'f+g"),
        of(7, MethodDetails::Paypal(PaypalAccount::new(None))),
        sepa(8, None, "A-2"),
    ]
}

/// What is read of each type equals what was saved, field by field.
///
/// # Panics
/// When the promise is broken.
pub async fn every_type_is_read_as_it_was_saved(store: &dyn MethodStore) {
    let tenant = tenant("every-type");
    for new in of_every_type(&tenant) {
        let first = saved(store, new).await;
        assert_eq!(store.method(&tenant, first.id).await.expect("readable"), Some(Arc::clone(&first)));
        let gone = applied(&first, &MethodCommand::Delete);
        let _ = commit(store, vec![gone.clone()]).await.expect("deleted");
        assert_eq!(store.method(&tenant, first.id).await.expect("readable"), Some(gone.after));
    }
}

/// Two methods of a tenant never have one mandate's reference, not even after one was deleted; two tenants may.
///
/// # Panics
/// When the promise is broken.
pub async fn a_mandates_reference_is_used_once(store: &dyn MethodStore) {
    let (tenant, other) = (tenant("mandates"), tenant("mandates-too"));
    let sepa = |tenant: &TenantId, number| CreateMethod {
        details: MethodDetails::SepaDebit(account(None)),
        mandate: Some(mandate("M-1")),
        ..new_method(tenant, number, Some("cust_1"))
    };
    let first = saved(store, sepa(&tenant, 1)).await;
    let again = commit(store, vec![Save::new(created(sepa(&tenant, 2)))]).await;
    let is_taken = |refused: &Result<_, CommitError>| matches!(refused, Err(CommitError::ClaimTaken { kind, .. }) if *kind == MANDATE_REFERENCE);
    assert!(is_taken(&again), "{again:?}");
    let _ = commit(store, vec![applied(&first, &MethodCommand::Delete)]).await.expect("deleted");
    let again = commit(store, vec![Save::new(created(sepa(&tenant, 3)))]).await;
    assert!(is_taken(&again), "banks know debits by it for ever: {again:?}");
    saved(store, sepa(&other, 1)).await;
}

/// Who claims several things at once and loses one of them is told which one it is, and by whom it is held.
///
/// # Panics
/// When the promise is broken.
pub async fn of_several_claims_the_one_that_is_taken_is_named(store: &dyn MethodStore) {
    let tenant = tenant("several-claims");
    let default_of_customer = |number, reference| CreateMethod {
        details: MethodDetails::SepaDebit(account(None)),
        mandate: Some(mandate(reference)),
        is_default: true,
        ..new_method(&tenant, number, Some("cust_1"))
    };
    let first = saved(store, default_of_customer(1, "M-1")).await;
    let lost = commit(store, vec![Save::new(created(default_of_customer(2, "M-2")))]).await;
    let holder = first.id.to_string();
    assert!(
        matches!(&lost, Err(CommitError::ClaimTaken { kind: DEFAULT_METHOD, key, owner })
            if key == "cust_1" && *owner == holder),
        "{lost:?}"
    );
    let both = commit(store, vec![Save::new(created(default_of_customer(3, "M-1")))]).await;
    assert!(
        matches!(&both, Err(CommitError::ClaimTaken { kind: MANDATE_REFERENCE, key, .. }) if key == "M-1"),
        "of several the first: {both:?}"
    );
    let free = CreateMethod { is_default: false, ..default_of_customer(4, "M-2") };
    saved(store, free).await;
}

/// The oldest active method of a customer with a fingerprint is found; another customer's, tenant's or a deleted one is
/// not.
///
/// # Panics
/// When the promise is broken.
pub async fn the_same_instrument_of_a_customer_is_found(store: &dyn MethodStore) {
    let (tenant, other) = (tenant("same-card"), tenant("same-card-too"));
    let print = MethodFingerprint([5; 32]);
    let of = |tenant: &TenantId, number, customer: &str| CreateMethod {
        fingerprint: print,
        ..new_method(tenant, number, Some(customer))
    };
    let find = async || store.method_of_instrument(&tenant, "cust_1", print).await.expect("readable");
    saved(store, of(&tenant, 1, "cust_2")).await;
    saved(store, of(&other, 1, "cust_1")).await;
    saved(store, new_method(&tenant, 2, Some("cust_1"))).await;
    assert_eq!(find().await, None);
    let oldest = saved(store, of(&tenant, 3, "cust_1")).await;
    let newer =
        saved(store, CreateMethod { duplicate_of: Some(oldest.id), ..of(&tenant, 4, "cust_1") }).await;
    assert_eq!(store.method(&tenant, newer.id).await.expect("readable"), Some(Arc::clone(&newer)));
    assert_eq!(find().await, Some(Arc::clone(&oldest)));
    let _ = commit(store, vec![applied(&oldest, &MethodCommand::Delete)]).await.expect("deleted");
    assert_eq!(find().await, Some(newer));
}

/// Of twenty of one card of one customer that are saved at once, each of which found none before it, one is saved; the others
/// are told whom they repeat. Another customer's is none of them, and a deleted one makes room.
///
/// # Panics
/// When the promise is broken.
pub async fn of_many_of_one_instrument_at_once_one_is_the_first(store: &dyn MethodStore) {
    let tenant = tenant("same-card-race");
    let save = |number, customer: &str| {
        let save = Save::new(created(new_method(&tenant, number, Some(customer))));
        let mut change = change(vec![save.clone()]);
        change.guards.extend(instrument_guards(&[save]));
        store.commit(change)
    };
    let outcomes = join_all((1..=20).map(|number| save(number, "cust_1"))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let is_taken = |outcome: &&Result<_, CommitError>| matches!(outcome, Err(CommitError::ClaimTaken { kind, .. }) if *kind == INSTRUMENT);
    assert_eq!((won, outcomes.iter().filter(is_taken).count()), (1, 19), "{outcomes:?}");
    let _ = save(21, "cust_2").await.expect("another customer's");
    let print = new_method(&tenant, 1, None).fingerprint;
    let find = async || store.method_of_instrument(&tenant, "cust_1", print).await.expect("readable");
    let first = find().await.expect("the one that was saved");
    let repeats = CreateMethod { duplicate_of: Some(first.id), ..new_method(&tenant, 0, Some("cust_1")) };
    let repeats = saved(store, repeats).await;
    assert_eq!(find().await.as_ref(), Some(&first), "before one of an older id that repeats it");
    let deleted = applied(&first, &MethodCommand::Delete);
    let mut gone = change(vec![deleted.clone()]);
    gone.guards.extend(instrument_guards(&[deleted]));
    let _ = store.commit(gone).await.expect("deleted");
    assert_eq!(find().await, Some(repeats));
    let _ = save(22, "cust_1").await.expect("the first one made room");
}

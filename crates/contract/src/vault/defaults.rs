//! One default per customer.

use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::kernel::{CommitError, Save};
use tender_domain::vault::{Card, CreateMethod, MethodCommand, MethodDetails, MethodStore};

use super::{applied, commit, created, new_method, saved, tenant};

/// One change takes the default from one method and gives it to another; who does not take it from its holder is told
/// who holds it.
///
/// # Panics
/// When the promise is broken.
pub async fn the_default_moves_in_one_change(store: &dyn MethodStore) {
    let tenant = tenant("moved");
    let new = |number| new_method(&tenant, number, Some("cust_1"));
    let one = saved(store, CreateMethod { is_default: true, ..new(1) }).await;
    let two = saved(store, new(2)).await;
    let three = saved(store, new(3)).await;
    let becomes = |method| applied(method, &MethodCommand::BecomeDefault);
    let grabbed = commit(store, vec![becomes(&two)]).await;
    let holder = one.id.to_string();
    assert!(
        matches!(&grabbed, Err(CommitError::ClaimTaken { owner, .. }) if *owner == holder),
        "{grabbed:?}"
    );
    // Both orders: the row that becomes the default may be written first.
    let _ = commit(store, vec![becomes(&two), applied(&one, &MethodCommand::StepDown)]).await.expect("moved");
    let two = store.default_method(&tenant, "cust_1").await.expect("readable").expect("there is one");
    assert_eq!(two.id.uuid().as_u128() >> 64, 2);
    let _ =
        commit(store, vec![applied(&two, &MethodCommand::Delete), becomes(&three)]).await.expect("passed on");
    let three = store.default_method(&tenant, "cust_1").await.expect("readable").expect("there is one");
    assert_eq!(three.id.uuid().as_u128() >> 64, 3);
    let _ = commit(store, vec![applied(&three, &MethodCommand::StepDown)]).await.expect("given up");
    assert_eq!(store.default_method(&tenant, "cust_1").await.expect("readable"), None);
    let fresh = CreateMethod { is_default: true, ..new(4) };
    let four = saved(store, fresh).await;
    assert_eq!(store.default_method(&tenant, "cust_1").await.expect("readable"), Some(four));
    let elsewhere = new_method(&tenant, 5, Some("cust_2"));
    let _ = saved(store, CreateMethod { is_default: true, ..elsewhere }).await;
}

/// Neither the one that leaves, nor a deleted one, nor another customer's.
///
/// # Panics
/// When the promise is broken.
pub async fn the_newest_other_method_is_found(store: &dyn MethodStore) {
    let tenant = tenant("newest");
    let one = saved(store, new_method(&tenant, 1, Some("cust_1"))).await;
    let two = saved(store, new_method(&tenant, 2, Some("cust_1"))).await;
    let three = saved(store, new_method(&tenant, 3, Some("cust_1"))).await;
    let _ = saved(store, new_method(&tenant, 4, Some("cust_2"))).await;
    let _ = commit(store, vec![applied(&three, &MethodCommand::Delete)]).await.expect("deleted");
    let month = Card::months(2030, 6);
    let other =
        async |except| store.newest_other_method(&tenant, "cust_1", except, month).await.expect("readable");
    assert_eq!(other(one.id).await, Some(Arc::clone(&two)));
    assert_eq!(other(two.id).await, Some(Arc::clone(&one)));
    let over = MethodDetails::Card(super::card(5, 2030));
    let over = saved(store, CreateMethod { details: over, ..new_method(&tenant, 5, Some("cust_1")) }).await;
    assert_eq!(other(one.id).await, Some(Arc::clone(&two)), "a card that is over comes last");
    let _ = commit(store, vec![applied(&two, &MethodCommand::Delete)]).await.expect("deleted");
    assert_eq!(other(one.id).await, Some(Arc::clone(&over)), "and is better than none");
    let _ = commit(store, vec![applied(&over, &MethodCommand::Delete)]).await.expect("deleted");
    assert_eq!(other(one.id).await, None);
}

/// Twenty new defaults of one customer at once: one is saved, the others are told that they lost.
///
/// # Panics
/// When the promise is broken.
pub async fn of_many_who_claim_the_default_at_once_one_gets_it(store: &dyn MethodStore) {
    let tenant = tenant("race");
    let tries = (1..=20).map(|number| {
        let new = CreateMethod { is_default: true, ..new_method(&tenant, number, Some("cust_1")) };
        commit(store, vec![Save::new(created(new))])
    });
    let outcomes = join_all(tries).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost =
        outcomes.iter().filter(|outcome| matches!(outcome, Err(CommitError::ClaimTaken { .. }))).count();
    assert_eq!((won, lost), (1, 19), "{outcomes:?}");
    assert!(store.default_method(&tenant, "cust_1").await.expect("readable").is_some());
}

//! Single methods.

use std::sync::Arc;

use tender_domain::kernel::{
    Answer, CommitError, KeyScope, KeyState, KeyWrite, PageRequest, RequestFingerprint, Save,
};
use tender_domain::vault::{MethodCommand, MethodFilter, MethodStore, UpdateMethod};

use super::{applied, at, change, commit, created, full_method, metadata, new_method, saved, tenant};

/// What is read equals what was saved, field by field.
///
/// # Panics
/// When the promise is broken.
pub async fn a_method_is_read_as_it_was_saved(store: &dyn MethodStore) {
    let tenant = tenant("as-saved");
    for new in [new_method(&tenant, 1, None), full_method(&tenant, 2)] {
        let method = saved(store, new).await;
        assert_eq!(store.method(&tenant, method.id).await.expect("readable"), Some(Arc::clone(&method)));
        let update = UpdateMethod { metadata: Some(metadata(&[("k", "v")])), ..UpdateMethod::default() };
        let save = applied(&method, &MethodCommand::Update(Box::new(update)));
        let _ = commit(store, vec![save.clone()]).await.expect("a loaded method is changed");
        assert_eq!(store.method(&tenant, method.id).await.expect("readable"), Some(save.after));
    }
}

/// Who changes what somebody else changed since is told so, and nothing is written.
///
/// # Panics
/// When the promise is broken.
pub async fn a_stale_change_is_a_conflict_and_writes_nothing(store: &dyn MethodStore) {
    let tenant = tenant("stale");
    let method = saved(store, new_method(&tenant, 1, None)).await;
    let other = created(new_method(&tenant, 2, None));
    let first = applied(
        &method,
        &MethodCommand::Attach {
            customer_id: Some("cust_1".into()),
            merchant_account_id: None,
            consent: None,
            by_browser: false,
            duplicate_of: None,
        },
    );
    let second = applied(
        &method,
        &MethodCommand::Attach {
            customer_id: Some("cust_2".into()),
            merchant_account_id: None,
            consent: None,
            by_browser: false,
            duplicate_of: None,
        },
    );
    let _ = commit(store, vec![first.clone()]).await.expect("the first wins");
    let lost = commit(store, vec![Save::new(Arc::clone(&other)), second]).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.method(&tenant, method.id).await.expect("readable"), Some(first.after));
    assert_eq!(store.method(&tenant, other.id).await.expect("readable"), None, "all or nothing");
    let again = commit(store, vec![Save::new(method)]).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "an id is used once: {again:?}");
}

/// A deleted method is read by its id, without secrets, and in no list.
///
/// # Panics
/// When the promise is broken.
pub async fn a_deleted_method_is_kept_and_not_shown(store: &dyn MethodStore) {
    let tenant = tenant("deleted");
    let method = saved(store, full_method(&tenant, 1)).await;
    let save = applied(&method, &MethodCommand::Delete);
    let _ = commit(store, vec![save.clone()]).await.expect("deleted");
    let read = store.method(&tenant, method.id).await.expect("readable").expect("kept");
    assert_eq!(read, save.after);
    assert_eq!(read.tokens(), None);
    let listed = store.methods(&tenant, &MethodFilter::default(), &PageRequest::default()).await;
    assert!(listed.expect("readable").data.is_empty());
    assert_eq!(store.default_method(&tenant, "cust_1").await.expect("readable"), None);
    let _ = saved(store, full_method(&tenant, 2)).await;
}

/// The same ids and customers of two tenants are two tenants' affairs.
///
/// # Panics
/// When the promise is broken.
pub async fn tenants_see_only_their_own(store: &dyn MethodStore) {
    let (one, two, three) = (tenant("own-1"), tenant("own-2"), tenant("own-3"));
    let of_one = saved(store, full_method(&one, 1)).await;
    let of_two = saved(store, full_method(&two, 1)).await;
    assert_eq!(store.method(&one, of_one.id).await.expect("readable"), Some(Arc::clone(&of_one)));
    assert_eq!(store.method(&two, of_one.id).await.expect("readable"), Some(Arc::clone(&of_two)));
    assert_eq!(store.method(&three, of_one.id).await.expect("readable"), None);
    assert_eq!(store.default_method(&one, "cust_1").await.expect("readable"), Some(Arc::clone(&of_one)));
    assert_eq!(store.default_method(&three, "cust_1").await.expect("readable"), None);
    let other = store.newest_other_method(&one, "cust_1", of_one.id, 0).await;
    assert_eq!(other.expect("readable"), None, "the other tenant's method is no other method");
    let listed = store.methods(&two, &MethodFilter::default(), &PageRequest::default()).await;
    assert_eq!(listed.expect("readable").data, [of_two]);
}

/// The answer of a key is durable with the change, and a second change with the key writes nothing.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_recorded_with_the_change(store: &dyn MethodStore) {
    let tenant = tenant("keyed");
    let scope = KeyScope { route: "POST /v1/payments/methods", key: "k-1".into() };
    let answer = Answer { status: 201, body: "{\"id\":\"pm_1\"}".into() };
    let record = |resource: &str| KeyWrite::Record {
        scope: scope.clone(),
        fingerprint: RequestFingerprint([1; 32]),
        resource: resource.to_owned(),
        answer: answer.clone(),
        at: at(0),
    };
    let (one, two) = (created(new_method(&tenant, 1, None)), created(new_method(&tenant, 2, None)));
    let first = change(vec![Save::new(Arc::clone(&one))]).keyed(record("one"));
    let _ = store.commit(first).await.expect("the key is new");
    let second = store.commit(change(vec![Save::new(Arc::clone(&two))]).keyed(record("two"))).await;
    assert!(matches!(&second, Err(CommitError::KeyTaken(taken)) if taken.resource == "one"), "{second:?}");
    assert_eq!(store.method(&tenant, two.id).await.expect("readable"), None);
    let kept = store.key(&tenant, &scope).await.expect("readable").expect("kept");
    assert_eq!(kept.state, KeyState::Done(answer.clone()));
}

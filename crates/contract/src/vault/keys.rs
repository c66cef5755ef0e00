//! Data keys, what they seal, and their rotations.

use std::sync::Arc;

use tender_domain::kernel::{
    Change, CommitError, DataKeyId, Guard, JobId, JobOwner, MethodId, PageRequest, Save, TenantId, Version,
};
use tender_domain::ports::WrappedKey;
use tender_domain::vault::{
    CreateMethod, DATA_KEY_NUMBER, DataKey, KeyPurpose, KeyRotation, KeyStore, MethodCommand, MethodStore,
    PaymentMethod, RUNNING_ROTATION, RotationFailure, SEALED_BY_RETIRED_KEY, SealedTokens, SealingKey,
};
use uuid::Uuid;

use super::{applied, at, commit, created, new_method, tenant};

const PURPOSE: KeyPurpose = KeyPurpose::PaymentMethods;

fn wrapped(by: &str, byte: u8) -> WrappedKey {
    WrappedKey { by: by.to_owned(), bytes: vec![byte; 60] }
}

fn new_key(tenant: &TenantId, number: u32) -> (DataKey, Guard) {
    let id = DataKeyId::from_uuid(Uuid::from_u128(u128::from(number) << 64));
    let by = wrapped("local:1", 7);
    DataKey::create((tenant.clone(), id), PURPOSE, number, by, at(i64::from(number)))
}

/// The tenant's first key for connectors' credentials.
async fn saved_credentials_key(store: &dyn KeyStore, tenant: &TenantId) -> DataKey {
    let (id, by) = (DataKeyId::from_uuid(Uuid::from_u128(77 << 64)), wrapped("local:1", 8));
    let purpose = KeyPurpose::ConnectorCredentials;
    let (key, guard) = DataKey::create((tenant.clone(), id), purpose, 1, by, at(1));
    let change = Change::of(tenant.clone()).save(Save::new(key.clone())).guarded(guard);
    let _ = store.commit(change).await.expect("a number of each purpose");
    key
}

async fn saved_key(store: &dyn KeyStore, tenant: &TenantId, number: u32) -> DataKey {
    let (key, guard) = new_key(tenant, number);
    let change = Change::of(tenant.clone()).save(Save::new(key.clone())).guarded(guard);
    let _ = store.commit(change).await.expect("a new key is saved");
    key
}

async fn saved_change(store: &dyn KeyStore, before: &DataKey, after: DataKey) -> Result<(), CommitError> {
    let change = Change::of(before.tenant.clone()).save(Save::changed(before.clone(), after));
    store.commit(change).await.map(|_| ())
}

fn sealed_by(key: SealingKey) -> SealedTokens {
    SealedTokens { key, bytes: (0..=99).collect() }
}

async fn sealed_method<S: MethodStore>(
    store: &S,
    tenant: &TenantId,
    number: u32,
    key: SealingKey,
) -> Result<Arc<PaymentMethod>, CommitError> {
    let tokens = sealed_by(key);
    let method = created(CreateMethod { tokens, ..new_method(tenant, number, Some("cust_1")) });
    commit(store, vec![Save::new(Arc::clone(&method))]).await.map(|_| method)
}

/// A key is read as it was saved, wrapped anew and destroyed; a number is given once; tenants see their own.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_read_as_it_was_saved<S: KeyStore>(store: &S) {
    let (own, other) = (tenant("keys-own"), tenant("keys-other"));
    let (one, two) = (saved_key(store, &own, 1).await, saved_key(store, &own, 2).await);
    let foreign = saved_key(store, &other, 1).await;
    let (again, guard) = new_key(&own, 2);
    let again = DataKey { id: DataKeyId::from_uuid(Uuid::from_u128(5)), ..again };
    let taken = Change::of(own.clone()).save(Save::new(again)).guarded(match guard {
        Guard::Claim { kind, key, .. } => Guard::Claim { kind, key, owner: "another".to_owned() },
        other => other,
    });
    let taken = store.commit(taken).await;
    assert!(matches!(taken, Err(CommitError::ClaimTaken { kind: DATA_KEY_NUMBER, .. })), "{taken:?}");
    assert_eq!(store.data_key(&own, one.id).await.expect("readable"), Some(one.clone()));
    assert_eq!(store.data_key(&other, two.id).await.expect("readable"), None);
    let usable = store.usable_keys(&own, PURPOSE).await.expect("readable");
    assert_eq!(usable, [two.clone(), one.clone()], "the current one first");

    let moved = one.rewrapped(wrapped("local:2", 9), at(50)).expect("usable");
    saved_change(store, &one, moved.clone()).await.expect("wrapped anew");
    assert_eq!(store.data_key(&own, one.id).await.expect("readable"), Some(moved.clone()));
    let left = store.keys_not_wrapped_by("local:2", 100).await.expect("readable");
    let left: Vec<_> = left.into_iter().filter(|key| key.tenant == own).collect();
    assert_eq!(left.iter().collect::<Vec<_>>(), [&two]);
    let gone = moved.retired(at(60)).expect("usable");
    saved_change(store, &moved, gone.clone()).await.expect("destroyed");
    assert_eq!(store.data_key(&own, one.id).await.expect("readable"), Some(gone.clone()));
    let usable = store.usable_keys(&own, PURPOSE).await.expect("readable");
    assert_eq!(usable.iter().collect::<Vec<_>>(), [&two]);
    let page = store.data_keys(&own, &PageRequest::default()).await.expect("readable");
    assert_eq!((page.data, page.has_more), (vec![two, gone], false));
    let of_credentials = saved_credentials_key(store, &other).await;
    assert_eq!(store.usable_keys(&other, PURPOSE).await.expect("readable"), [foreign]);
    let usable = store.usable_keys(&other, KeyPurpose::ConnectorCredentials).await.expect("readable");
    assert_eq!(usable, [of_credentials]);
}

/// A key that seals something is not destroyed, and nothing is sealed under a destroyed key, also not by a change that
/// was decided before.
///
/// # Panics
/// When the promise is broken.
pub async fn no_record_is_under_a_retired_key<S: MethodStore + KeyStore>(store: &S) {
    let own = tenant("retired");
    let (old, new) = (saved_key(store, &own, 1).await, saved_key(store, &own, 2).await);
    let method = sealed_method(store, &own, 1, SealingKey::Data(old.id)).await.expect("saved");
    let refused = saved_change(store, &old, old.retired(at(60)).expect("usable")).await;
    let is_refused = |result: &Result<(), CommitError>| matches!(result, Err(CommitError::Refused { constraint }) if constraint == SEALED_BY_RETIRED_KEY);
    assert!(is_refused(&refused), "{refused:?}");
    let resealed = method.resealed(sealed_by(SealingKey::Data(new.id))).expect("active");
    let _ =
        commit(store, vec![Save::changed(Arc::clone(&method), resealed.clone())]).await.expect("resealed");
    let read = store.method(&own, method.id).await.expect("readable").expect("it is there");
    assert_eq!((&*read, read.version), (&resealed, method.version), "nobody outside sees a change");
    saved_change(store, &old, old.retired(at(60)).expect("usable")).await.expect("nothing is under it");
    let stale = commit(store, vec![applied(&method, &MethodCommand::BecomeDefault)]).await.map(|_| ());
    assert!(is_refused(&stale), "it would bring the old ciphertext back: {stale:?}");
    let late = sealed_method(store, &own, 2, SealingKey::Data(old.id)).await.map(|_| ());
    assert!(is_refused(&late), "{late:?}");
    let nowhere = SealingKey::Data(DataKeyId::from_uuid(Uuid::from_u128(99)));
    let nowhere = sealed_method(store, &own, 3, nowhere).await.map(|_| ());
    assert!(is_refused(&nowhere), "{nowhere:?}");
    let foreign = sealed_method(store, &tenant("retired-2"), 4, SealingKey::Data(new.id)).await.map(|_| ());
    assert!(is_refused(&foreign), "another tenant's key: {foreign:?}");
    let of_credentials = SealingKey::Data(saved_credentials_key(store, &own).await.id);
    let of_credentials = sealed_method(store, &own, 5, of_credentials).await.map(|_| ());
    assert!(is_refused(&of_credentials), "a key of another purpose: {of_credentials:?}");
    let _ = commit(store, vec![applied(&read, &MethodCommand::Delete)]).await.expect("deleted");
    let lost = commit(store, vec![Save::changed(read, resealed)]).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "a deleted method gets no secrets back: {lost:?}");
}

/// What is sealed otherwise than under a key is found: by an older key, by a newer one, by the installation's own.
///
/// # Panics
/// When the promise is broken.
pub async fn what_is_sealed_otherwise_is_found<S: MethodStore + KeyStore>(store: &S) {
    let own = tenant("otherwise");
    let mut keys = Vec::new();
    for number in 1..=3 {
        keys.push(saved_key(store, &own, number).await.id);
    }
    let (target, mut ids) = (keys[1], Vec::new());
    let sealings = [
        SealingKey::Installation(1),
        SealingKey::Data(keys[0]),
        SealingKey::Data(target),
        SealingKey::Data(keys[2]),
        SealingKey::Data(keys[0]),
    ];
    for (number, key) in (1..).zip(sealings) {
        ids.push(sealed_method(store, &own, number, key).await.expect("saved"));
    }
    let _ = commit(store, vec![applied(&ids[4], &MethodCommand::Delete)]).await.expect("deleted");
    let found = async |except: &[MethodId], limit| {
        let found = store.sealed_otherwise(&own, target, except, limit).await.expect("readable");
        let mut found: Vec<_> = found.iter().map(|method| method.id).collect();
        found.sort();
        found
    };
    assert_eq!(found(&[], 100).await, [ids[0].id, ids[1].id, ids[3].id]);
    assert_eq!(found(&[ids[1].id], 100).await, [ids[0].id, ids[3].id]);
    assert_eq!(found(&[], 2).await.len(), 2);
    assert_eq!(store.count_sealed_otherwise(&own, PURPOSE, target).await.expect("readable"), 3);
    let credentials = store.count_sealed_otherwise(&own, KeyPurpose::ConnectorCredentials, target).await;
    assert_eq!(credentials.expect("readable"), 0, "methods are none");
    let nobody = store.sealed_otherwise(&tenant("otherwise-2"), target, &[], 100).await;
    assert!(nobody.expect("readable").is_empty());
}

/// A rotation is read as it was saved, is found while it runs, and is the only one of its tenant until it has ended.
///
/// # Panics
/// When the promise is broken.
pub async fn one_rotation_runs_at_a_time<S: KeyStore>(store: &S) {
    let own = tenant("rotating");
    let key = saved_key(store, &own, 1).await;
    let credentials = saved_credentials_key(store, &own).await;
    let new = |number: u128| KeyRotation {
        tenant: own.clone(),
        id: JobId::of(JobOwner::Vault, Uuid::from_u128(number << 64)),
        version: Version::FIRST,
        to: key.id,
        credentials_to: (number == 1).then_some(credentials.id),
        total: 3,
        done: 0,
        failures: Vec::new(),
        created_by: "ada".into(),
        created_at: at(1),
        finished_at: None,
    };
    let begin = async |rotation: &KeyRotation| {
        let change = Change::of(own.clone()).save(Save::new(rotation.clone())).guarded(rotation.begun());
        store.commit(change).await
    };
    let (one, two) = (new(1), new(2));
    let _ = begin(&one).await.expect("begun");
    let second = begin(&two).await;
    let running = one.id.to_string();
    assert!(
        matches!(&second, Err(CommitError::ClaimTaken { kind: RUNNING_ROTATION, owner, .. }) if *owner == running),
        "{second:?}"
    );
    let is_listed = async |rotation: &KeyRotation| {
        store.running_rotations(100).await.expect("readable").contains(rotation)
    };
    assert!(is_listed(&one).await);
    let lost = MethodId::from_uuid(Uuid::from_u128(4));
    let failure = RotationFailure {
        payment_method_id: Some(lost),
        connector_id: None,
        error: "it does not open".into(),
    };
    let on = one.progressed(2, vec![failure]);
    let saved = |before: &KeyRotation, after: &KeyRotation| {
        Change::of(own.clone()).save(Save::changed(before.clone(), after.clone()))
    };
    let _ = store.commit(saved(&one, &on)).await.expect("gone on with");
    let stale = store.commit(saved(&one, &one.progressed(1, Vec::new()))).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "a page counts once: {stale:?}");
    let ended = on.finished(at(9));
    let _ = store.commit(saved(&on, &ended).guarded(ended.ended())).await.expect("ended");
    assert_eq!(store.rotation(&own, one.id).await.expect("readable"), Some(ended.clone()));
    assert_eq!(store.rotation(&tenant("rotating-2"), one.id).await.expect("readable"), None);
    assert!(!is_listed(&ended).await);
    let _ = begin(&two).await.expect("the next one begins");
}

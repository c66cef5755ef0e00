//! What every [`OperationsStore`] promises. Each function is one promise; each takes tenants of its own, so that they
//! may share a store.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use futures_util::future::join_all;
use tender_domain::kernel::Currency;
use tender_domain::kernel::{
    Answer, Change, CommitError, Committed, Cursor, Direction, Guard, KeyId, KeyScope, KeyState, KeyWrite,
    Page, PageRequest, RequestFingerprint, Save, Scope, ScopeSet, TenantId, Timestamp,
};
use tender_domain::operations::{
    ApiKey, ApiKeyFilter, ApiKeyStatus, DefaultCaptureMode, IssueApiKey, MaskedKey, OperationsStore,
    SettingsPatch, Tenant, TenantSettings, ThreeDsPolicy,
};
use tender_domain::ports::ApiKeyLookup;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::seconds(second)
}

fn tenant(name: &str) -> TenantId {
    format!("ops-{name}").parse().expect("a tenant's name")
}

/// The `n`th key of a tenant: issued at second `n`, counting for 100 seconds if `n` is even.
fn key(tenant: &TenantId, n: u8) -> ApiKey {
    let mut hash = [n; 32];
    let name = tenant.as_str().as_bytes();
    hash[1..=name.len()].copy_from_slice(name);
    let command = IssueApiKey {
        id: KeyId::from_uuid(Uuid::from_u128(u128::from(n))),
        tenant: tenant.clone(),
        name: format!("key {n}"),
        lookup: ApiKeyLookup(hash),
        masked: MaskedKey { prefix: "sk_test_".to_owned(), last4: "aB3z".to_owned() },
        scopes: [Scope::IntentsRead, Scope::KeysWrite].into_iter().collect(),
        publishable: false,
        livemode: false,
        expires_at: n.is_multiple_of(2).then(|| at(i64::from(n) + 100)),
        issued_by: Arc::from("command"),
        issuer_scopes: ScopeSet::all_of_a_tenant(),
    };
    ApiKey::issue(command, at(i64::from(n))).expect("a good command").0
}

async fn issue(store: &dyn OperationsStore, key: &ApiKey) {
    let change = Change::of(key.tenant.clone()).save(Save::new(key.clone()));
    if let Err(error) = store.commit(change).await {
        panic!("{} was not issued: {error}", key.name);
    }
}

async fn revoke(store: &dyn OperationsStore, key: &ApiKey) -> Result<Committed, CommitError> {
    let (after, _event) = key.revoke(at(500)).expect("it was not revoked");
    store.commit(Change::of(key.tenant.clone()).save(Save::changed(key.clone(), after))).await
}

async fn list(
    store: &dyn OperationsStore,
    tenant: &TenantId,
    status: Option<(ApiKeyStatus, Timestamp)>,
    page: (u32, Option<u8>, Direction),
) -> Page<String> {
    let (limit, from, direction) = page;
    let cursor = from.map(|n| Cursor(Uuid::from_u128(u128::from(n))));
    let request = PageRequest::new(limit, cursor, direction).expect("a limit in range");
    let page =
        store.api_keys(tenant, &ApiKeyFilter { status }, &request).await.expect("the store can be read");
    page.map(|key| key.name)
}

/// A tenant is read as it was made, is listed by name, and a second one of its name never lands.
///
/// # Panics
/// When the promise is broken.
pub async fn a_tenant_is_made_once(store: &dyn OperationsStore) {
    let (first, second) = (tenant("made-1"), tenant("made-2"));
    for (id, name) in [(&second, None), (&first, Some("The First"))] {
        assert_eq!(store.tenant(id).await.expect("readable"), None);
        let made = Tenant::create(id.clone(), name, at(1)).expect("a good name");
        let claim = Guard::Claim { kind: "tenant", key: String::new(), owner: "one".to_owned() };
        let change = Change::of(id.clone()).save(Save::new(made.clone())).guarded(claim);
        store.commit(change).await.map(drop).expect("a new tenant");
        assert_eq!(store.tenant(id).await.expect("readable"), Some(made));
    }
    let listed = store.tenants(Some(&tenant("made"))).await.expect("readable");
    let names: Vec<_> = listed.iter().map(|tenant| tenant.tenant.clone()).take(2).collect();
    assert_eq!(names, [first.clone(), second.clone()]);
    let beyond = store.tenants(Some(&first)).await.expect("readable");
    assert_eq!(beyond.first().map(|tenant| &tenant.tenant), Some(&second));

    let again = Tenant::create(first.clone(), None, at(2)).expect("a good name");
    let unclaimed = Change::of(first.clone()).save(Save::new(again));
    let claim = Guard::Claim { kind: "tenant", key: String::new(), owner: "two".to_owned() };
    let lost = store.commit(unclaimed.clone().guarded(claim)).await;
    assert!(matches!(lost, Err(CommitError::ClaimTaken { kind: "tenant", .. })), "{lost:?}");
    let refused = store.commit(unclaimed).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
}

/// A key is read as it was issued and as it was revoked, by its id and by its hash; by nobody else's tenant.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_read_as_it_was_committed(store: &dyn OperationsStore) {
    let tenant = tenant("keys-read");
    let mut key = key(&tenant, 2);
    assert_eq!(store.api_key_by_lookup(&key.lookup).await.expect("readable"), None);
    issue(store, &key).await;
    for _ in 0..2 {
        assert_eq!(store.api_key(&tenant, key.id).await.expect("readable").as_ref(), Some(&key));
        assert_eq!(store.api_key_by_lookup(&key.lookup).await.expect("readable").as_ref(), Some(&key));
        if key.revoked_at.is_none() {
            revoke(store, &key).await.map(drop).expect("the version that was read");
            key = key.revoke(at(500)).expect("it was not revoked").0;
        }
    }
    let other = self::tenant("keys-read-other");
    assert_eq!(store.api_key(&other, key.id).await.expect("readable"), None);
    assert!(list(store, &other, None, (10, None, Direction::Older)).await.data.is_empty());
}

/// Keys are listed newest first, page by page, both ways, and by where they stand.
///
/// # Panics
/// When the promise is broken.
pub async fn keys_are_listed_newest_first_both_ways(store: &dyn OperationsStore) {
    let tenant = tenant("keys-list");
    for n in 1..=5 {
        issue(store, &key(&tenant, n)).await;
    }
    revoke(store, &key(&tenant, 5)).await.map(drop).expect("the version that was read");
    let names = |numbers: &[u8]| numbers.iter().map(|n| format!("key {n}")).collect::<Vec<_>>();
    for (page, numbers, has_more) in [
        ((2, None, Direction::Older), &[5, 4][..], true),
        ((2, Some(4), Direction::Older), &[3, 2], true),
        ((2, Some(2), Direction::Older), &[1], false),
        ((2, Some(1), Direction::Newer), &[3, 2], true),
        ((2, Some(3), Direction::Newer), &[5, 4], false),
    ] {
        let expected = Page { data: names(numbers), has_more };
        assert_eq!(list(store, &tenant, None, page).await, expected, "{page:?}");
    }
    // At second 103 key 2 has expired, key 4 not yet; keys 1 and 3 never do.
    for (status, numbers) in
        [(ApiKeyStatus::Active, &[4, 3, 1][..]), (ApiKeyStatus::Expired, &[2]), (ApiKeyStatus::Revoked, &[5])]
    {
        let listed = list(store, &tenant, Some((status, at(103))), (10, None, Direction::Older)).await;
        assert_eq!(listed.data, names(numbers), "{status:?}");
    }
}

/// Of many who revoke one key at once, one is told that it did; the others load again.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_revoked_once(store: &dyn OperationsStore) {
    let key = key(&tenant("keys-race"), 1);
    issue(store, &key).await;
    let results = join_all((0..20).map(|_| revoke(store, &key))).await;
    let done = results.iter().filter(|result| result.is_ok()).count();
    let stale = results.iter().filter(|result| matches!(result, Err(CommitError::Conflict))).count();
    assert_eq!((done, stale), (1, 19), "{results:?}");
}

fn all_settings(minor: i64) -> SettingsPatch {
    SettingsPatch {
        allowed_methods: Some(vec!["card".to_owned(), "ideal".to_owned()]),
        default_capture_mode: Some(DefaultCaptureMode::Manual),
        max_authorization: [(Currency::BHD, Some(minor)), (Currency::JPY, Some(7))].into(),
        three_ds_policy: Some(ThreeDsPolicy::Never),
        risk_analysis_max_eur: Some(if minor > 1 { 50_000 } else { 10_000 }),
        dispute_retention_days: Some(400),
        max_attempts: Some(9),
        allowed_origins: Some(vec!["https://shop.example".to_owned()]),
    }
}

/// Settings are read as they were set, first and again, and a stale change loses.
///
/// # Panics
/// When the promise is broken.
pub async fn settings_are_read_as_they_were_set(store: &dyn OperationsStore) {
    let tenant = tenant("settings");
    assert_eq!(store.settings(&tenant).await.expect("readable"), None);
    let (first, _) = TenantSettings::first(tenant.clone(), all_settings(1), at(1)).expect("in range");
    let change = Change::of(tenant.clone()).save(Save::new(first.clone()));
    store.commit(change).await.map(drop).expect("first settings");
    assert_eq!(store.settings(&tenant).await.expect("readable").as_ref(), Some(&first));

    let (second, _) =
        first.change(all_settings(999_999_999_999), at(2)).expect("in range").expect("a change");
    let change = Change::of(tenant.clone()).save(Save::changed(first, second.clone()));
    store.commit(change.clone()).await.map(drop).expect("the version that was read");
    assert_eq!(store.settings(&tenant).await.expect("readable"), Some(second));
    let stale = store.commit(change).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
}

/// A tenant is found that was made and has no settings, and not any more once it has some.
///
/// # Panics
/// When the promise is broken.
pub async fn tenants_without_settings_are_found(store: &dyn OperationsStore) {
    let (set, unset, unmade) = (tenant("with-settings"), tenant("unset"), tenant("unmade"));
    let first = |tenant: &TenantId| {
        let (first, _) = TenantSettings::first(tenant.clone(), all_settings(1), at(1)).expect("in range");
        Save::new(first)
    };
    for made in [&set, &unset] {
        let made = Tenant::create(made.clone(), None, at(1)).expect("a good name");
        let change = Change::of(made.tenant.clone()).save(Save::new(made));
        store.commit(change).await.map(drop).expect("a new tenant");
    }
    for tenant in [&set, &unmade] {
        let change = Change::of(tenant.clone()).save(first(tenant));
        store.commit(change).await.map(drop).expect("first settings");
    }
    let found = store.tenants_without_settings(100).await.expect("readable");
    assert!(found.contains(&unset) && !found.contains(&set) && !found.contains(&unmade), "{found:?}");
    assert_eq!(store.tenants_without_settings(1).await.expect("readable").len(), 1);
    store.commit(Change::of(unset.clone()).save(first(&unset))).await.map(drop).expect("first settings");
    let found = store.tenants_without_settings(100).await.expect("readable");
    assert!(!found.contains(&unset), "{found:?}");
}

/// Of many who set something first at once, one does; the others learn that somebody was faster.
///
/// # Panics
/// When the promise is broken.
pub async fn settings_are_first_set_once(store: &dyn OperationsStore) {
    let tenant = tenant("settings-race");
    let set = async |n: i64| {
        let (first, _) = TenantSettings::first(tenant.clone(), all_settings(n), at(n)).expect("in range");
        let claim = Guard::Claim { kind: "first_settings", key: String::new(), owner: n.to_string() };
        store.commit(Change::of(tenant.clone()).save(Save::new(first)).guarded(claim)).await
    };
    let results = join_all((1..=10).map(set)).await;
    let done = results.iter().filter(|result| result.is_ok()).count();
    let late = results.iter().filter(|result| matches!(result, Err(CommitError::ClaimTaken { .. }))).count();
    assert_eq!((done, late), (1, 9), "{results:?}");
}

/// The answer of a key that issued an API key is kept with it, and a second call with the key changes nothing.
///
/// # Panics
/// When the promise is broken.
pub async fn an_idempotency_key_issues_one_key(store: &dyn OperationsStore) {
    let tenant = tenant("idempotent");
    let scope = KeyScope { route: "POST /v1/payments/keys", key: Arc::from("once") };
    let answer = Answer { status: 201, body: Arc::from("{}") };
    let keyed = |n: u8| {
        let key = key(&tenant, n);
        let record = KeyWrite::Record {
            scope: scope.clone(),
            fingerprint: RequestFingerprint([1; 32]),
            resource: key.id.to_string(),
            answer: answer.clone(),
            at: at(1),
        };
        Change::of(tenant.clone()).save(Save::new(key)).keyed(record)
    };
    store.commit(keyed(1)).await.map(drop).expect("a new key");
    let taken = store.commit(keyed(2)).await;
    assert!(matches!(taken, Err(CommitError::KeyTaken(_))), "{taken:?}");
    let record = store.key(&tenant, &scope).await.expect("readable").expect("the record");
    assert_eq!(record.state, KeyState::Done(answer));
    assert_eq!(list(store, &tenant, None, (10, None, Direction::Older)).await.data, ["key 1"]);
}

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! operations_promises {
    ($store:path) => {
        $crate::operations_promises!(@each $store:
            a_tenant_is_made_once,
            a_key_is_read_as_it_was_committed,
            keys_are_listed_newest_first_both_ways,
            a_key_is_revoked_once,
            settings_are_read_as_they_were_set,
            tenants_without_settings_are_found,
            settings_are_first_set_once,
            an_idempotency_key_issues_one_key,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::operations::$promise(&store).await;
        }
    )+};
}

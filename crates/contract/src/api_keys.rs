//! What every [`ApiKeyProjection`] promises. Each function is one promise with keys of its own, so that they may share
//! a store.

use chrono::{DateTime, Duration};
use tender_domain::kernel::{KeyId, Scope, TenantId, Timestamp, Version};
use tender_domain::ports::{ApiKeyGrant, ApiKeyLookup, ApiKeyProjection, ProjectedKey};
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::seconds(second)
}

fn key(n: u8, version: i64, confirmed_at: Timestamp) -> ProjectedKey {
    let grant = ApiKeyGrant {
        id: KeyId::from_uuid(Uuid::from_u128(u128::from(n))),
        tenant: TenantId::sandbox(),
        publishable: false,
        livemode: true,
        scopes: [Scope::IntentsRead, Scope::RefundsWrite].into_iter().collect(),
        expires_at: Some(at(1000)),
        revoked_at: (version > 1).then(|| at(version)),
    };
    ProjectedKey { lookup: ApiKeyLookup([n; 32]), grant, version: Version::new(version), confirmed_at }
}

async fn found(projection: &dyn ApiKeyProjection, n: u8) -> Option<ProjectedKey> {
    projection.find(&ApiKeyLookup([n; 32])).await.expect("the projection can be read")
}

async fn record(projection: &dyn ApiKeyProjection, key: &ProjectedKey) {
    projection.record(key).await.expect("the projection can be written");
}

/// A key is found as it was recorded, and only by its own hash.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_found_as_it_was_recorded(projection: &dyn ApiKeyProjection) {
    assert_eq!(found(projection, 1).await, None);
    let recorded = key(1, 1, at(0));
    record(projection, &recorded).await;
    assert_eq!(found(projection, 1).await, Some(recorded));
    assert_eq!(found(projection, 2).await, None);
}

/// A later version replaces an earlier one, never the other way round, in whatever order they come.
///
/// # Panics
/// When the promise is broken.
pub async fn what_is_older_changes_nothing(projection: &dyn ApiKeyProjection) {
    record(projection, &key(3, 2, at(10))).await;
    record(projection, &key(3, 1, at(20))).await;
    assert_eq!(found(projection, 3).await, Some(key(3, 2, at(10))), "revoked stays revoked");
    record(projection, &key(3, 3, at(5))).await;
    assert_eq!(found(projection, 3).await, Some(key(3, 3, at(5))));
}

/// The same version confirmed again is kept with the later time, so that it is trusted from then on.
///
/// # Panics
/// When the promise is broken.
pub async fn a_confirmation_makes_a_key_younger_never_older(projection: &dyn ApiKeyProjection) {
    record(projection, &key(4, 1, at(10))).await;
    record(projection, &key(4, 1, at(70))).await;
    record(projection, &key(4, 1, at(40))).await;
    assert_eq!(found(projection, 4).await, Some(key(4, 1, at(70))));
}

/// One test for every promise. The argument is an async function that gives a projection and whatever must live as long
/// as the test.
#[macro_export]
macro_rules! api_key_projection_promises {
    ($projection:path) => {
        $crate::api_key_projection_promises!(@each $projection:
            a_key_is_found_as_it_was_recorded,
            what_is_older_changes_nothing,
            a_confirmation_makes_a_key_younger_never_older,
        );
    };
    (@each $projection:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (projection, _alive) = $projection().await;
            $crate::api_keys::$promise(&projection).await;
        }
    )+};
}

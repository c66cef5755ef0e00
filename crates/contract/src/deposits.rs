//! What every [`DepositStore`](tender_domain::deposits::DepositStore) promises, with the unit of work of the intents
//! beside it.

use std::sync::Arc;

use tender_domain::deposits::{DepositStore, DepositTerms, HotelPolicies, RatePlanPolicy};
use tender_domain::intents::IntentStore;
use tender_domain::kernel::{Change, CommitError, Currency, Save, TenantId, Timestamp};

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! deposit_promises {
    ($store:path) => {
        #[tokio::test]
        async fn deposit_policies_are_read_as_they_were_saved_and_a_stale_change_is_a_conflict() {
            let (store, _alive) = $store().await;
            $crate::deposits::policies_are_read_as_they_were_saved(&store).await;
        }
    };
}

/// Every kind of terms, for its tenant and hotel only.
///
/// # Panics
/// When the promise is broken.
pub async fn policies_are_read_as_they_were_saved<S: IntentStore + DepositStore>(store: &S) {
    let acme: TenantId = "deposits".parse().expect("test tenants are named well");
    let at = |second: i64| Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("it exists");
    let hotel = "Hotel \"é'\\";
    let read = async |tenant: &TenantId, hotel: &str| {
        store.deposit_policies(tenant, hotel).await.expect("it can be read")
    };
    assert_eq!(read(&acme, hotel).await, None);
    let terms = [
        DepositTerms::None,
        DepositTerms::FullPrepayment,
        DepositTerms::Percentage(3_333),
        DepositTerms::FixedAmount { minor: 999_999_999_999, currency: Currency::BHD },
        DepositTerms::FirstNight,
        DepositTerms::NonRefundable,
    ];
    let policies = (0_u8..).zip(terms).map(|(number, terms)| RatePlanPolicy {
        rate_plan: (number > 0).then(|| format!("plan '{number}\"")),
        terms,
    });
    let first = HotelPolicies::first(acme.clone(), hotel.to_owned(), policies.collect(), at(0));
    let first = Arc::new(first.expect("good policies"));
    let commit = |save: Save<HotelPolicies>| store.commit(Change::of(acme.clone()).save(save));
    assert!(commit(Save::new(Arc::clone(&first))).await.is_ok());
    assert_eq!(read(&acme, hotel).await.as_ref(), Some(&*first));
    let second = Arc::new(first.replace(Vec::new(), at(1)).expect("none is fine"));
    assert!(commit(Save::changed(Arc::clone(&first), Arc::clone(&second))).await.is_ok());
    assert_eq!(read(&acme, hotel).await.as_ref(), Some(&*second));
    let stale = commit(Save::changed(Arc::clone(&first), second)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let again = commit(Save::new(first)).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    assert_eq!(read(&acme, "other").await, None);
    assert_eq!(read(&"deposits-2".parse().expect("a tenant"), hotel).await, None);
}

//! What every [`HotelStore`](tender_domain::hotels::HotelStore) promises, with the unit of work of the intents beside it.

use tender_domain::hotels::{BookingChannel, HotelPayment, HotelStore};
use tender_domain::intents::{IntentStore, PageLocation};
use tender_domain::kernel::{Change, CommitError, IntentId, TenantId};
use tender_domain::payment_links::Guest;
use uuid::Uuid;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! hotel_promises {
    ($store:path) => {
        #[tokio::test]
        async fn what_a_hotel_wants_kept_of_a_payment_is_written_once_and_read_by_its_own_tenant() {
            let (store, _alive) = $store().await;
            $crate::hotels::a_payment_is_kept_as_it_was_written(&store).await;
        }

        #[tokio::test]
        async fn a_payment_page_is_found_without_a_tenant_and_is_nobody_elses() {
            let (store, _alive) = $store().await;
            $crate::hotels::a_page_is_located_once(&store).await;
        }
    };
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

/// Whole, for its tenant and intent only.
///
/// # Panics
/// When the promise is broken.
pub async fn a_payment_is_kept_as_it_was_written<S: IntentStore + HotelStore>(store: &S) {
    let own = tenant("hotels");
    let id = IntentId::from_uuid(Uuid::from_u128(70));
    let full = HotelPayment {
        tenant: own.clone(),
        intent_id: id,
        hotel_id: "Hotel \"é'\\".to_owned(),
        channel: BookingChannel::Agent,
        booking_reference: Some("ABC'123".to_owned()),
        guest: Guest {
            name: Some("Ada \"O'Neil\"".to_owned()),
            locale: Some("de".to_owned()),
            ..Guest::default()
        },
        success_url: Some("https://booking.example/paid?a='b'".to_owned()),
        failure_url: Some("https://booking.example/not".to_owned()),
    };
    let bare = HotelPayment {
        intent_id: IntentId::from_uuid(Uuid::from_u128(71)),
        channel: BookingChannel::PaymentLink,
        booking_reference: None,
        guest: Guest::default(),
        success_url: None,
        failure_url: None,
        ..full.clone()
    };
    for payment in [&full, &bare] {
        assert!(store.commit(Change::of(own.clone()).save(payment.clone())).await.is_ok());
        let read = store.hotel_payment(&own, payment.intent_id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(payment));
    }
    assert_eq!(store.hotel_payment(&tenant("hotels-2"), id).await.expect("it can be read"), None);
    let again = HotelPayment { hotel_id: "another".to_owned(), ..full.clone() };
    let again = store.commit(Change::of(own.clone()).save(again)).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    assert_eq!(store.hotel_payment(&own, id).await.expect("it can be read"), Some(full));
}

/// A key that is taken refuses the change, whoever's it is.
///
/// # Panics
/// When the promise is broken.
pub async fn a_page_is_located_once<S: IntentStore + HotelStore>(store: &S) {
    let (own, other) = (tenant("pages"), tenant("pages-2"));
    let page = |tenant: &TenantId| PageLocation { tenant: tenant.clone(), key: "apm_'1'".to_owned() };
    assert_eq!(store.tenant_of_page("apm_'1'").await.expect("it can be read"), None);
    assert!(store.commit(Change::of(own.clone()).save(page(&own))).await.is_ok());
    for tenant in [&own, &other] {
        let taken = store.commit(Change::of(tenant.clone()).save(page(tenant))).await;
        assert!(matches!(taken, Err(CommitError::Refused { .. })), "{taken:?}");
    }
    assert_eq!(store.tenant_of_page("apm_'1'").await.expect("it can be read"), Some(own));
}

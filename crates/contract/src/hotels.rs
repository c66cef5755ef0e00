//! What every [`HotelStore`](tender_domain::hotels::HotelStore) promises, with the unit of work of the intents beside it.

use chrono::NaiveDate;
use tender_domain::deposits::{EvaluatedDeposit, PolicyType};
use tender_domain::hotels::{
    Booking, BookingChannel, HotelAgent, HotelNotification, HotelPayment, HotelReservation, HotelSettings,
    HotelStore, HotelValues, HotelWrite, NewNotification, NotificationWay, PaymentEnd,
};
use tender_domain::intents::{IntentStore, PageLocation};
use tender_domain::kernel::{
    Change, CommitError, Currency, IntentId, Money, NotificationId, PaymentLinkId, Save, TenantId, Timestamp,
    Version,
};
use tender_domain::notices::Dispatch;
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
        async fn a_reservation_is_kept_in_every_state_and_a_stale_change_is_a_conflict() {
            let (store, _alive) = $store().await;
            $crate::hotels::a_reservation_is_read_as_it_was_saved(&store).await;
        }

        #[tokio::test]
        async fn a_hotels_settings_are_read_as_they_were_set_and_two_first_ones_are_one() {
            let (store, _alive) = $store().await;
            $crate::hotels::settings_are_read_as_they_were_saved(&store).await;
        }

        #[tokio::test]
        async fn a_message_of_an_end_is_due_until_it_ended_and_is_never_kept_twice() {
            let (store, _alive) = $store().await;
            $crate::hotels::a_notification_is_due_until_it_ended(&store).await;
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
        notification_url: Some("https://booking.example/told".to_owned()),
    };
    let bare = HotelPayment {
        intent_id: IntentId::from_uuid(Uuid::from_u128(71)),
        channel: BookingChannel::PaymentLink,
        booking_reference: None,
        guest: Guest::default(),
        success_url: None,
        failure_url: None,
        notification_url: None,
        ..full.clone()
    };
    for payment in [&full, &bare] {
        assert!(store.commit(Change::of(own.clone()).save(HotelWrite::from(payment.clone()))).await.is_ok());
        let read = store.hotel_payment(&own, payment.intent_id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(payment));
    }
    assert_eq!(store.hotel_payment(&tenant("hotels-2"), id).await.expect("it can be read"), None);
    let again = HotelPayment { hotel_id: "another".to_owned(), ..full.clone() };
    let again = store.commit(Change::of(own.clone()).save(HotelWrite::from(again))).await;
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
    assert!(store.commit(Change::of(own.clone()).save(HotelWrite::Page(page(&own)))).await.is_ok());
    for tenant in [&own, &other] {
        let taken = store.commit(Change::of(tenant.clone()).save(HotelWrite::Page(page(tenant)))).await;
        assert!(matches!(taken, Err(CommitError::Refused { .. })), "{taken:?}");
    }
    assert_eq!(store.tenant_of_page("apm_'1'").await.expect("it can be read"), Some(own));
}

fn reservation(tenant: &TenantId) -> HotelReservation {
    let day = |day| NaiveDate::from_ymd_opt(2027, 5, day).expect("a day of May");
    let booking = Booking {
        hotel_id: "Hotel \"é'\\".to_owned(),
        rate_plan: Some("flex'".to_owned()),
        guest: Guest { email: Some("ada@example.com".to_owned()), ..Guest::default() },
        total: Money::new(999_999_999_999, Currency::BHD),
        arrival: day(1),
        departure: day(4),
        channel: BookingChannel::GuestBooking,
    };
    let deposit = EvaluatedDeposit {
        policy_type: PolicyType::FirstNight,
        amount: Money::new(333_333_333_333, Currency::BHD),
        policy_version: Version::new(7),
    };
    let at = Timestamp::from_timestamp(1_800_000_000, 123_456_000).expect("it exists");
    HotelReservation::create((tenant.clone(), "R-'1'".to_owned()), booking, deposit, at)
}

/// In every state, for its tenant only; from a stale version it is a conflict.
///
/// # Panics
/// When the promise is broken.
pub async fn a_reservation_is_read_as_it_was_saved<S: IntentStore + HotelStore>(store: &S) {
    let (own, id) = (tenant("reservations"), IntentId::from_uuid(Uuid::from_u128(72)));
    let read = async |tenant: &TenantId| store.reservation(tenant, "R-'1'").await.expect("it can be read");
    let commit = async |save: Save<HotelReservation>| {
        store.commit(Change::of(own.clone()).save(HotelWrite::Reservation(save))).await
    };
    assert_eq!(read(&own).await, None);
    let new = reservation(&own);
    assert!(commit(Save::new(new.clone())).await.is_ok());
    assert_eq!(read(&own).await.as_ref(), Some(&new));
    assert_eq!(read(&tenant("reservations-2")).await, None);
    assert!(matches!(commit(Save::new(new.clone())).await, Err(CommitError::Refused { .. })));
    let link = PaymentLinkId::from_uuid(Uuid::from_u128(73));
    let asked = new.asked_by(Some(id), Some(link), new.created_at);
    let paid = asked.record_paid(id, new.deposit.amount, new.created_at).expect("it is new");
    let canceled = paid.cancel(new.created_at).expect("it holds");
    for (before, after) in [(&new, &asked), (&asked, &paid), (&paid, &canceled)] {
        assert!(commit(Save::changed(before.clone(), after.clone())).await.is_ok());
        assert_eq!(read(&own).await.as_ref(), Some(after));
    }
    let stale = commit(Save::changed(asked.clone(), paid)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("it exists")
}

/// For its tenant and hotel only; from a stale version it is a conflict.
///
/// # Panics
/// When the promise is broken.
pub async fn settings_are_read_as_they_were_saved<S: IntentStore + HotelStore>(store: &S) {
    let (own, hotel) = (tenant("hotel-settings"), "Hotel \"é'\\");
    let read =
        async |tenant: &TenantId, hotel: &str| store.hotel_settings(tenant, hotel).await.expect("read");
    let commit = async |save: Save<HotelSettings>| {
        store.commit(Change::of(own.clone()).save(HotelWrite::Settings(save))).await
    };
    assert_eq!(read(&own, hotel).await, None);
    let full = HotelValues {
        psp: Some("simulator".to_owned()),
        locale: Some("pt-BR".to_owned()),
        notification_url: Some("https://booking.example/told?a='b'".to_owned()),
        notification_emails: vec!["o'neil@example.org".to_owned(), "desk@example.org".to_owned()],
        agents: vec![HotelAgent {
            agent_id: "usr_\"o'neil\"".to_owned(),
            email: "agent@example.org".to_owned(),
        }],
    };
    let first = HotelSettings::first(own.clone(), hotel.to_owned(), full, at(0));
    assert!(commit(Save::new(first.clone())).await.is_ok());
    assert_eq!(read(&own, hotel).await.as_ref(), Some(&first));
    assert_eq!((read(&own, "other").await, read(&tenant("hotel-settings-2"), hotel).await), (None, None));
    assert!(matches!(commit(Save::new(first.clone())).await, Err(CommitError::Refused { .. })));
    let bare = first.replace(HotelValues::default(), at(1));
    assert!(commit(Save::changed(first.clone(), bare.clone())).await.is_ok());
    assert_eq!(read(&own, hotel).await.as_ref(), Some(&bare));
    let stale = commit(Save::changed(first, bare)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
}

fn notification(tenant: &TenantId, number: u128, way: NotificationWay) -> HotelNotification {
    HotelNotification {
        tenant: tenant.clone(),
        intent_id: IntentId::from_uuid(Uuid::from_u128(80)),
        intent_version: Version::new(3),
        end: PaymentEnd::Completed,
        told: NewNotification {
            id: NotificationId::from_uuid(Uuid::from_u128(number)),
            way,
            address: "desk'@hotel.example".to_owned(),
            subject: (way == NotificationWay::Email).then(|| "it's \"paid\"".to_owned()),
            body: "{\"a\": 'b'}\n\\".to_owned(),
        },
        version: Version::FIRST,
        dispatch: Dispatch::requested(at(0)),
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Of all tenants; and of one event there is one message to one address.
///
/// # Panics
/// When the promise is broken.
pub async fn a_notification_is_due_until_it_ended<S: IntentStore + HotelStore>(store: &S) {
    use tender_domain::ports::NotifyError;
    let own = tenant("hotel-notices");
    let commit = async |save: Save<HotelNotification>| {
        store.commit(Change::of(own.clone()).save(HotelWrite::Notification(save))).await
    };
    let due = async |now| {
        let due = store.due_notifications(now, 1_000).await.expect("it can be read");
        let own = due.into_iter().filter(|(tenant, _)| *tenant == own).map(|(_, id)| id.uuid().as_u128());
        own.collect::<Vec<_>>()
    };
    let (called, mailed) =
        (notification(&own, 81, NotificationWay::Url), notification(&own, 82, NotificationWay::Email));
    for new in [&called, &mailed] {
        assert!(commit(Save::new(new.clone())).await.is_ok());
        let read = store.hotel_notification(&own, new.told.id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(new));
    }
    let again = commit(Save::new(notification(&own, 83, NotificationWay::Url))).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "never twice for one event: {again:?}");
    assert_eq!(due(at(-1)).await, [0_u128; 0]);
    let mut both = due(at(0)).await;
    both.sort_unstable();
    assert_eq!(both, [81, 82]);
    let taken = called.taken(at(1)).expect("it is due");
    let away = Err(NotifyError::Unavailable("é \"'".to_owned()));
    let (later, _) = taken.tried(away, at(2)).expect("it is open");
    let (sent, _) = later.tried(Ok(()), at(100)).expect("it is open");
    for (before, after) in [(&called, &taken), (&taken, &later), (&later, &sent)] {
        assert!(commit(Save::changed(before.clone(), after.clone())).await.is_ok());
        let read = store.hotel_notification(&own, after.told.id).await.expect("it can be read");
        assert_eq!(read.as_ref(), Some(after));
    }
    assert_eq!(due(at(1_000_000)).await, [82], "what was sent is not due");
    let stale = commit(Save::changed(called, taken)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let of_payment = async |limit| {
        let payment = IntentId::from_uuid(Uuid::from_u128(80));
        store.notifications_of_payment(&own, payment, limit).await.expect("it can be read")
    };
    assert_eq!((of_payment(10).await, of_payment(1).await.len()), (vec![mailed, sent], 1));
}

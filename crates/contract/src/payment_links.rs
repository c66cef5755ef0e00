//! What every [`PaymentLinkStore`](tender_domain::payment_links::PaymentLinkStore) promises, with the unit of work of the
//! intents beside it. Each function is one promise with tenants of its own, so that they may share a store.

use std::sync::Arc;

use tender_domain::intents::IntentStore;
use tender_domain::kernel::{
    Change, CommitError, Currency, Direction, IntentId, Money, NotificationId, PageRequest, PaymentLinkId,
    Save, TenantId, Timestamp,
};
use tender_domain::payment_links::{
    Detail, Guest, LinkSending, LinkUsage, NewPaymentLink, PaymentLink, PaymentLinkFilter, PaymentLinkStore,
};
use tender_domain::ports::{NoticeChannel, NotifyError};
use uuid::Uuid;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! payment_link_promises {
    ($store:path) => {
        $crate::payment_link_promises!(@each $store:
            a_link_is_read_as_it_was_saved_by_id_and_by_token,
            a_token_belongs_to_one_link,
            of_two_that_begin_a_payment_of_a_link_one_gets_in,
            links_are_listed_newest_first_and_filtered,
            a_sending_is_read_as_it_was_saved_and_ends_once,
        );
    };
    (@each $store:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (store, _alive) = $store().await;
            $crate::payment_links::$promise(&store).await;
        }
    )+};
}

fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("test instants exist")
}

fn pl(number: u128) -> PaymentLinkId {
    PaymentLinkId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number))
}

fn pi(number: u128) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(number))
}

fn new(tenant: &TenantId, number: u8) -> NewPaymentLink {
    NewPaymentLink {
        id: pl(u128::from(number)),
        tenant: tenant.clone(),
        livemode: false,
        amount: Money::new(15_000, Currency::BHD),
        customer_id: None,
        merchant_account_id: "ma_default".to_owned(),
        description: None,
        order_ref: None,
        hotel_id: None,
        details: Vec::new(),
        guest: Guest::default(),
        usage: LinkUsage::Single,
        expires_at: at(1_000),
        token_hash: [number; 32],
    }
}

fn link(new: NewPaymentLink) -> Arc<PaymentLink> {
    Arc::new(PaymentLink::create(new, at(0)).expect("a good link"))
}

async fn save<S: IntentStore>(store: &S, save: Save<PaymentLink>) -> Result<(), CommitError> {
    store.commit(Change::of(save.after.tenant.clone()).save(save)).await.map(|_| ())
}

/// With every field set and with none, begun, paid and taken back.
///
/// # Panics
/// When the promise is broken.
pub async fn a_link_is_read_as_it_was_saved_by_id_and_by_token<S: IntentStore + PaymentLinkStore>(store: &S) {
    let acme = tenant("links-read");
    let text = || Some("é \"'\\".to_owned());
    let full = NewPaymentLink {
        hotel_id: Some("Hotel '1'".to_owned()),
        livemode: true,
        customer_id: text(),
        description: text(),
        order_ref: text(),
        details: vec![Detail { label: "a\"".to_owned(), value: "b'".to_owned() }],
        guest: Guest { name: text(), email: text(), phone: text(), locale: text() },
        ..new(&acme, 11)
    };
    let many = NewPaymentLink { usage: LinkUsage::Multiple, ..new(&acme, 12) };
    let read = async |link: &PaymentLink| {
        let by_id = store.payment_link(&link.tenant, link.id).await.expect("it can be read");
        let by_token = store.payment_link_by_token(&link.token_hash).await.expect("it can be read");
        assert_eq!(by_id, by_token);
        by_id
    };
    for (number, first) in (1_u128..).zip([link(full), link(many)]) {
        assert_eq!(read(&first).await, None);
        assert!(save(store, Save::new(Arc::clone(&first))).await.is_ok());
        assert_eq!(read(&first).await.as_ref(), Some(&*first));
        let mut last = first;
        if let Some(begun) = last.begin_payment(pi(number), at(1)).expect("it is open") {
            let paid = Arc::new(begun.record_paid(pi(number), at(2)).expect("its own"));
            let begun = Arc::new(begun);
            for (before, after) in [(&last, &begun), (&begun, &paid)] {
                assert!(save(store, Save::changed(Arc::clone(before), Arc::clone(after))).await.is_ok());
                assert_eq!(read(after).await.as_ref(), Some(&**after));
            }
            last = paid;
        } else {
            let canceled = Arc::new(last.cancel(false, at(1)).expect("it is open"));
            assert!(save(store, Save::changed(last, Arc::clone(&canceled))).await.is_ok());
            last = canceled;
        }
        assert_eq!(read(&last).await.as_ref(), Some(&*last));
    }
    let other = store.payment_link(&tenant("links-read-2"), pl(11)).await.expect("it can be read");
    assert_eq!(other, None, "another tenant's");
    let none = store.payment_link_by_token(&[250; 32]).await.expect("it can be read");
    assert_eq!(none, None);
}

/// Of all tenants.
///
/// # Panics
/// When the promise is broken.
pub async fn a_token_belongs_to_one_link<S: IntentStore + PaymentLinkStore>(store: &S) {
    let (acme, other) = (tenant("links-token"), tenant("links-token-2"));
    assert!(save(store, Save::new(link(new(&acme, 21)))).await.is_ok());
    let same = NewPaymentLink { id: pl(22), ..new(&other, 21) };
    let refused = save(store, Save::new(link(same))).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    let of = store.payment_link_by_token(&[21; 32]).await.expect("it can be read");
    assert_eq!(of.map(|link| link.tenant), Some(acme));
}

/// The other loads it again, and sees that it is being paid.
///
/// # Panics
/// When the promise is broken.
pub async fn of_two_that_begin_a_payment_of_a_link_one_gets_in<S: IntentStore + PaymentLinkStore>(store: &S) {
    let acme = tenant("links-begin");
    let open = link(new(&acme, 31));
    assert!(save(store, Save::new(Arc::clone(&open))).await.is_ok());
    let begin = |number| {
        let begun = open.begin_payment(pi(number), at(1)).expect("it is open").expect("it changes");
        save(store, Save::changed(Arc::clone(&open), begun))
    };
    let results = futures_util::future::join_all((1..=10).map(begin)).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let lost = |result: &&Result<(), CommitError>| matches!(result, Err(CommitError::Conflict));
    assert_eq!(results.iter().filter(lost).count(), 9, "{results:?}");
}

/// # Panics
/// When the promise is broken.
pub async fn links_are_listed_newest_first_and_filtered<S: IntentStore + PaymentLinkStore>(store: &S) {
    let acme = tenant("links-list");
    for number in 41..=45 {
        let order = (number % 2 == 0).then(|| "even".to_owned());
        let customer = (number == 43).then(|| "c".to_owned());
        let new = NewPaymentLink { order_ref: order, customer_id: customer, ..new(&acme, number) };
        assert!(save(store, Save::new(link(new))).await.is_ok());
    }
    let page = async |filter: PaymentLinkFilter, page: PageRequest| {
        let page = store.payment_links(&acme, &filter, &page).await.expect("it can be read");
        (page.data.iter().map(|link| link.token_hash[0]).collect::<Vec<_>>(), page.has_more)
    };
    let first = || PageRequest::new(2, None, Direction::Older).expect("a good page");
    let all = PaymentLinkFilter::default;
    assert_eq!(page(all(), first()).await, (vec![45, 44], true));
    let after = |number, direction| {
        let cursor = tender_domain::kernel::Cursor(pl(number).uuid());
        PageRequest::new(10, Some(cursor), direction).expect("a good page")
    };
    assert_eq!(page(all(), after(44, Direction::Older)).await, (vec![43, 42, 41], false));
    let (mut newer, _) = page(all(), after(43, Direction::Newer)).await;
    newer.sort_unstable();
    assert_eq!(newer, [44, 45]);
    let even = PaymentLinkFilter { order_ref: Some("even".to_owned()), ..all() };
    assert_eq!(page(even, first()).await.0, [44, 42]);
    let of_customer = PaymentLinkFilter { customer_id: Some("c".to_owned()), ..all() };
    assert_eq!(page(of_customer, first()).await.0, [43]);
}

/// # Panics
/// When the promise is broken.
pub async fn a_sending_is_read_as_it_was_saved_and_ends_once<S: IntentStore + PaymentLinkStore>(store: &S) {
    let acme = tenant("links-sendings");
    let guest =
        Guest { email: Some("o'neil@example.org".into()), phone: Some("+49 30".into()), ..Guest::default() };
    let link = link(NewPaymentLink { guest, ..new(&acme, 51) });
    for (number, channel) in (1..).zip(NoticeChannel::ALL) {
        let id = NotificationId::from_uuid(Uuid::from_u128(number));
        let read = async || store.link_sending(&acme, id).await.expect("it can be read");
        assert_eq!(read().await, None);
        let first = Arc::new(link.send(id, *channel, "https://pay.example", at(1)).expect("it can be sent"));
        let commit = |save: Save<LinkSending>| store.commit(Change::of(acme.clone()).save(save));
        assert!(commit(Save::new(Arc::clone(&first))).await.is_ok());
        assert_eq!(read().await.as_ref(), Some(&*first));
        let due = async |now| {
            let due = store.due_sendings(now, 1_000).await.expect("it can be read");
            due.contains(&(acme.clone(), id))
        };
        assert!(due(at(1)).await && !due(at(0)).await);
        let taken = Arc::new(first.taken(at(1)).expect("it is due"));
        let (later, _) = taken.tried(Err(NotifyError::Unavailable("é \"'".to_owned())), at(2)).expect("open");
        let later = Arc::new(later);
        let refused = Err(NotifyError::Refused("é \"'".to_owned()));
        let outcome = if number == 1 { Ok(()) } else { refused };
        let ended = Arc::new(later.tried(outcome, at(9)).expect("it is open").0);
        for (before, after) in [(&first, &taken), (&taken, &later), (&later, &ended)] {
            assert!(commit(Save::changed(Arc::clone(before), Arc::clone(after))).await.is_ok());
            assert_eq!(read().await.as_ref(), Some(&**after));
        }
        assert!(!due(at(1_000_000)).await, "it has ended");
        let again = commit(Save::changed(first, Arc::clone(&ended))).await;
        assert!(matches!(again, Err(CommitError::Conflict)), "{again:?}");
        let other = store.link_sending(&tenant("links-sendings-2"), id).await.expect("it can be read");
        assert_eq!(other, None);
    }
    let of_link = async |limit| {
        let sendings = store.sendings_of_link(&acme, link.id, limit).await.expect("it can be read");
        sendings.iter().map(|sending| sending.id.uuid().as_u128()).collect::<Vec<_>>()
    };
    assert_eq!((of_link(10).await, of_link(1).await), (vec![2, 1], vec![2]), "the newest first");
}

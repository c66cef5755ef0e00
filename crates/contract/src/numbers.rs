//! What every [`NumberBook`] promises. Each function is one promise with tenants of its own, so that they may share a
//! store.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{NumberBook, NumberKind};
use uuid::Uuid;

const PAYMENT: NumberKind = NumberKind::Payment;

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

async fn numbers(book: &dyn NumberBook, tenant: &TenantId, kind: NumberKind, ids: &[u128]) -> Vec<i64> {
    let ids: Vec<Uuid> = ids.iter().map(|number| id(*number)).collect();
    book.numbers(tenant, kind, &ids).await.expect("it can be read")
}

/// In the order in which they are asked for; a number stays its thing's, and finds it again.
///
/// # Panics
/// When the promise is broken.
pub async fn a_thing_keeps_the_number_that_it_was_given(book: &dyn NumberBook) {
    let own = tenant("keeps");
    assert_eq!(numbers(book, &own, PAYMENT, &[]).await, Vec::<i64>::new());
    assert_eq!(numbers(book, &own, PAYMENT, &[7]).await, [1]);
    assert_eq!(numbers(book, &own, PAYMENT, &[9, 7, 8, 9]).await, [3, 1, 2, 3], "what is older comes first");
    assert_eq!(numbers(book, &own, PAYMENT, &[8, 9]).await, [2, 3]);
    let find = async |number| book.find(&own, PAYMENT, number).await.expect("it can be read");
    assert_eq!(find(2).await, Some(id(8)));
    for unknown in [4, 0, -1, i64::MAX, i64::MIN] {
        assert_eq!(find(unknown).await, None, "{unknown}");
    }
}

/// # Panics
/// When the promise is broken.
pub async fn kinds_and_tenants_are_numbered_apart(book: &dyn NumberBook) {
    let (own, other) = (tenant("apart"), tenant("apart-2"));
    assert_eq!(numbers(book, &own, PAYMENT, &[1, 2]).await, [1, 2]);
    assert_eq!(numbers(book, &own, NumberKind::Refund, &[5]).await, [1]);
    assert_eq!(numbers(book, &other, PAYMENT, &[6]).await, [1]);
    let found = book.find(&other, PAYMENT, 2).await.expect("it can be read");
    assert_eq!(found, None, "another tenant's number is none");
}

/// Also through two adapters of one store, as two processes have them.
///
/// # Panics
/// When the promise is broken.
pub async fn numbers_given_at_once_are_never_given_twice(one: &dyn NumberBook, other: &dyn NumberBook) {
    let own = tenant("at-once");
    // Each thing is asked for four times, twice by each.
    let calls = (0..80_u128).map(|n| {
        let book = if n % 2 == 0 { one } else { other };
        let own = own.clone();
        async move { (n / 4, numbers(book, &own, PAYMENT, &[n / 4]).await[0]) }
    });
    let given: BTreeSet<(u128, i64)> = join_all(calls).await.into_iter().collect();
    assert_eq!(given.len(), 20, "one number for each thing: {given:?}");
    let distinct: BTreeSet<i64> = given.iter().map(|(_, number)| *number).collect();
    assert_eq!(distinct.len(), 20, "one thing for each number: {given:?}");
}

/// One test for every promise. The argument is an async function that gives two adapters of one store, as two processes
/// have them, and whatever must live as long as the test.
#[macro_export]
macro_rules! number_book_promises {
    ($books:path) => {
        $crate::number_book_promises!(@each $books:
            a_thing_keeps_the_number_that_it_was_given,
            kinds_and_tenants_are_numbered_apart,
        );

        #[tokio::test(flavor = "multi_thread")]
        async fn numbers_given_at_once_are_never_given_twice() {
            let (one, other, _alive) = $books().await;
            $crate::numbers::numbers_given_at_once_are_never_given_twice(&*one, &*other).await;
        }
    };
    (@each $books:path: $($promise:ident,)+) => {$(
        #[tokio::test]
        async fn $promise() {
            let (one, _other, _alive) = $books().await;
            $crate::numbers::$promise(&*one).await;
        }
    )+};
}

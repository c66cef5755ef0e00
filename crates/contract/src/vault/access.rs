//! The log of secret reads.

use std::time::Duration;

use tender_domain::kernel::{Cursor, Direction, MethodId, PageRequest, SecretReadId, TenantId, Timestamp};
use tender_domain::vault::{
    AccessFilter, AccessLog, AttestationStore, ReadPurpose, Reader, SecretOf, SecretRead,
};
use uuid::Uuid;

use super::{at, tenant};

fn line(tenant: &TenantId, number: u32) -> SecretRead {
    let is_even = number.is_multiple_of(2);
    SecretRead {
        id: SecretReadId::from_uuid(Uuid::from_u128(u128::from(number) << 64)),
        tenant: tenant.clone(),
        of: SecretOf::Method(MethodId::from_uuid(Uuid::from_u128(u128::from(number % 3)))),
        reader: if is_even { Reader::Service("intents".into()) } else { Reader::Key("key_1".into()) },
        purpose: if is_even { ReadPurpose::Charge } else { ReadPurpose::KeyRotation },
        opened: number != 3,
        at: at(i64::from(number)),
    }
}

/// Lines that are added twice are there once; each tenant sees its own, by filter and page, newest first.
///
/// # Panics
/// When the promise is broken.
pub async fn a_secret_read_is_a_line_for_ever<S: AccessLog + AttestationStore>(store: &S) {
    let (own, other) = (tenant("reads-own"), tenant("reads-other"));
    let mut lines: Vec<_> = (1..=5).map(|number| line(&own, number)).collect();
    let foreign = line(&other, 1);
    store.append(&[lines[0].clone(), lines[1].clone()]).await.expect("added");
    let again = SecretRead { opened: false, ..lines[0].clone() };
    store.append(&[vec![again, foreign.clone()], lines.clone()].concat()).await.expect("added");
    lines.reverse();
    let all = AccessFilter::default();
    let read = async |filter: &AccessFilter, page: &PageRequest| {
        store.reads(&own, filter, page).await.expect("readable")
    };
    assert_eq!(read(&all, &PageRequest::default()).await.data, lines, "a line is never changed");
    let theirs = store.reads(&other, &all, &PageRequest::default()).await.expect("readable");
    assert_eq!(theirs.data, [foreign]);
    let first = PageRequest::new(2, None, Direction::Older).expect("a page");
    let page = read(&all, &first).await;
    assert_eq!((&page.data[..], page.has_more), (&lines[..2], true));
    let cursor = Some(Cursor(page.data[1].id.uuid()));
    let next = PageRequest::new(2, cursor, Direction::Older).expect("a page");
    assert_eq!(read(&all, &next).await.data, lines[2..4]);
    for (filter, numbers) in [
        (AccessFilter { method: line(&own, 4).of.method(), ..all.clone() }, vec![4, 1]),
        (AccessFilter { reader: Some("intents".into()), ..all.clone() }, vec![4, 2]),
        (AccessFilter { purpose: Some(ReadPurpose::KeyRotation), ..all.clone() }, vec![5, 3, 1]),
        (AccessFilter { from: Some(at(2)), until: Some(at(4)), ..all.clone() }, vec![3, 2]),
    ] {
        let wanted: Vec<_> = numbers.into_iter().map(|number| line(&own, number)).collect();
        assert_eq!(read(&filter, &PageRequest::default()).await.data, wanted, "{filter:?}");
    }
    let looked_for: Vec<_> = (1..=6).map(|number| line(&own, number).id).collect();
    let there = async |tenant| store.lines_there(tenant, &looked_for).await.expect("readable");
    assert_eq!((there(&own).await, there(&other).await), (5, 1), "each tenant's own");
}

/// What is older than wanted is forgotten, some at a time, of whatever tenants; what is younger stays.
///
/// # Panics
/// When the promise is broken.
pub async fn old_secret_reads_are_forgotten_some_at_a_time<S: AccessLog>(store: &S) {
    let (one, two) = (tenant("forgets-one"), tenant("forgets-two"));
    let long_ago: Timestamp = "2001-03-04T12:00:00Z".parse().expect("an instant");
    let old = |tenant: &TenantId, number| {
        let later = Duration::from_secs(u64::from(number));
        SecretRead { at: long_ago + later, ..line(tenant, number) }
    };
    let lines = [old(&one, 1), old(&one, 2), old(&two, 3), old(&two, 9), line(&one, 4)];
    store.append(&lines).await.expect("added");
    let before = long_ago + Duration::from_secs(9);
    assert_eq!(store.forget(long_ago, 100).await.expect("written"), 0, "they were read later");
    assert_eq!(store.forget(before, 2).await.expect("written"), 2);
    assert_eq!(store.forget(before, 100).await.expect("written"), 1);
    assert_eq!(store.forget(before, 100).await.expect("written"), 0);
    let (all, page) = (AccessFilter::default(), PageRequest::default());
    assert_eq!(store.reads(&one, &all, &page).await.expect("readable").data, [line(&one, 4)]);
    assert_eq!(store.reads(&two, &all, &page).await.expect("readable").data, [old(&two, 9)]);
}

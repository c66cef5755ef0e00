//! What every [`RefundNoticeStore`](tender_domain::notices::RefundNoticeStore) promises, with the unit of work of the
//! intents beside it.

use tender_domain::intents::IntentStore;
use tender_domain::kernel::{
    Change, CommitError, IntentId, NotificationId, RefundId, Save, TenantId, Timestamp,
};
use tender_domain::notices::{NewRefundNotice, NoticeReader, RefundNotice, RefundNoticeStore};
use tender_domain::ports::{NoticeChannel, NotifyError};
use uuid::Uuid;

/// One test for every promise. The argument is an async function that gives a store and whatever must live as long as
/// the test.
#[macro_export]
macro_rules! refund_notice_promises {
    ($store:path) => {
        #[tokio::test]
        async fn a_message_of_a_refund_is_due_until_it_ended_and_is_kept_once_for_an_address() {
            let (store, _alive) = $store().await;
            $crate::refund_notices::a_notice_is_due_until_it_ended(&store).await;
        }
    };
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 123_456_000).expect("it exists")
}

fn payment() -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(90))
}

fn notice(tenant: &TenantId, (number, refund): (u128, u128), reader: NoticeReader) -> RefundNotice {
    let told = NewRefundNotice {
        id: NotificationId::from_uuid(Uuid::from_u128(number)),
        reader,
        channel: if reader == NoticeReader::Payer { NoticeChannel::Sms } else { NoticeChannel::Email },
        address: format!("{}'s@example.org", reader.as_str()),
        subject: "it's \"back\"".to_owned(),
        body: "é\n'\\".to_owned(),
    };
    let place = (payment(), RefundId::from_uuid(Uuid::from_u128(refund)));
    RefundNotice::of(tenant.clone(), place, told, at(0))
}

/// Of all tenants; and of one refund there is one message to one address, whomever it is for.
///
/// # Panics
/// When the promise is broken.
pub async fn a_notice_is_due_until_it_ended<S: IntentStore + RefundNoticeStore>(store: &S) {
    let own: TenantId = "refund-notices".parse().expect("test tenants are named well");
    let other: TenantId = "refund-notices-2".parse().expect("test tenants are named well");
    let commit =
        async |save: Save<RefundNotice>| store.commit(Change::of(save.after.tenant.clone()).save(save)).await;
    let due = async |now| {
        let due = store.due_refund_notices(now, 1_000).await.expect("it can be read");
        let own = due.into_iter().filter(|(tenant, _)| *tenant == own).map(|(_, id)| id.uuid().as_u128());
        let mut own: Vec<_> = own.collect();
        own.sort_unstable();
        own
    };
    let read = async |tenant: &TenantId, id| store.refund_notice(tenant, id).await.expect("it can be read");
    let payer = notice(&own, (91, 1), NoticeReader::Payer);
    let hotel = notice(&own, (92, 1), NoticeReader::Hotel);
    let later_one = notice(&own, (93, 2), NoticeReader::Agent);
    for new in [&payer, &hotel, &later_one] {
        assert!(commit(Save::new(new.clone())).await.is_ok());
        assert_eq!(read(&own, new.told.id).await.as_ref(), Some(new));
        assert_eq!(read(&other, new.told.id).await, None);
    }
    let twice = commit(Save::new(notice(&own, (94, 1), NoticeReader::Payer))).await;
    let Err(CommitError::Refused { constraint }) = twice else { panic!("nobody is told twice: {twice:?}") };
    assert_eq!(constraint, "refund_notices_once");
    let elsewhere = notice(&other, (91, 1), NoticeReader::Payer);
    assert!(commit(Save::new(elsewhere)).await.is_ok(), "another tenant's is another refund");

    assert_eq!(due(at(-1)).await, [0_u128; 0]);
    assert_eq!(due(at(0)).await, [91, 92, 93]);
    let taken = payer.taken(at(1)).expect("it is due");
    let away = Err(NotifyError::Unavailable("é \"'".to_owned()));
    let (later, _) = taken.tried(away, at(2)).expect("it is open");
    let (sent, _) = later.tried(Ok(()), at(100)).expect("it is open");
    for (before, after) in [(&payer, &taken), (&taken, &later), (&later, &sent)] {
        assert!(commit(Save::changed(before.clone(), after.clone())).await.is_ok());
        assert_eq!(read(&own, after.told.id).await.as_ref(), Some(after));
    }
    assert_eq!(due(at(1_000_000)).await, [92, 93], "what was sent is not due");
    let stale = commit(Save::changed(payer, taken)).await;
    assert!(matches!(stale, Err(CommitError::Conflict)), "{stale:?}");
    let of_payment =
        async |limit| store.refund_notices_of(&own, payment(), limit).await.expect("it can be read");
    assert_eq!((of_payment(10).await, of_payment(1).await.len()), (vec![hotel, sent, later_one], 1));
}

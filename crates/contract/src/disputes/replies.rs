use std::slice;
use std::sync::Arc;

use tender_domain::disputes::{
    Actor, DisputeReply, DisputeStatus, DisputeStore, Evidence, EvidenceFile, EvidenceKind, EvidenceText,
    Replied, ReplyEnd, ReplyKind, ReplyPath, ReplyStatus,
};
use tender_domain::kernel::{Change, CommitError, Save, UploadId};
use tender_domain::refunds::{LookupSchedule, RefundStore, RefundWrite, RefundableCharge};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};

use super::fixtures::{at, change, disputed, dp, tenant};
use crate::refunds::opened;

fn evidence() -> Evidence {
    let text = |kind, text: &str| EvidenceText { kind, text: text.to_owned() };
    let texts = vec![
        text(EvidenceKind::ShippingTrackingNumber, "RB 123 \"ü\" \\"),
        text(EvidenceKind::CustomerName, "Ada Lovelace"),
    ];
    let file = DeclaredFile {
        name: "Beleg \"1\".pdf".into(),
        file_type: FileType::Pdf,
        size: 10_000_000,
        sha256: FileHash([0xa7; 32]),
    };
    let upload = UploadId::from_uuid(dp(77).uuid());
    let files = vec![EvidenceFile { kind: EvidenceKind::Other, upload, file }];
    Evidence::new(texts, files).expect("two texts and a file")
}

pub(super) fn submitted(charge: &RefundableCharge, number: u128, path: ReplyPath, second: i64) -> Replied {
    let by = Actor::person("alice");
    charge.submit_evidence(dp(number), (evidence(), path), &by, at(second)).expect("an open dispute")
}

/// Saves a reply with its dispute.
pub(super) async fn save(
    store: &dyn RefundStore,
    before: &Arc<RefundableCharge>,
    (was, replied): (Option<&DisputeReply>, &Replied),
) -> Result<(), CommitError> {
    let reply = match was {
        None => Save::new(replied.reply.clone()),
        Some(was) => Save::<DisputeReply>::changed(was.clone(), replied.reply.clone()),
    };
    let write: RefundWrite = reply.into();
    let mut change = change(before, &replied.disputed);
    change.writes.push(write);
    store.commit(change).await.map(|_| ())
}

/// It was saved.
pub(super) fn saved(result: Result<(), CommitError>) {
    assert!(result.is_ok(), "{result:?}");
}

pub(super) async fn a_reply_is_read_as_it_was_saved_and_is_due_until_it_is_told<
    S: RefundStore + DisputeStore,
>(
    store: &S,
) {
    let tenant = tenant("replies");
    let mut charge = opened(store, &tenant, 500).await;
    charge = disputed(store, &charge, 501, 100).await;
    let long_ago = -3_000_000;
    let first = submitted(&charge, 501, ReplyPath::Service, long_ago);
    saved(save(store, &charge, (None, &first)).await);
    assert_eq!(
        store.dispute_replies(&tenant, dp(501), 9).await.expect("read"),
        slice::from_ref(&first.reply)
    );
    let stored = store.charge_of_dispute(&tenant, dp(501)).await.expect("read").expect("it is there");
    assert_eq!(stored, first.disputed.charge, "the dispute has its last reply");
    assert_eq!(store.replies_due(at(long_ago - 1), 9).await.expect("read"), []);
    assert_eq!(store.replies_due(at(long_ago), 9).await.expect("read"), slice::from_ref(&first.reply));

    // Sent in vain: it is due later, and nothing of the dispute changes.
    let tried = first.reply.unanswered("no answer".into(), at(long_ago + 2), &LookupSchedule::default());
    let later = Save::<DisputeReply>::changed(first.reply.clone(), tried.clone());
    saved(store.commit(Change::of(tenant.clone()).save(later)).await.map(|_| ()));
    assert_eq!(store.replies_due(at(long_ago + 4), 9).await.expect("read"), []);
    assert_eq!(store.replies_due(at(long_ago + 5), 9).await.expect("read"), slice::from_ref(&tried));

    let charge = Arc::new(stored);
    let told = charge.end_reply(&tried, &ReplyEnd::Told, at(long_ago + 6)).expect("it is there");
    saved(save(store, &charge, (Some(&tried), &told)).await);
    assert_eq!(store.replies_due(at(long_ago + 9_000), 9).await.expect("read"), []);
    let stored = store.charge_of_dispute(&tenant, dp(501)).await.expect("read").expect("it is there");
    let dispute = stored.dispute(dp(501)).expect("it is there");
    assert_eq!(dispute.status, DisputeStatus::UnderReview);
    assert_eq!(
        dispute.reply.map(|last| (last.kind, last.status)),
        Some((ReplyKind::Evidence, ReplyStatus::Told))
    );
    assert_eq!(store.dispute_replies(&super::fixtures::tenant("other"), dp(501), 9).await.expect("read"), []);
}

pub(super) async fn a_dispute_has_one_reply_of_a_kind_that_was_not_refused<S: RefundStore + DisputeStore>(
    store: &S,
) {
    let tenant = tenant("one-reply");
    let charge = opened(store, &tenant, 510).await;
    let charge = disputed(store, &charge, 511, 100).await;
    let by_hand = ReplyPath::Person("there is no such connector".into());
    let first = submitted(&charge, 511, by_hand.clone(), 1);
    saved(save(store, &charge, (None, &first)).await);
    // What a defect in the law would let through.
    let loaded = Arc::new(first.disputed.charge.clone());
    let mut forgetful = (*loaded).clone();
    forgetful.disputes[0].reply = None;
    let second = submitted(&forgetful, 511, by_hand, 2);
    let refused = save(store, &loaded, (None, &second)).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    let end = ReplyEnd::Refused("too late".into());
    let ended = loaded.end_reply(&first.reply, &end, at(3)).expect("it is there");
    saved(save(store, &loaded, (Some(&first.reply), &ended)).await);
    let loaded = Arc::new(ended.disputed.charge);
    let again = submitted(&loaded, 511, ReplyPath::Service, -2_900_000);
    saved(save(store, &loaded, (None, &again)).await);
    let replies = store.dispute_replies(&tenant, dp(511), 9).await.expect("read");
    assert_eq!(replies, [again.reply.clone(), ended.reply], "newest first");
    assert_eq!(
        store.dispute_replies(&tenant, dp(511), 1).await.expect("read"),
        slice::from_ref(&again.reply)
    );
    // Nothing is left due for the promises that share the store.
    let loaded = Arc::new(again.disputed.charge);
    let told = loaded.end_reply(&again.reply, &ReplyEnd::Told, at(5)).expect("it is there");
    saved(save(store, &loaded, (Some(&again.reply), &told)).await);
}

pub(super) async fn of_two_who_end_a_reply_one_loses<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("reply-race");
    let charge = opened(store, &tenant, 520).await;
    let charge = disputed(store, &charge, 521, 100).await;
    let reply = submitted(&charge, 521, ReplyPath::Service, -2_800_000);
    saved(save(store, &charge, (None, &reply)).await);
    let loaded = Arc::new(reply.disputed.charge.clone());
    let told = loaded.end_reply(&reply.reply, &ReplyEnd::Told, at(1)).expect("it is there");
    let refused =
        loaded.end_reply(&reply.reply, &ReplyEnd::Refused("no".into()), at(1)).expect("it is there");
    saved(save(store, &loaded, (Some(&reply.reply), &told)).await);
    let lost = save(store, &loaded, (Some(&reply.reply), &refused)).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.dispute_replies(&tenant, dp(521), 9).await.expect("read"), [told.reply]);
}

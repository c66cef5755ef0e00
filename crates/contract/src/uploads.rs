//! What every store promises of uploads. Each function is one promise and takes a tenant of its own.

use tender_domain::kernel::{Change, CommitError, DisputeId, Save, TenantId, Timestamp, UploadId};
use tender_domain::refunds::RefundStore;
use tender_domain::uploads::{
    DeclaredFile, FileHash, FileType, Upload, UploadPurpose, UploadStatus, UploadStore,
};
use uuid::Uuid;

use crate::refunds::at;

const DAY: i64 = 24 * 3600;

/// Every promise.
///
/// # Panics
/// When one is broken.
pub async fn all<S: RefundStore + UploadStore>(store: &S) {
    an_upload_is_read_as_it_was_saved_by_its_own_tenant_alone(store).await;
    an_upload_is_used_once(store).await;
    what_is_to_be_removed_comes_oldest_first_until_it_is(store).await;
}

fn tenant(name: &str) -> TenantId {
    format!("uploads-{name}").parse().expect("test tenants are named well")
}

fn id(number: u128) -> UploadId {
    UploadId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0009_0000_0000 + number))
}

fn dispute(number: u128) -> DisputeId {
    DisputeId::from_uuid(id(number).uuid())
}

fn upload(tenant: &TenantId, number: u128, now: Timestamp) -> Upload {
    let file = DeclaredFile {
        name: "it's a \"receipt\".pdf".into(),
        file_type: FileType::Pdf,
        size: 20 * 1024 * 1024,
        sha256: FileHash([0xfe; 32]),
    };
    let what = (UploadPurpose::DisputeEvidence, file);
    Upload::declared((tenant, id(number)), what, "ada", (now, now + std::time::Duration::from_secs(900)))
}

async fn save(store: &dyn RefundStore, before: Option<&Upload>, after: &Upload) -> Result<(), CommitError> {
    let save = match before {
        None => Save::new(after.clone()),
        Some(before) => Save::<Upload>::changed(before.clone(), after.clone()),
    };
    store.commit(Change::of(after.tenant.clone()).save(save)).await.map(|_| ())
}

async fn saved(store: &dyn RefundStore, before: Option<&Upload>, after: &Upload) {
    let result = save(store, before, after).await;
    assert!(result.is_ok(), "{result:?}");
}

async fn an_upload_is_read_as_it_was_saved_by_its_own_tenant_alone<S: RefundStore + UploadStore>(store: &S) {
    let (one, other) = (tenant("one"), tenant("other"));
    let first = upload(&one, 1, at(1));
    let second = upload(&one, 2, at(2));
    saved(store, None, &second).await;
    saved(store, None, &first).await;
    assert_eq!(store.upload(&one, first.id).await.expect("read"), Some(first.clone()));
    let both = store.uploads(&one, &[second.id, first.id, id(3)]).await.expect("read");
    assert_eq!(both, [first.clone(), second.clone()]);
    assert_eq!(store.upload(&other, first.id).await.expect("read"), None);
    assert_eq!(store.uploads(&other, &[first.id, second.id]).await.expect("read"), []);
    let mut now = first;
    for next in [
        now.used_by(dispute(1), at(3)).expect("it waits"),
        now.used_by(dispute(1), at(3)).expect("it waits").given_up(at(4)),
        now.used_by(dispute(1), at(3)).expect("it waits").given_up(at(4)).removed(at(5)),
    ] {
        saved(store, Some(&now), &next).await;
        assert_eq!(store.upload(&one, next.id).await.expect("read"), Some(next.clone()));
        now = next;
    }
}

async fn an_upload_is_used_once<S: RefundStore + UploadStore>(store: &S) {
    let tenant = tenant("once");
    let waiting = upload(&tenant, 10, at(1));
    saved(store, None, &waiting).await;
    let used = waiting.used_by(dispute(10), at(2)).expect("it waits");
    saved(store, Some(&waiting), &used).await;
    let late = waiting.used_by(dispute(11), at(3)).expect("so it was read");
    let lost = save(store, Some(&waiting), &late).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    let lost = save(store, Some(&waiting), &waiting.given_up(at(3))).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    // What a defect in the law would let through.
    let stolen = Upload { version: used.version.next(), dispute: Some(dispute(11)), ..used.clone() };
    let refused = save(store, Some(&used), &stolen).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    let again =
        Upload { version: used.version.next(), status: UploadStatus::Waiting, dispute: None, ..used.clone() };
    let refused = save(store, Some(&used), &again).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    assert_eq!(store.upload(&tenant, used.id).await.expect("read"), Some(used));
}

async fn what_is_to_be_removed_comes_oldest_first_until_it_is<S: RefundStore + UploadStore>(store: &S) {
    let tenant = tenant("removal");
    let due = async |since, limit| {
        let all = store.uploads_to_remove(since, limit).await.expect("read");
        all.into_iter().filter(|one| one.tenant == tenant).collect::<Vec<_>>()
    };
    let old = upload(&tenant, 20, at(-40_000 * DAY));
    let used = upload(&tenant, 21, at(-40_000 * DAY + 5));
    saved(store, None, &old).await;
    saved(store, None, &used).await;
    let in_use = used.used_by(dispute(20), at(-40_000 * DAY + 6)).expect("it waits");
    saved(store, Some(&used), &in_use).await;
    assert_eq!(due(at(-40_000 * DAY), 9).await, [], "it was declared then, not before");
    assert_eq!(due(at(-40_000 * DAY + 9), 9).await, std::slice::from_ref(&old));
    let given_up = in_use.given_up(at(-40_000 * DAY + 7));
    saved(store, Some(&in_use), &given_up).await;
    assert_eq!(due(at(-50_000 * DAY), 9).await, std::slice::from_ref(&given_up), "whenever it was declared");
    assert_eq!(due(at(-40_000 * DAY + 9), 9).await, [old.clone(), given_up.clone()]);
    assert_eq!(due(at(-40_000 * DAY + 9), 1).await, std::slice::from_ref(&old));
    // One that could not be removed goes behind the others.
    let tried = given_up.kept_waiting(at(0));
    saved(store, Some(&given_up), &tried).await;
    let removed = old.given_up(at(1)).removed(at(1));
    saved(store, Some(&old), &removed).await;
    assert_eq!(due(at(-40_000 * DAY + 9), 9).await, std::slice::from_ref(&tried));
    saved(store, Some(&tried), &tried.removed(at(2))).await;
    assert_eq!(due(at(-40_000 * DAY + 9), 9).await, []);
}

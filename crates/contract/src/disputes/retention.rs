use std::sync::Arc;

use tender_domain::disputes::{
    DisputeReply, DisputeRetention, DisputeStatus, DisputeStore, Evidence, ExpiredEvidence, ReplyEnd,
    ReplyPath,
};
use tender_domain::kernel::{Change, TenantId, Timestamp, Version};
use tender_domain::refunds::{RefundStore, RefundableCharge};

use super::fixtures::{at, decided, disputed, dp, tenant};
use super::replies::{save, saved, submitted};
use crate::refunds::opened;

const DAY: i64 = 24 * 3600;

/// Saves that we heard for how many days a tenant keeps evidence.
async fn heard(store: &dyn RefundStore, tenant: &TenantId, version: i64, days: u32) {
    let retention =
        DisputeRetention { tenant: tenant.clone(), version: Version::new(version), days, recorded_at: at(0) };
    let committed = store.commit(Change::of(tenant.clone()).save(retention)).await;
    assert!(committed.is_ok(), "{committed:?}");
}

/// A dispute that was answered, by hand, and is lost after that, at second 5.
async fn answered<S: RefundStore + DisputeStore>(
    store: &S,
    tenant: &TenantId,
    number: u128,
) -> (Arc<RefundableCharge>, DisputeReply) {
    let charge = opened(store, tenant, number).await;
    let charge = disputed(store, &charge, number + 1, 100).await;
    let reply = submitted(&charge, number + 1, ReplyPath::Person("by hand".into()), 3);
    saved(save(store, &charge, (None, &reply)).await);
    let charge = Arc::new(reply.disputed.charge);
    (decided(store, &charge, number + 1, DisputeStatus::Lost).await, reply.reply)
}

async fn due<S: RefundStore + DisputeStore>(
    store: &S,
    tenant: &TenantId,
    now: Timestamp,
) -> Vec<ExpiredEvidence> {
    let all = store.evidence_to_remove(now, 100).await.expect("it can be read");
    all.into_iter().filter(|one| one.reply.tenant == *tenant).collect()
}

pub(super) async fn evidence_is_kept_as_long_as_the_tenants_settings_say<S: RefundStore + DisputeStore>(
    store: &S,
) {
    let tenant = tenant("retention");
    let (_, reply) = answered(store, &tenant, 600).await;
    // Open: it is kept however old it is.
    let open = opened(store, &tenant, 610).await;
    let open = disputed(store, &open, 611, 100).await;
    let kept = submitted(&open, 611, ReplyPath::Person("by hand".into()), -900 * DAY);
    saved(save(store, &open, (None, &kept)).await);
    heard(store, &tenant, 2, 400).await;
    heard(store, &tenant, 1, 1).await;
    let end = 5 + 400 * DAY;
    assert_eq!(due(store, &tenant, at(end)).await, []);
    let expired = ExpiredEvidence { reply, days: 400 };
    assert_eq!(due(store, &tenant, at(end + 1)).await, [expired], "older settings change nothing");
    heard(store, &tenant, 3, 401).await;
    assert_eq!(due(store, &tenant, at(end + 1)).await, [], "the newest settings count");
    let all = store.evidence_to_remove(at(end + 9_000 * DAY), 0).await.expect("it can be read");
    assert_eq!(all, [], "at most as many as are asked for");
}

pub(super) async fn of_a_tenant_whose_settings_are_not_known_nothing_is_removed<
    S: RefundStore + DisputeStore,
>(
    store: &S,
) {
    let tenant = tenant("retention-unknown");
    let (_, reply) = answered(store, &tenant, 620).await;
    assert_eq!(due(store, &tenant, at(30_000 * DAY)).await, []);
    heard(store, &tenant, 1, 7).await;
    assert_eq!(due(store, &tenant, at(30_000 * DAY)).await, [ExpiredEvidence { reply, days: 7 }]);
}

pub(super) async fn evidence_without_its_contents_is_read_as_it_was_saved<S: RefundStore + DisputeStore>(
    store: &S,
) {
    let tenant = tenant("retention-removed");
    let (charge, reply) = answered(store, &tenant, 630).await;
    heard(store, &tenant, 1, 7).await;
    let expired = ExpiredEvidence { reply: reply.clone(), days: 7 };
    let removed = charge.remove_evidence(&expired, at(9 * DAY)).expect("it is over");
    saved(save(store, &charge, (Some(&reply), &removed)).await);
    let read = store.dispute_replies(&tenant, dp(631), 9).await.expect("it can be read");
    assert_eq!(read, std::slice::from_ref(&removed.reply));
    assert!(read[0].evidence.texts().iter().all(|one| one.text == Evidence::REMOVED), "{read:?}");
    assert_eq!(read[0].uploads(), reply.uploads());
    assert_eq!(due(store, &tenant, at(30_000 * DAY)).await, [], "it is removed once");
    let again =
        removed.disputed.charge.remove_evidence(&ExpiredEvidence { reply: removed.reply, days: 7 }, at(0));
    assert!(again.is_err(), "{again:?}");
    let history = store.dispute_history(&tenant, dp(631), 9).await.expect("it can be read");
    let linked = history.windows(2).all(|pair| pair[1].previous == pair[0].hash);
    assert!(linked && history.iter().all(|one| one.hash == one.computed()), "{history:?}");
    // One that is being told is not touched.
    let open = opened(store, &tenant, 640).await;
    let open = disputed(store, &open, 641, 100).await;
    let telling = submitted(&open, 641, ReplyPath::Service, -2_700_000);
    saved(save(store, &open, (None, &telling)).await);
    let lost = decided(store, &Arc::new(telling.disputed.charge), 641, DisputeStatus::Lost).await;
    assert_eq!(due(store, &tenant, at(30_000 * DAY)).await, []);
    let expired = ExpiredEvidence { reply: telling.reply.clone(), days: 7 };
    assert!(lost.remove_evidence(&expired, at(0)).is_err());
    // Nothing is left due for the promises that share the store.
    let told = lost.end_reply(&telling.reply, &ReplyEnd::Told, at(5)).expect("it is there");
    saved(save(store, &lost, (Some(&telling.reply), &told)).await);
}

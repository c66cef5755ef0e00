//! Disputes on a real PostgreSQL: many at once, and a history that can be checked without this code.

use tender_contract::{disputes, refunds};
use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::TenantId;

use crate::store::open;

const STORIES: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_stories_of_refunds_and_disputes_at_once_keep_the_law() {
    let (_database, store) = open().await;
    // Random, and told by whatever panics.
    let first = u64::from(rand::random::<u32>());
    for seed in first..first + STORIES {
        disputes::refunds_and_disputes_at_once_keep_the_law(&store, seed).await;
    }
}

/// What `DisputeEntry::computed` hashes, written once more, as an auditor would.
const BROKEN_LINKS: &str = "
SELECT count(*) FROM refunds.dispute_history h
LEFT JOIN refunds.dispute_history p
    ON (p.tenant_id, p.dispute_id, p.entry_number) = (h.tenant_id, h.dispute_id, h.entry_number - 1)
WHERE h.previous_hash IS DISTINCT FROM coalesce(p.hash, decode(repeat('00', 32), 'hex'))
   OR h.hash <> sha256(convert_to(concat_ws('|', encode(h.previous_hash, 'hex'), h.tenant_id, h.dispute_id,
        h.entry_number, (extract(epoch FROM h.at) * 1000000)::bigint, h.by_kind,
        octet_length(h.by_name) || ':' || h.by_name, h.kind, octet_length(h.detail) || ':' || h.detail), 'UTF8'))";

#[tokio::test]
async fn an_auditor_with_sql_alone_finds_a_history_whole_and_finds_what_was_changed() {
    let (database, store) = open().await;
    let charge = refunds::opened(&store, &TenantId::sandbox(), 1).await;
    let charge = disputes::disputed(&store, &charge, 1, 5_000).await;
    disputes::decided(&store, &charge, 1, DisputeStatus::Lost).await;
    let admin = database.admin().await;
    let broken = || async { sqlx::query_scalar::<_, i64>(BROKEN_LINKS).fetch_one(&admin).await.unwrap() };
    assert_eq!(broken().await, 0);
    let changed = "UPDATE refunds.dispute_history SET by_name = 'somebody else' WHERE entry_number = 1";
    sqlx::query(changed).execute(&admin).await.unwrap();
    assert_eq!(broken().await, 1);
}

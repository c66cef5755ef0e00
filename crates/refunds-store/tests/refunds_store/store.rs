//! The store keeps the promises of every refunds store, and its schema the laws.

use sqlx::AssertSqlSafe;
use tender_contract::{dispute_cases, disputes, refund_policies, refunds, uploads};
use tender_domain::kernel::TenantId;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_refunds_store::{MIGRATIONS, PgRefundStore, SCHEMA};
use tender_testkit::TestDatabase;

pub(crate) async fn open() -> (TestDatabase, PgRefundStore) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgRefundStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (database, store.expect("the store opens"))
}

#[tokio::test]
async fn the_store_keeps_its_promises() {
    let (_database, store) = open().await;
    refunds::all(&store).await;
    refunds::open_refunds_are_told_by_customer_intent_and_queue(&store).await;
    disputes::all(&store).await;
    uploads::all(&store).await;
    refund_policies::all(&store).await;
    dispute_cases::all(&store).await;
}

#[tokio::test]
async fn the_role_can_neither_delete_nor_change_what_was_captured() {
    let (database, store) = open().await;
    refunds::opened(&store, &TenantId::sandbox(), 1).await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.unwrap();
    for forbidden in [
        "DELETE FROM refunds.refunds",
        "DELETE FROM refunds.refundable_charges",
        "DELETE FROM refunds.charge_captures",
        "UPDATE refunds.charge_captures SET amount_minor = 1",
        "DELETE FROM refunds.disputes",
        "DELETE FROM refunds.chargeback_intakes",
        "DELETE FROM refunds.dispute_history",
        "UPDATE refunds.dispute_history SET detail = 'another story'",
        "DELETE FROM refunds.dispute_replies",
        "DELETE FROM refunds.uploads",
        "DELETE FROM refunds.dispute_retention",
        "DELETE FROM refunds.capture_reversals",
        "UPDATE refunds.capture_reversals SET charge_id = capture_id",
        "DELETE FROM refunds.policy_evaluations",
        "UPDATE refunds.policy_evaluations SET eligible_minor = 1",
        "TRUNCATE refunds.dispute_history",
        "TRUNCATE refunds.refunds",
        "CREATE TABLE refunds.mine ()",
    ] {
        let refused = sqlx::query(AssertSqlSafe(forbidden)).execute(&pool).await;
        let message = refused.expect_err(forbidden).to_string();
        assert!(message.contains("permission denied"), "{forbidden}: {message}");
    }
}

#[tokio::test]
async fn a_row_that_breaks_a_law_is_named_by_table_column_and_row() {
    let (database, store) = open().await;
    let charge = refunds::opened(&store, &TenantId::sandbox(), 1).await;
    let admin = database.admin().await;
    let break_it = "UPDATE refunds.refundable_charges SET captured_minor = captured_minor + 1";
    sqlx::query(break_it).execute(&admin).await.unwrap();
    let named = tender_domain::refunds::ChargeRef::Charge(charge.id);
    let read = tender_domain::refunds::RefundStore::charge(&store, &TenantId::sandbox(), named).await;
    let message = read.expect_err("the sum does not add up").to_string();
    let row = charge.id.uuid().to_string();
    for part in ["refundable_charges", "captured_minor", row.as_str()] {
        assert!(message.contains(part), "{message}");
    }
}

type Shown = (String, uuid::Uuid, uuid::Uuid, String, String, String, String);

#[tokio::test]
async fn the_adventures_documents_table_of_refunds_shows_decimals_and_its_words() {
    let (database, store) = open().await;
    let charge = refunds::opened(&store, &TenantId::sandbox(), 1).await;
    let id = tender_domain::kernel::RefundId::from_uuid(uuid::Uuid::from_u128(5));
    let after = refunds::started(&store, &charge, id, 1_234, charge.created_at).await;
    let role = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.unwrap();
    let rows: Vec<Shown> = sqlx::query_as(
        "SELECT tenant_id, refund_id, payment_id, amount::text, reason, gateway_ref, status \
         FROM refunds.adventures_refunds",
    )
    .fetch_all(&role)
    .await
    .unwrap();
    let (reason, id) = (after.refunds[0].reason, id.uuid());
    let expected = (
        "sandbox".to_owned(),
        id,
        charge.intent_id.uuid(),
        "12.340".to_owned(),
        reason.as_str().to_owned(),
        id.to_string(),
        "PENDING".to_owned(),
    );
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn what_an_earlier_release_found_done_after_all_is_a_persons_to_settle() {
    let before = MIGRATIONS.iter().position(|file| file.name.starts_with("0097_")).expect("it is there");
    let database = TestDatabase::create(&[(SCHEMA, &MIGRATIONS[..before])]).await;
    let admin = database.admin().await;
    let old = "
        INSERT INTO refunds.refundable_charges (tenant_id, charge_id, version, intent_id, merchant_account_id, connector,
            gateway_reference, livemode, currency, authorized_minor, captured_minor, disputed_minor, refunded_minor,
            created_at, updated_at)
        VALUES ('sandbox', $1, 3, $1, 'ma', 'simulator', 'sim_1', false, 'BHD', 9000, 9000, 0, 0, now(), now())";
    let charge = uuid::Uuid::from_u128(7);
    sqlx::query(old).bind(charge).execute(&admin).await.unwrap();
    let captured = "INSERT INTO refunds.charge_captures (tenant_id, capture_id, charge_id, amount_minor, seen_at) \
                    VALUES ('sandbox', $1, $1, 9000, now())";
    sqlx::query(captured).bind(charge).execute(&admin).await.unwrap();
    let refund = "
        INSERT INTO refunds.refunds (tenant_id, refund_id, version, charge_id, intent_id, livemode, amount_minor, currency,
            reason, refund_method, metadata, status, gateway_reference, failure_reason, failure_message, actions, ended_at,
            created_at, updated_at)
        VALUES ('sandbox', $2, 3, $1, $1, false, 1234, 'BHD', 'other', 'original_payment_method', '{}', 'failed', $3,
            'gateway_error', $4, '[]', now(), now(), now())";
    let found = "taken for failed, and then the gateway said that it had refunded 1.230 BHD (re_1 (x))";
    for (number, name, message) in [(8, "re_1 (x)", found), (9, "re_2", "the gateway took it back")] {
        let id = uuid::Uuid::from_u128(number);
        sqlx::query(refund).bind(charge).bind(id).bind(name).bind(message).execute(&admin).await.unwrap();
    }
    let role = database.connect_as(SCHEMA).get_username().to_owned();
    let _ = tender_postgres::migrate(&admin, SCHEMA, &role, None, MIGRATIONS).await.unwrap();
    let connect = database.connect_as(SCHEMA);
    let store =
        PgRefundStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await.unwrap();
    let id = tender_domain::kernel::RefundId::from_uuid(uuid::Uuid::from_u128(8));
    let read = tender_domain::refunds::RefundStore::charge_of_refund(&store, &TenantId::sandbox(), id).await;
    let charge = read.unwrap().expect("it is there");
    let found = charge.refund(id).and_then(|refund| refund.conflict()).expect("it stands in the queue");
    assert_eq!(
        (found.amount.to_string().as_str(), found.gateway_reference.as_str()),
        ("1.230 BHD", "re_1 (x)")
    );
    let other = tender_domain::kernel::RefundId::from_uuid(uuid::Uuid::from_u128(9));
    let other = charge.refund(other).expect("it is there");
    assert_eq!((other.conflict(), other.gateway_reference()), (None, Some("re_2")), "that one is known");
}

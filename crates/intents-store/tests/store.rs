//! The PostgreSQL adapter keeps the promises of the port, and the schema its own.

use sqlx::AssertSqlSafe;
use tender_contract::intents;
use tender_domain::intents::IntentStore;
use tender_domain::kernel::{Currency, TenantId};
use tender_domain::refunds::RefundStatus;
use tender_intents_store::{MIGRATIONS, PgIntentStore, SCHEMA};
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use uuid::Uuid;

async fn store() -> (PgIntentStore, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgIntentStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (store.expect("the store opens"), database)
}

tender_contract::intent_promises!(store);
tender_contract::fraud_promises!(store);
tender_contract::payment_link_promises!(store);
tender_contract::deposit_promises!(store);
tender_contract::hotel_promises!(store);
tender_contract::refund_notice_promises!(store);
tender_contract::connector_promises!(store);

mod callbacks {
    use std::sync::Arc;

    use tender_intents_store::{PgCallbackStore, PgIntentStore};
    use tender_testkit::TestDatabase;

    async fn stores() -> (PgCallbackStore, Arc<PgIntentStore>, TestDatabase) {
        let (intents, database) = super::store().await;
        (PgCallbackStore::new(intents.pool().clone()), Arc::new(intents), database)
    }

    tender_contract::callback_promises!(stores);
}

#[tokio::test]
async fn the_role_can_delete_nothing() {
    let (_store, database) = store().await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let tables = ["intents", "attempts", "captures", "orders", "gateway_callbacks", "deposit_policies"];
    let fraud = ["fraud_rule_sets", "fraud_decisions", "fraud_overrides", "payment_links", "link_sendings"];
    let beside = ["refunds_seen", "storefront_payments", "numbers"];
    for table in tables.into_iter().chain(fraud).chain(beside) {
        for forbidden in [format!("DELETE FROM intents.{table}"), format!("TRUNCATE intents.{table}")] {
            let refused = sqlx::query(AssertSqlSafe(forbidden.clone())).execute(&pool).await;
            let message = refused.expect_err(&forbidden).to_string();
            assert!(message.contains("permission denied"), "{forbidden}: {message}");
        }
    }
}

/// What deletes for the role does it in one way only: moved, or over for two weeks.
#[tokio::test]
async fn callbacks_are_deleted_by_functions_that_can_do_nothing_else() {
    let (_store, database) = store().await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let admin = database.admin().await;
    let keep = "INSERT INTO intents.gateway_callbacks (tenant_id, connector, event_id, event_type, occurred_at, \
                received_at, fact, body, state, failures, next_try_at) \
                SELECT tenant, 'simulator', event, 't', now(), now() - age, '{}', '{}', state, 0, \
                CASE state WHEN 'pending' THEN now() END \
                FROM (VALUES ('one', 'young', interval '13 days', 'applied'), \
                ('one', 'lied', interval '99 days', 'contradicted'), \
                ('one', 'waits', interval '99 days', 'pending'), \
                ('one', 'old', interval '99 days', 'applied')) AS v (tenant, event, age, state)";
    sqlx::query(keep).execute(&pool).await.expect("kept");
    let gone: i32 =
        sqlx::query_scalar("SELECT intents.forget_gateway_callbacks(now() + interval '1 year', 100)")
            .fetch_one(&pool)
            .await
            .expect("the role may");
    assert_eq!(gone, 1, "whatever it is asked for");
    for (tenant, event) in [("two", "young"), ("-", "young")] {
        let give = "SELECT intents.give_gateway_callback('simulator', $1, $2)";
        sqlx::query(give).bind(event).bind(tenant).execute(&pool).await.expect("the role may");
    }
    let left: Vec<(String, String)> =
        sqlx::query_as("SELECT tenant_id, event_id FROM intents.gateway_callbacks ORDER BY event_id")
            .fetch_all(&admin)
            .await
            .expect("read");
    let of_one = |event: &str| ("one".to_owned(), event.to_owned());
    assert_eq!(left, [of_one("lied"), of_one("waits"), of_one("young")], "a tenant's own is moved nowhere");
}

#[tokio::test]
async fn the_role_can_change_no_decision_and_no_override_of_fraud() {
    let (_store, database) = store().await;
    let pool = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    for forbidden in ["intents.fraud_decisions SET score = 0", "intents.fraud_overrides SET reason = 'x'"] {
        let refused = sqlx::query(AssertSqlSafe(format!("UPDATE {forbidden}"))).execute(&pool).await;
        let message = refused.expect_err(forbidden).to_string();
        assert!(message.contains("permission denied"), "{forbidden}: {message}");
    }
}

#[tokio::test]
async fn a_row_that_breaks_a_law_is_named_by_table_column_and_row() {
    let (store, database) = store().await;
    let tenant = TenantId::sandbox();
    let intent = intents::approved(&store, &tenant, 1).await;
    let admin = database.admin().await;
    let attempt = intent.attempts[0].id.uuid().to_string();
    let root = intent.id.uuid().to_string();
    for (break_it, mend_it, table, column, row) in [
        (
            "intents SET amount_captured_minor = 1",
            "intents SET amount_captured_minor = 0",
            "intents",
            "amount_captured_minor",
            &root,
        ),
        ("intents SET currency = 'QQQ'", "intents SET currency = 'EUR'", "intents", "currency", &root),
        (
            "intents SET last_payment_error = '{\"attempt\": 1}'",
            "intents SET last_payment_error = NULL",
            "intents",
            "last_payment_error",
            &root,
        ),
        ("intents SET metadata = '{\"a\": 1}'", "intents SET metadata = '{}'", "intents", "metadata", &root),
        (
            "attempts SET decline_code = 'x', decline_message = 'x'",
            "attempts SET decline_code = NULL, \
         decline_message = NULL",
            "attempts",
            "decline_code",
            &attempt,
        ),
    ] {
        let update = |set: &str| AssertSqlSafe(format!("UPDATE intents.{set}"));
        sqlx::query(update(break_it)).execute(&admin).await.expect("the administrator may");
        let message = store.intent(&tenant, intent.id).await.expect_err(break_it).to_string();
        assert!(message.contains(&format!("{table}.{column} of {row}")), "{break_it}: {message}");
        sqlx::query(update(mend_it)).execute(&admin).await.expect("the administrator may");
    }
    assert_eq!(store.intent(&tenant, intent.id).await.expect("it is mended").as_ref(), Some(&*intent));
}

/// What the hot path of a payment costs, on tables that were empty when it began: the second commit changes no index of
/// the root, and every row is looked up by its primary key.
#[tokio::test]
async fn an_outcome_is_written_without_touching_an_index_of_the_intent_and_every_row_found_by_its_key() {
    let (store, database) = store().await;
    let tenant = TenantId::sandbox();
    for number in 1..=20 {
        let _approved = intents::approved(&store, &tenant, number).await;
    }
    let admin = database.admin().await;
    tender_testkit::eventually("the updates are counted, and all stayed on their page", || async {
        let counted =
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relid = 'intents.intents'::regclass";
        let (updates, hot): (i64, i64) = sqlx::query_as(counted).fetch_one(&admin).await.ok()?;
        (updates == 40 && hot == 40).then_some(())
    })
    .await;
    let others = "SELECT indexrelname::text FROM pg_stat_user_indexes WHERE schemaname = 'intents' AND idx_scan > 0 \
                  AND relname IN ('intents', 'attempts', 'captures') AND indexrelname NOT LIKE '%\\_pkey'";
    let used: Vec<(String,)> =
        sqlx::query_as(others).fetch_all(&admin).await.expect("the counts can be read");
    assert_eq!(used, [], "no other index is used to find a row");
}

#[tokio::test]
async fn reads_find_rows_by_the_index_made_for_them() {
    let (store, database) = store().await;
    let tenant = TenantId::sandbox();
    let intent = intents::approved(&store, &tenant, 1).await;
    assert!(store.intent(&tenant, intent.id).await.expect("read").is_some());
    assert!(store.intent_of_attempt(&tenant, intent.attempts[0].id).await.expect("read").is_some());
    let admin = database.admin().await;
    tender_testkit::eventually("the children are found by their intent", || async {
        let scans = "SELECT min(idx_scan) FROM pg_stat_user_indexes \
                     WHERE indexrelname IN ('attempts_one_approved_of_intent', 'captures_of_intent')";
        let (scans,): (i64,) = sqlx::query_as(scans).fetch_one(&admin).await.ok()?;
        (scans == 2).then_some(())
    })
    .await;
}

/// The release before refunds were told in full goes on while its schema is changed, and names the columns it knows.
#[tokio::test]
async fn a_refund_that_an_earlier_release_wrote_gave_money_back() {
    let (store, database) = store().await;
    let tenant = TenantId::sandbox();
    let intent = intents::approved(&store, &tenant, 1).await;
    let role = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    sqlx::query(
        "INSERT INTO intents.refunds_seen (tenant_id, refund_id, intent_id, attempt_id, amount_minor, currency, \
         gateway_reference, processed_at) VALUES ('sandbox', $1, $2, $3, 700, 'EUR', 'ref_1', now())",
    )
    .bind(Uuid::from_u128(9))
    .bind(intent.id.uuid())
    .bind(intent.attempts[0].id.uuid())
    .execute(&role)
    .await
    .expect("it is written");
    let refunds = store.refunds_of_intents(&tenant, &[intent.id]).await.expect("they can be read");
    let [refund] = &refunds[..] else { panic!("{refunds:?}") };
    assert!(refund.gave_back() && refund.status == RefundStatus::Succeeded, "{refund:?}");
    assert_eq!((refund.amount.minor(), refund.attempt), (700, intent.attempts[0].id));
    assert_eq!(refund.created_at, refund.ended_at, "of when it was asked for nothing was kept");
    assert!(refund.version.number() < 1, "whatever is told of it later is newer");
}

/// Every code of three letters that the services take is told with the places that they count with.
#[tokio::test]
async fn the_database_counts_a_currencys_places_as_the_services_do() {
    let (_store, database) = store().await;
    let letters = || 'A'..='Z';
    let codes: Vec<String> = letters()
        .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c]))))
        .filter(|code| code.parse::<Currency>().is_ok())
        .collect();
    assert!(codes.len() > 100, "{} currencies", codes.len());
    let counted: Vec<(String, i32)> =
        sqlx::query_as("SELECT code, intents.currency_places(code) FROM unnest($1::text[]) code")
            .bind(codes)
            .fetch_all(&database.admin().await)
            .await
            .expect("they can be counted");
    for (code, places) in counted {
        let exponent = code.parse::<Currency>().expect("it was one").exponent();
        assert_eq!(u32::try_from(places), Ok(exponent), "{code}");
    }
}

type Shown = (String, Uuid, Uuid, Uuid, String, String, Option<Uuid>, String, String, Option<String>);

#[tokio::test]
async fn the_adventures_documents_table_of_payments_shows_its_own_payments_and_no_others() {
    let (store, database) = store().await;
    let tenant = TenantId::sandbox();
    let _core = intents::approved(&store, &tenant, 1).await;
    let (guest, reservation) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let payment = intents::of_storefront(&store, &tenant, 2, [guest, reservation]).await;
    let role = sqlx::PgPool::connect_with(database.connect_as(SCHEMA)).await.expect("the role may connect");
    let rows: Vec<Shown> = sqlx::query_as(
        "SELECT tenant_id, payment_id, reservation_id, guest_id, amount::text, currency::text, payment_method_id, \
         gateway_ref, status, idempotency_key FROM intents.payments WHERE guest_id = $1 AND created_at < now() + '9 years'",
    )
    .bind(guest)
    .fetch_all(&role)
    .await
    .expect("the table can be read");
    let gateway_ref = payment.attempts[0].authorization.as_ref().expect("approved").gateway_reference.clone();
    let expected: Shown = (
        "sandbox".to_owned(),
        payment.id.uuid(),
        reservation,
        guest,
        "100.000".to_owned(),
        "EUR".to_owned(),
        None,
        gateway_ref,
        "COMPLETED".to_owned(),
        Some("the client's key".to_owned()),
    );
    assert_eq!(rows, [expected]);
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
         WHERE attrelid = 'intents.payments'::regclass AND attnum > 0 ORDER BY attnum",
    )
    .fetch_all(&role)
    .await
    .expect("the catalogue can be read");
    let columns: Vec<(&str, &str)> = columns.iter().map(|(name, kind)| (&**name, &**kind)).collect();
    let wanted = [
        ("tenant_id", "text"),
        ("payment_id", "uuid"),
        ("reservation_id", "uuid"),
        ("guest_id", "uuid"),
        ("amount", "numeric(20,3)"),
        ("currency", "character(3)"),
        ("payment_method_id", "uuid"),
        ("gateway_ref", "character varying(255)"),
        ("status", "character varying(20)"),
        ("idempotency_key", "character varying(64)"),
        ("created_at", "timestamp with time zone"),
    ];
    assert_eq!(columns, wanted);
}

/// The laws of one row stand in the schema too, under their own names, whoever writes.
#[tokio::test]
async fn no_row_of_a_payment_breaks_a_law_whoever_writes_it() {
    let (store, database) = store().await;
    let intent = intents::approved(&store, &TenantId::sandbox(), 1).await;
    let admin = database.admin().await;
    let capture = "INSERT INTO intents.captures (tenant_id, capture_id, intent_id, number, attempt_id, amount_minor, \
                   is_final, status, created_at, answered_at, checks, gateway_reference, next_check_at, queued_at) \
                   SELECT tenant_id, gen_random_uuid(), intent_id, 9, attempt_id, 1, true, {} FROM intents.attempts";
    for (written, law) in [
        (
            "UPDATE intents.intents SET amount_captured_minor = amount_minor + 1",
            "intents_captured_within_amount",
        ),
        ("UPDATE intents.intents SET amount_captured_minor = -1", "intents_captured_within_amount"),
        ("UPDATE intents.intents SET status = 'succeeded'", "intents_succeeded_took_money"),
        (
            "UPDATE intents.intents SET status = 'canceled', canceled_at = now(), amount_captured_minor = 1",
            "intents_canceled_took_none",
        ),
        ("UPDATE intents.intents SET canceled_at = now()", "intents_canceled_is_dated"),
        (
            "UPDATE intents.intents SET closes_at = now(), expires_at = now() + '1s'",
            "intents_closes_when_it_expires",
        ),
        ("UPDATE intents.intents SET live_order_ref = 'a', order_ref = 'b'", "intents_live_order_is_its_own"),
        (
            "UPDATE intents.intents SET method_id = gen_random_uuid(), test_token = 'tok_visa'",
            "intents_one_instrument",
        ),
        ("UPDATE intents.intents SET capture_delay_seconds = 5", "intents_only_auto_is_delayed"),
        ("UPDATE intents.intents SET channel = 'kiosk'", "intents_channel_check"),
        ("UPDATE intents.attempts SET method_id = NULL, test_token = NULL", "attempts_one_instrument"),
        ("UPDATE intents.attempts SET gateway_reference = NULL", "attempts_approved_is_named"),
        ("UPDATE intents.attempts SET decline_code = 'expired_card'", "attempts_declined_says_why"),
        ("UPDATE intents.attempts SET challenge_url = 'https://bank.example'", "attempts_challenge_is_whole"),
        (
            "UPDATE intents.attempts SET status = 'declined', gateway_reference = NULL, void = 'done', void_at = now(), \
             capture_at = NULL, expires_at = NULL",
            "attempts_only_approved_is_voided",
        ),
        ("UPDATE intents.attempts SET void_at = now()", "attempts_void_is_dated"),
        (
            "UPDATE intents.attempts SET status = 'error', gateway_reference = NULL, expires_at = now()",
            "attempts_only_what_is_held_is_timed",
        ),
        ("UPDATE intents.attempts SET next_check_at = now()", "attempts_open_is_pursued_or_queued"),
        ("UPDATE intents.attempts SET queued_at = now()", "attempts_for_a_person_is_queued"),
        ("'succeeded', now(), now(), 0, NULL, NULL, NULL", "captures_succeeded_is_named"),
        ("'succeeded', now(), NULL, 0, 'x', NULL, NULL", "captures_ended_is_dated"),
        ("'failed', now(), now(), 0, NULL, now(), NULL", "captures_only_pending_is_checked"),
        ("'pending', now(), NULL, 0, NULL, NULL, NULL", "captures_open_is_pursued_or_queued"),
    ] {
        let sql =
            if written.starts_with("UPDATE") { written.to_owned() } else { capture.replace("{}", written) };
        let refused = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&admin).await;
        let error = refused.expect_err(law);
        let refused = error.as_database_error().and_then(|error| error.constraint());
        assert_eq!(refused, Some(law), "{written}: {error}");
    }
    let stored = store.intent(&intent.tenant, intent.id).await.expect("read");
    assert_eq!(stored.as_ref(), Some(&*intent), "nothing was changed");
}

#[tokio::test]
async fn no_table_of_declines_has_a_final_one_whoever_writes_it() {
    let (_, database) = store().await;
    let admin = database.admin().await;
    let own = |declines: &str| {
        format!(
            "INSERT INTO intents.connectors (tenant_id, connector_id, version, livemode, name, kind, status, priority, \
             config, credentials, retryable_declines, created_at, updated_at) VALUES ('laws', gen_random_uuid(), 1, \
             false, 'c' || left(md5(random()::text), 8), 'stripe', 'enabled', 0, '{{}}', '{{}}', '{declines}', now(), now())"
        )
    };
    let operators = |declines: &str| {
        format!(
            "INSERT INTO intents.routing_rule_sets (tenant_id, version, rules, operator_declines, updated_at) VALUES \
             (md5(random()::text), 1, '[]', '{{\"c\": {declines}}}', now())"
        )
    };
    for (declines, is_taken) in
        [(r#"["do_not_honor"]"#, true), ("[]", true), (r#"["do_not_honor", "stolen_card"]"#, false)]
    {
        for sql in [own(declines), operators(declines)] {
            let written = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&admin).await;
            assert_eq!(written.is_ok(), is_taken, "{sql}: {written:?}");
        }
    }
}

//! Books in order, written by hand: the auditor must not depend on the code that writes.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tender::check::{CheckOptions, Report, Verdict, check};
use tender_postgres::Migration;
use tender_testkit::TestDatabase;

/// Every schema of the platform.
pub(crate) const SCHEMAS: &[(&str, &[Migration])] = &[
    (tender_intents_store::SCHEMA, tender_intents_store::MIGRATIONS),
    (tender_refunds_store::SCHEMA, tender_refunds_store::MIGRATIONS),
    (tender_settlement_store::SCHEMA, tender_settlement_store::MIGRATIONS),
    (tender_simulator_store::SCHEMA, tender_simulator_store::MIGRATIONS),
];

pub(crate) struct Books {
    pub(crate) admin: PgPool,
    _database: TestDatabase,
}

/// One payment of 500 that was refunded by 200, an hour ago, in every service's tables.
const A_DAY: &str = "
INSERT INTO intents.intents (tenant_id, intent_id, version, livemode, amount_minor, currency, status,
    merchant_account_id, test_token, method_type, capture_mode, metadata, max_attempts, channel,
    amount_captured_minor, amount_refunded_minor, created_at, updated_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000001', 2, false, 500, 'EUR', 'succeeded', 'ma_1', 'tok_visa', 'card',
    'auto', '{}', 5, 'core', 500, 200, now() - interval '1 hour', now() - interval '1 hour');

INSERT INTO intents.attempts (tenant_id, attempt_id, intent_id, number, connector, test_token, method_type,
    amount_minor, capture, status, started_at, answered_at, gateway_reference, checks)
VALUES ('acme', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 1, 'simulator',
    'tok_visa', 'card', 500, true, 'approved', now() - interval '1 hour', now() - interval '1 hour', 'sim_1', 0);

INSERT INTO intents.captures (tenant_id, capture_id, intent_id, number, attempt_id, amount_minor, is_final, status,
    gateway_reference, created_at, answered_at, checks)
VALUES ('acme', '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000001', 1,
    '00000000-0000-7000-8000-000000000002', 500, true, 'succeeded', 'sim_1', now() - interval '1 hour',
    now() - interval '1 hour', 0);

INSERT INTO refunds.refundable_charges (tenant_id, charge_id, version, intent_id, merchant_account_id, connector,
    gateway_reference, livemode, currency, authorized_minor, captured_minor, disputed_minor, refunded_minor,
    created_at, updated_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000002', 2, '00000000-0000-7000-8000-000000000001', 'ma_1', 'simulator',
    'sim_1', false, 'EUR', 500, 500, 0, 200, now() - interval '1 hour', now() - interval '1 hour');

INSERT INTO refunds.charge_captures (tenant_id, capture_id, charge_id, amount_minor, seen_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000002', 500,
    now() - interval '1 hour');

INSERT INTO refunds.refunds (tenant_id, refund_id, version, charge_id, intent_id, livemode, amount_minor, currency,
    reason, refund_method, metadata, status, gateway_reference, ended_at, created_at, updated_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000006', 2, '00000000-0000-7000-8000-000000000002',
    '00000000-0000-7000-8000-000000000001', false, 200, 'EUR', 'customer_request', 'original_payment_method', '{}',
    'succeeded', 'sim_rf_1', now() - interval '1 hour', now() - interval '1 hour', now() - interval '1 hour');

INSERT INTO settlement.ledger_transfers (tenant_id, id, effect_id, transfer_no, transfer_count, kind, intent_id,
    debit_account, credit_account, amount_minor, currency, occurred_at, posted_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000008', 'cap_1', 0, 1, 'capture',
    '00000000-0000-7000-8000-000000000001', 'asset:gateway:simulator:receivable', 'liability:merchant:ma_1:payable',
    500, 'EUR', now() - interval '1 hour', now() - interval '1 hour'),
    ('acme', '00000000-0000-7000-8000-00000000000a', 'rf_1', 0, 1, 'refund',
    '00000000-0000-7000-8000-000000000001', 'liability:merchant:ma_1:payable', 'asset:gateway:simulator:receivable',
    200, 'EUR', now() - interval '1 hour', now() - interval '1 hour');

INSERT INTO settlement.account_balances (tenant_id, account, currency, debits_minor, credits_minor)
VALUES ('acme', 'asset:gateway:simulator:receivable', 'EUR', 500, 200),
    ('acme', 'liability:merchant:ma_1:payable', 'EUR', 200, 500);

INSERT INTO simulator.payments (tenant_id, gateway_reference, reference, currency, authorized_minor, captured_minor,
    refunded_minor, released, version)
VALUES ('acme', 'sim_1', 'att_00000000000e0r00000000000r', 'EUR', 500, 500, 200, true, 3);

INSERT INTO intents.outbox (tenant_id, n, id, topic, key, subject, source, \"time\", version, data, recorded_at)
VALUES ('acme', 0, '00000000-0000-7000-8000-00000000000c', 'payment.processed', 'pi_1', 'pi_1', '/tender/intents',
    now() - interval '1 hour', 2, '{}', now() - interval '1 hour'),
    ('acme', 1, '00000000-0000-7000-8000-00000000000e', 'payment.canceled', 'pi_2', 'pi_2', '/tender/intents',
    now() - interval '1 hour', 2, '{}', now() - interval '1 hour');
INSERT INTO intents.outbox_positions (follower, tx, n)
SELECT follower, tx, n FROM intents.outbox, (VALUES ('ledger'), ('refunds')) AS f (follower)
WHERE topic = 'payment.processed';
";

impl Books {
    pub(crate) async fn in_order() -> Self {
        let database = TestDatabase::create(SCHEMAS).await;
        let books = Self { admin: database.admin().await, _database: database };
        books.write(A_DAY).await;
        books
    }

    /// Changes the books by hand.
    pub(crate) async fn write(&self, sql: &str) {
        let written = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.admin).await;
        written.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub(crate) fn connect(&self) -> PgConnectOptions {
        (*self.admin.connect_options()).clone()
    }

    pub(crate) async fn check(&self) -> Report {
        let options = CheckOptions { wait: None, ..CheckOptions::default() };
        check(&self.connect(), options).await.unwrap_or_else(|error| panic!("not checked: {error}"))
    }

    pub(crate) async fn check_waiting(&self, wait: Duration) -> Report {
        let options = CheckOptions { wait: Some(wait), ..CheckOptions::default() };
        check(&self.connect(), options).await.unwrap_or_else(|error| panic!("not checked: {error}"))
    }
}

/// The names of the promises that are broken.
pub(crate) fn broken(report: &Report) -> Vec<&'static str> {
    let broken = report.sections.iter().filter(|section| section.verdict == Verdict::Broken);
    broken.map(|section| section.name).collect()
}

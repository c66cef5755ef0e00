use std::time::Duration;

use tender::check::{CheckOptions, check};

use crate::books::Books;

/// A capture of just now that the ledger, the refunds and the simulator's books know or do not know yet.
const YOUNG: &str = "
INSERT INTO intents.intents SELECT tenant_id, '00000000-0000-7000-8000-000000000011', version, livemode, 70, currency,
    status, customer_id, merchant_account_id, method_id, test_token, method_type, method_brand, method_last4,
    capture_mode, description, statement_descriptor, order_ref, reservation_ref, metadata, max_attempts, expires_at,
    channel, last_payment_error, cancellation_reason, canceled_at, 70, 0, live_order_ref, now(), now()
FROM intents.intents;
INSERT INTO intents.attempts (tenant_id, attempt_id, intent_id, number, connector, test_token, method_type,
    amount_minor, capture, status, started_at, answered_at, gateway_reference, checks)
VALUES ('acme', '00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000011', 1, 'simulator',
    'tok_visa', 'card', 70, true, 'approved', now(), now(), 'sim_2', 0);
INSERT INTO intents.captures (tenant_id, capture_id, intent_id, number, attempt_id, amount_minor, is_final, status,
    gateway_reference, created_at, answered_at, checks)
VALUES ('acme', '00000000-0000-7000-8000-000000000014', '00000000-0000-7000-8000-000000000011', 1,
    '00000000-0000-7000-8000-000000000012', 70, true, 'succeeded', 'sim_2', now(), now(), 0);
INSERT INTO intents.outbox (tenant_id, n, id, topic, key, subject, source, \"time\", version, data)
VALUES ('acme', 0, '00000000-0000-7000-8000-00000000001c', 'payment.processed', 'pi_11', 'pi_11', '/tender/intents',
    now(), 2, '{}');
INSERT INTO simulator.payments VALUES ('acme', 'sim_2', 'att_2', 'EUR', 70, 70, 0, true, 1);
";

/// What the ledger's consumer does with it.
const ARRIVED: &str = "
INSERT INTO settlement.ledger_transfers (tenant_id, id, effect_id, transfer_no, transfer_count, kind, intent_id,
    debit_account, credit_account, amount_minor, currency, occurred_at, posted_at)
VALUES ('acme', '00000000-0000-7000-8000-000000000018', 'cap_11', 0, 1, 'capture',
    '00000000-0000-7000-8000-000000000011', 'asset:gateway:simulator:receivable', 'liability:merchant:ma_1:payable',
    70, 'EUR', now(), now());
UPDATE settlement.account_balances SET debits_minor = debits_minor + 70 WHERE account LIKE 'asset:%';
UPDATE settlement.account_balances SET credits_minor = credits_minor + 70 WHERE account LIKE 'liability:%';
UPDATE intents.outbox_positions SET (tx, n) = (SELECT tx, n FROM intents.outbox ORDER BY tx DESC, n DESC LIMIT 1);
";

#[tokio::test]
async fn what_is_younger_than_its_grace_is_listed_and_is_no_fault() {
    let books = Books::in_order().await;
    books.write(YOUNG).await;
    let report = books.check().await;
    assert!(report.clean && !report.caught_up(), "{report}");
    let on_its_way: Vec<_> = report.sections.iter().filter(|section| section.pending_count > 0).collect();
    assert_eq!(
        on_its_way.iter().map(|section| section.name).collect::<Vec<_>>(),
        ["money", "outbox"],
        "{report}"
    );
    // The same, once its grace is over, is a fault.
    let no_grace = CheckOptions { grace: Duration::ZERO, ..CheckOptions::default() };
    let report = check(&books.connect(), no_grace).await.expect("the books can be read");
    assert!(!report.clean, "{report}");
}

#[tokio::test]
async fn waiting_lets_everything_arrive_first() {
    let books = Books::in_order().await;
    books.write(YOUNG).await;
    let (report, ()) = tokio::join!(books.check_waiting(Duration::from_secs(60)), async {
        // The check has looked at least once when its connection is there or gone; either way it looks again.
        books.write(ARRIVED).await;
    });
    assert!(report.clean && report.caught_up(), "{report}");
}

/// A call whose outcome is not known, and that is looked up again in an hour.
const OPEN: &str = "
UPDATE intents.intents SET max_attempts = 3;
INSERT INTO intents.attempts (tenant_id, attempt_id, intent_id, number, connector, test_token, method_type,
    amount_minor, capture, status, started_at, checks, next_check_at)
SELECT tenant_id, '00000000-0000-7000-8000-000000000012', intent_id, 2, 'simulator', 'tok_visa', 'card', 70, true,
    'unknown', now(), 1, now() + interval '1 hour'
FROM intents.intents LIMIT 1;
";

#[tokio::test]
async fn waiting_does_not_wait_for_what_is_looked_up_only_afterwards() {
    let books = Books::in_order().await;
    books.write(OPEN).await;
    let check = books.check_waiting(Duration::from_secs(3000));
    let report =
        tokio::time::timeout(Duration::from_secs(60), check).await.expect("nothing can change in that time");
    assert!(report.clean && !report.caught_up(), "{report}");
    assert!(report.to_string().ends_with("Everything is in order; what is open is pursued.\n"), "{report}");
}

#[tokio::test]
async fn waiting_ends_when_its_time_is_over_and_tells_what_is_missing() {
    let books = Books::in_order().await;
    books.write("UPDATE settlement.account_balances SET debits_minor = 1 WHERE account LIKE 'asset:%'").await;
    let report = books.check_waiting(Duration::from_millis(700)).await;
    assert_eq!(report.exit_code(), 1, "{report}");
}

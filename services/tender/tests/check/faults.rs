use sqlx::{ConnectOptions, Connection};
use tender::check::{Verdict, create_auditor};

use crate::books::{Books, broken};

#[tokio::test]
async fn books_in_order_are_clean_and_everything_was_looked_at() {
    let books = Books::in_order().await;
    let report = books.check().await;
    assert!(report.clean && report.caught_up(), "{report}");
    assert_eq!(report.exit_code(), 0);
    let names: Vec<_> = report.sections.iter().map(|section| (section.name, section.verdict)).collect();
    let expected = ["ledger", "money", "refunds", "disputes", "store credit", "outbox", "attempts", "books"];
    assert_eq!(names, expected.map(|name| (name, Verdict::Kept)), "{report}");
    let text = report.to_string();
    for said in [
        "acme: 2 transactions, 700 minor units of EUR on each side",
        "acme: 1 intents, captured 500, refunded 200 minor units of EUR",
        "intents: ledger is at position",
        "acme: 1 payments at the simulator, captured 500, refunded 200 minor units of EUR",
        "Everything is in order.",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

/// A dispute that is in no ledger, does not count on its charge, and has no history.
const A_DISPUTE: &str = "
INSERT INTO refunds.disputes (tenant_id, dispute_id, version, charge_id, intent_id, merchant_account_id, livemode,
    processor, amount_minor, fee_minor, currency, reason, received_at, status, history_number, history_hash, created_at,
    updated_at)
VALUES ('acme', '00000000-0000-7000-8000-0000000000b0', 1, '00000000-0000-7000-8000-000000000002',
    '00000000-0000-7000-8000-000000000001', 'ma_1', false, 'simulator', 100, 15, 'EUR', 'fraud',
    now() - interval '1 hour', 'needs_response', 1, decode(repeat('00', 32), 'hex'), now() - interval '1 hour',
    now() - interval '1 hour')";

/// Each way to break the books, the promises that it breaks, and what the report says of it.
const BREAKS: &[(&str, &[&str], &str)] = &[
    (
        "UPDATE settlement.account_balances SET credits_minor = 501 WHERE account LIKE 'liability:%'",
        &["ledger"],
        "the entries of liability:merchant:ma_1:payable add up to 200 debit and 500 credit minor units of EUR, its \
         balance says 200 and 501",
    ),
    (
        "DELETE FROM settlement.ledger_transfers WHERE effect_id = 'rf_1';
         UPDATE settlement.account_balances SET credits_minor = 0 WHERE account LIKE 'asset:%';
         UPDATE settlement.account_balances SET debits_minor = 0 WHERE account LIKE 'liability:%'",
        &["money"],
        "intent 00000000-0000-7000-8000-000000000001 has captured 500 and refunded 200 minor units of EUR; the ledger \
         has 500 and 0",
    ),
    (
        "UPDATE settlement.ledger_transfers SET transfer_count = 2 WHERE effect_id = 'cap_1'",
        &["ledger"],
        "the transaction of cap_1 has 1 of its 2 transfers",
    ),
    (
        "INSERT INTO settlement.ledger_transfers SELECT tenant_id, '00000000-0000-7000-8000-0000000000f0', 'cap_2', 0, 1,
             kind, intent_id, debit_account, credit_account, amount_minor, currency, now(), now()
         FROM settlement.ledger_transfers WHERE effect_id = 'cap_1';
         UPDATE settlement.account_balances SET debits_minor = 1000 WHERE account LIKE 'asset:%';
         UPDATE settlement.account_balances SET credits_minor = 1000 WHERE account LIKE 'liability:%'",
        &["money"],
        "the ledger has 1000 and 200",
    ),
    (
        "UPDATE refunds.refundable_charges SET captured_minor = 700, refunded_minor = 600;
         UPDATE refunds.charge_captures SET amount_minor = 700; UPDATE refunds.refunds SET amount_minor = 600",
        &["money", "refunds", "books"],
        "of charge 00000000-0000-7000-8000-000000000002 500 minor units of EUR were captured and 600 are refunded or \
         reserved for it",
    ),
    (
        "UPDATE refunds.refundable_charges SET refunded_minor = 100",
        &["refunds"],
        "keeps sums of 500 captured and 100 refunded; its rows add up to 500 and 200",
    ),
    (
        "UPDATE intents.intents SET amount_captured_minor = 400",
        &["money"],
        "keeps a sum of 400 captured; its captures add up to 500",
    ),
    (
        "UPDATE intents.outbox_positions SET tx = 0, n = 0 WHERE follower = 'ledger'",
        &["outbox"],
        "intents: 1 messages wait for ledger, the oldest since",
    ),
    (
        "INSERT INTO intents.dead_letters VALUES ('acme', 'ledger', '00000000-0000-7000-8000-0000000000d0',
             'payment.processed', 'pi_1', '{}', 'amounts differ', now(), 'pi_1', '/tender/intents', now(), 1)",
        &["outbox"],
        "ledger put message 00000000-0000-7000-8000-0000000000d0 of payment.processed aside: amounts differ",
    ),
    (
        "UPDATE intents.captures SET status = 'pending', answered_at = NULL, next_check_at = now() - interval '20 min';
         UPDATE intents.intents SET amount_captured_minor = 0, status = 'processing';
         DELETE FROM settlement.ledger_transfers; DELETE FROM settlement.account_balances;
         DELETE FROM refunds.refunds; DELETE FROM refunds.charge_captures; DELETE FROM refunds.refundable_charges",
        &["attempts"],
        "capture 00000000-0000-7000-8000-000000000004 is open since",
    ),
    (
        "UPDATE simulator.payments SET refunded_minor = 400",
        &["books"],
        "the simulator has 500 captured and 400 refunded minor units of EUR of sim_1, we have 500 and 200",
    ),
    (
        "INSERT INTO simulator.payments VALUES ('acme', 'sim_2', 'att_00000000000e0r00000000000z', 'EUR', 70, 70, 0,
             true, 1)",
        &["books"],
        "the simulator has 70 captured and 0 refunded minor units of EUR of sim_2, we have 0 and 0",
    ),
    (
        A_DISPUTE,
        &["disputes"],
        "of the disputes of intent 00000000-0000-7000-8000-000000000001 100 minor units of EUR are held, 0 lost and 15 \
         fees; the ledger has 0, 0 and 0",
    ),
    (
        A_DISPUTE,
        &["disputes"],
        "charge 00000000-0000-7000-8000-000000000002 keeps a sum of 0 disputed; its disputes add up to 100",
    ),
    (
        A_DISPUTE,
        &["disputes"],
        "the history of dispute 00000000-0000-7000-8000-0000000000b0 is broken: its last entry is missing",
    ),
    (
        "INSERT INTO settlement.store_credit_adjustments VALUES ('acme', '00000000-0000-7000-8000-0000000000c0', 'cust_1',
             'grant', 50, 'EUR', 'ma_1', 'a present', NULL, 'admin', now())",
        &["store credit"],
        "store credit of customer cust_1 is 50 minor units of EUR by refunds and adjustments; the ledger has 0",
    ),
    (
        "ALTER TABLE settlement.account_balances DISABLE TRIGGER USER;
         INSERT INTO settlement.account_balances VALUES ('acme', 'liability:customer:cust_1:store_credit', 'EUR', 50, 0);
         INSERT INTO settlement.ledger_transfers SELECT tenant_id, '00000000-0000-7000-8000-0000000000f2', 'sca_1', 0, 1,
             'store_credit_redemption', NULL, 'liability:customer:cust_1:store_credit', credit_account, 50, currency,
             now(), now() FROM settlement.ledger_transfers WHERE effect_id = 'cap_1';
         UPDATE settlement.account_balances SET credits_minor = 550 WHERE account LIKE 'liability:merchant:%';
         INSERT INTO settlement.store_credit_adjustments VALUES ('acme', '00000000-0000-7000-8000-0000000000c0', 'cust_1',
             'redemption', 50, 'EUR', 'ma_1', 'spent', NULL, 'admin', now())",
        &["store credit"],
        "store credit of customer cust_1 is -50 minor units of EUR by refunds and adjustments; the ledger has -50",
    ),
    (
        "DELETE FROM simulator.payments",
        &["books"],
        "the simulator has 0 captured and 0 refunded minor units of EUR of sim_1, we have 500 and 200",
    ),
];

#[tokio::test]
async fn each_way_to_break_the_books_is_found_and_named() {
    for (breaking, promises, said) in BREAKS {
        let books = Books::in_order().await;
        books.write(breaking).await;
        let report = books.check().await;
        assert_eq!(broken(&report), *promises, "{breaking}\n{report}");
        assert_eq!(report.exit_code(), 1);
        assert!(report.to_string().contains(said), "{said}\n{report}");
        assert!(report.to_json().contains("\"clean\": false"));
    }
}

#[tokio::test]
async fn the_auditors_role_reads_everything_and_writes_nothing() {
    let books = Books::in_order().await;
    let role = format!("tender_auditor_{:08x}", std::process::id());
    create_auditor(&books.admin, &role, Some(&"only-for-tests".into())).await.expect("the role can be made");
    create_auditor(&books.admin, &role, None).await.expect("making it again changes nothing");
    let connect = books.connect().username(&role).password("only-for-tests");
    let report = tender::check::check(&connect, Default::default()).await;
    let mut connection = connect.connect().await.expect("the auditor can connect");
    // Even if it were talked out of being read-only.
    sqlx::raw_sql("SET default_transaction_read_only = off")
        .execute(&mut connection)
        .await
        .expect("a setting");
    for write in [
        "UPDATE settlement.account_balances SET debits_minor = 0",
        "DELETE FROM intents.captures",
        "CREATE TABLE settlement.mine (id int)",
    ] {
        let refused = sqlx::raw_sql(write).execute(&mut connection).await.expect_err(write);
        assert!(refused.to_string().contains("permission denied"), "{write}: {refused}");
    }
    connection.close().await.expect("the connection ends");
    books.write(&format!("DROP ROLE {role}")).await;
    assert!(report.expect("the auditor can read").clean);
}

#[tokio::test]
async fn what_is_not_there_is_said_and_no_fault() {
    let books = Books::in_order().await;
    books.write("DROP SCHEMA simulator CASCADE; DROP SCHEMA refunds CASCADE").await;
    let report = books.check().await;
    let skipped = report.sections.iter().filter(|section| section.verdict == Verdict::Skipped);
    assert_eq!(
        skipped.map(|section| section.name).collect::<Vec<_>>(),
        ["refunds", "disputes", "store credit", "books"],
        "{report}"
    );
    // The ledger has a refund that nobody can vouch for.
    assert_eq!(broken(&report), ["money"], "{report}");
}

#[tokio::test]
async fn a_conflict_waits_for_a_person_and_is_no_fault() {
    let books = Books::in_order().await;
    books
        .write(
            "INSERT INTO intents.attempts (tenant_id, attempt_id, intent_id, number, connector, test_token, method_type,
                 amount_minor, capture, status, started_at, answered_at, problem, checks, queued_at)
             VALUES ('acme', '00000000-0000-7000-8000-0000000000aa', '00000000-0000-7000-8000-0000000000ab', 1,
                 'simulator', 'tok_wrong_amount', 'card', 500, true, 'conflict', now(), now(), '499 EUR', 0, now());
             INSERT INTO simulator.payments VALUES ('acme', 'sim_2', 'att_00000000000e0r0000000001aa', 'EUR', 499, 499,
                 0, true, 1)",
        )
        .await;
    let report = books.check().await;
    let text = report.to_string();
    assert!(text.contains("1 attempt in the queue: a person settles it"), "{text}");
    // The reference above is of no attempt of ours, so the books differ; the attempt's own reference tells them apart.
    let attempt =
        tender_domain::kernel::AttemptId::from_uuid("00000000-0000-7000-8000-0000000000aa".parse().unwrap());
    assert_eq!(broken(&report), ["books"], "{text}");
    books
        .write(&format!(
            "UPDATE simulator.payments SET reference = '{attempt}' WHERE gateway_reference = 'sim_2'"
        ))
        .await;
    let report = books.check().await;
    assert!(report.clean, "{report}");
    assert!(report.to_string().contains("a conflict that a person settles"), "{report}");
}

/// A capture that failed after it had been accepted is reversed, not deleted.
#[tokio::test]
async fn a_reversed_capture_is_as_if_it_had_not_been() {
    let books = Books::in_order().await;
    books
        .write(
            "DELETE FROM refunds.refunds; DELETE FROM refunds.charge_captures; DELETE FROM refunds.refundable_charges;
             DELETE FROM settlement.ledger_transfers WHERE effect_id = 'rf_1';
             UPDATE intents.captures SET status = 'failed';
             UPDATE intents.intents SET amount_captured_minor = 0, status = 'processing';
             UPDATE simulator.payments SET captured_minor = 0, refunded_minor = 0;
             INSERT INTO settlement.ledger_transfers SELECT tenant_id, '00000000-0000-7000-8000-0000000000f0',
                 'cap_1:reversed', 0, 1, 'reversal', intent_id, credit_account, debit_account, amount_minor, currency,
                 now(), now() FROM settlement.ledger_transfers WHERE effect_id = 'cap_1';
             UPDATE settlement.account_balances SET debits_minor = 500, credits_minor = 500",
        )
        .await;
    let report = books.check().await;
    assert!(report.clean && report.caught_up(), "{report}");
}

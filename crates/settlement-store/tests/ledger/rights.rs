use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tender_contract::settlement::{capture_of, commit};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_settlement_store::SCHEMA;

/// `insufficient_privilege` of SQLSTATE.
const FORBIDDEN: &str = "42501";

#[tokio::test]
async fn the_services_role_cannot_change_or_delete_what_was_posted() {
    let (store, database) = crate::store().await;
    let capture = capture_of(&TenantId::sandbox(), 1, "ma_1", Money::new(500, Currency::EUR));
    commit(&store, &capture).await.map(drop).expect("a capture is posted");
    let mut connection = database.connect_as(SCHEMA).connect().await.expect("the role can connect");
    for forbidden in [
        "UPDATE settlement.ledger_transfers SET amount_minor = 1",
        "DELETE FROM settlement.ledger_transfers",
        "TRUNCATE settlement.ledger_transfers",
        "DELETE FROM settlement.account_balances",
        "UPDATE settlement.store_credit_adjustments SET amount_minor = 1",
        "DELETE FROM settlement.store_credit_adjustments",
        "UPDATE settlement.ledger_entries SET amount_minor = 1",
        "ALTER TABLE settlement.ledger_transfers DISABLE TRIGGER ALL",
        "DROP TABLE settlement.ledger_transfers",
    ] {
        let refused = sqlx::query(AssertSqlSafe(forbidden)).execute(&mut connection).await;
        let error = refused.expect_err(forbidden);
        let code = error.as_database_error().and_then(|error| error.code());
        let owned =
            error.to_string().contains("must be owner") || error.to_string().contains("cannot update view");
        assert!(code.as_deref() == Some(FORBIDDEN) || owned, "{forbidden}: {error}");
    }
}

/// What no code of ours would write: the schema refuses it all the same.
#[tokio::test]
async fn the_schema_refuses_what_is_no_posting() {
    let (_store, database) = crate::store().await;
    let mut connection = database.connect_as(SCHEMA).connect().await.expect("the role can connect");
    let insert = |id: &str, effect: &str, number: (i32, i32), credit: &str, amount: i64, currency: &str| {
        format!(
            "INSERT INTO settlement.ledger_transfers (tenant_id, id, effect_id, transfer_no, transfer_count, kind, \
             debit_account, credit_account, amount_minor, currency, occurred_at, posted_at) \
             VALUES ('sandbox', '{id}', '{effect}', {}, {}, 'capture', 'asset:bank:a', '{credit}', {amount}, \
             '{currency}', now(), now())",
            number.0, number.1
        )
    };
    let even = "00000000-0000-7000-8000-000000000002";
    let odd = "00000000-0000-7000-8000-000000000003";
    let cases = [
        insert(even, "cap_1", (0, 1), "asset:bank:b", 0, "EUR"),
        insert(even, "cap_1", (0, 1), "asset:bank:b", -1, "EUR"),
        insert(even, "cap_1", (0, 1), "asset:bank:a", 1, "EUR"),
        insert(even, "cap_1", (0, 1), "", 1, "EUR"),
        insert(even, "cap_1", (0, 1), "asset:bank:b", 1, "eur"),
        insert(even, "cap_1", (1, 1), "asset:bank:b", 1, "EUR"),
        insert(even, "cap_1", (-1, 1), "asset:bank:b", 1, "EUR"),
        insert(even, "", (0, 1), "asset:bank:b", 1, "EUR"),
        insert(odd, "cap_1", (0, 1), "asset:bank:b", 1, "EUR"),
    ];
    for case in cases {
        let refused = sqlx::query(AssertSqlSafe(case.clone())).execute(&mut connection).await;
        assert!(refused.is_err(), "{case}");
    }
    let fine = insert(even, "cap_1", (0, 1), "asset:bank:b", 1, "EUR");
    sqlx::query(AssertSqlSafe(fine)).execute(&mut connection).await.expect("a transfer in order is taken");
    let lines = sqlx::query("SELECT id::text, direction FROM settlement.ledger_entries ORDER BY id")
        .fetch_all(&mut connection)
        .await
        .expect("the lines can be read");
    let lines: Vec<(String, String)> = lines.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(lines, [(even.into(), "debit".into()), (odd.into(), "credit".into())]);
}

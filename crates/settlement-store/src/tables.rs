//! The tables as data, and the rows of a write.

use tender_domain::ledger::{CreditAdjustment, LedgerTransaction, LedgerWrite, net_deltas};
use tender_postgres::{Cell, Column, ColumnType, Rows, Schema, TableSpec};

use crate::SCHEMA;

static TRANSFERS: TableSpec = TableSpec {
    name: "ledger_transfers",
    key: &[Column::new("id", ColumnType::Uuid)],
    columns: &[
        Column::new("effect_id", ColumnType::Text),
        Column::new("transfer_no", ColumnType::Int),
        Column::new("transfer_count", ColumnType::Int),
        Column::new("kind", ColumnType::Text),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("debit_account", ColumnType::Text),
        Column::new("credit_account", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("occurred_at", ColumnType::Timestamp),
        Column::new("posted_at", ColumnType::Timestamp),
    ],
};

static BALANCES: TableSpec = TableSpec {
    name: "account_balances",
    key: &[Column::new("account", ColumnType::Text), Column::new("currency", ColumnType::Text)],
    columns: &[
        Column::new("debits_minor", ColumnType::BigInt),
        Column::new("credits_minor", ColumnType::BigInt),
    ],
};

static ADJUSTMENTS: TableSpec = TableSpec {
    name: "store_credit_adjustments",
    key: &[Column::new("adjustment_id", ColumnType::Uuid)],
    columns: &[
        Column::new("customer_id", ColumnType::Text),
        Column::new("kind", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("merchant_account", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("order_ref", ColumnType::Text),
        Column::new("made_by", ColumnType::Text),
        Column::new("made_at", ColumnType::Timestamp),
    ],
};

static TABLES: [&TableSpec; 3] = [&TRANSFERS, &BALANCES, &ADJUSTMENTS];

/// Schema `settlement`, as the batched commit sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SettlementSchema;

impl Schema for SettlementSchema {
    type Write = LedgerWrite;

    fn name(&self) -> &'static str {
        SCHEMA
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        &TABLES
    }

    fn rows(&self, write: &LedgerWrite, rows: &mut Rows) {
        match write {
            LedgerWrite::Post(save) => {
                transfer_rows(&save.after, rows);
                balance_rows(&save.after, rows);
            }
            LedgerWrite::Adjust(save) => adjustment_row(&save.after, rows),
        }
    }
}

fn transfer_rows(transaction: &LedgerTransaction, rows: &mut Rows) {
    let posting = transaction.posting();
    let small = |number: usize| i32::try_from(number).expect("a transaction has 100 transfers at most");
    for (number, transfer) in posting.transfers.iter().enumerate() {
        rows.insert(
            &TRANSFERS,
            vec![
                transfer.id.uuid().into(),
                posting.effect.as_str().into(),
                small(number).into(),
                small(posting.transfers.len()).into(),
                posting.kind.as_str().into(),
                posting.intent.map(|intent| intent.uuid()).into(),
                transfer.debit.to_string().into(),
                transfer.credit.to_string().into(),
                transfer.amount.minor().into(),
                transfer.amount.currency().code().into(),
                posting.occurred_at.into(),
                posting.posted_at.into(),
            ],
        );
    }
}

fn adjustment_row(adjustment: &CreditAdjustment, rows: &mut Rows) {
    rows.insert(
        &ADJUSTMENTS,
        vec![
            adjustment.id.uuid().into(),
            adjustment.customer.as_str().into(),
            adjustment.kind.as_str().into(),
            adjustment.amount.minor().into(),
            adjustment.amount.currency().code().into(),
            adjustment.merchant_account.as_str().into(),
            adjustment.reason.as_str().into(),
            adjustment.order_ref.as_deref().into(),
            adjustment.made_by.as_str().into(),
            adjustment.made_at.into(),
        ],
    );
}

/// The writer adds up the deltas of a whole batch before it touches a balance, so that a hot account is one row written
/// once a batch.
fn balance_rows(transaction: &LedgerTransaction, rows: &mut Rows) {
    for delta in net_deltas([transaction]) {
        let minor = |sum: i128| {
            Cell::from(i64::try_from(sum).expect("the amounts of one transaction add up to 63 bits"))
        };
        rows.accumulate(
            &BALANCES,
            vec![
                delta.account.to_string().into(),
                delta.currency.code().into(),
                minor(delta.totals.debits),
                minor(delta.totals.credits),
            ],
        );
    }
}

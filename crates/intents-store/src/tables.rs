//! The tables as data, and which rows a write is.

use tender_domain::intents::{Intent, IntentWrite, StoredOrder};
use tender_domain::kernel::Save;
use tender_postgres::{Column, ColumnType, JOB_ITEMS, JOBS, Rows, Schema, TableSpec, job_item_row, job_rows};

use crate::SCHEMA;
use crate::callbacks::{GATEWAY_CALLBACKS, callback_rows};
use crate::cells::{
    attempt_cells, capture_cells, dispute_cells, intent_cells, order_cells, refund_cells, storefront_cells,
};
use crate::connector_rows::{CONNECTORS, ROUTING_RULE_SETS, connector_rows, routing_rule_rows};
use crate::deposits::{DEPOSIT_POLICIES, deposit_policy_rows};
use crate::fraud_rows::{
    FRAUD_DECISIONS, FRAUD_OVERRIDES, FRAUD_RULE_SETS, decision_row, override_row, rule_set_rows,
};
use crate::hotel_notifications::HOTEL_NOTIFICATIONS;
use crate::hotel_settings::HOTEL_SETTINGS;
use crate::hotels::{HOTEL_PAYMENTS, HOTEL_RESERVATIONS, hotel_rows};
use crate::payment_link_rows::{LINK_SENDINGS, LOCATOR, PAYMENT_LINKS, link_sending_rows, payment_link_rows};
use crate::refund_notices::{REFUND_NOTICES, refund_notice_rows};
use crate::rules::{TENANT_RULES, rules_cells};

static INTENTS: TableSpec = TableSpec {
    name: "intents",
    key: &[Column::new("intent_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt).often(),
        Column::new("livemode", ColumnType::Bool),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("status", ColumnType::Text).often(),
        Column::new("customer_id", ColumnType::Text),
        Column::new("merchant_account_id", ColumnType::Text),
        Column::new("method_id", ColumnType::Uuid),
        Column::new("test_token", ColumnType::Text).seldom(),
        Column::new("method_type", ColumnType::Text),
        Column::new("method_brand", ColumnType::Text),
        Column::new("method_last4", ColumnType::Text),
        Column::new("capture_mode", ColumnType::Text),
        Column::new("description", ColumnType::Text).seldom(),
        Column::new("statement_descriptor", ColumnType::Text).seldom(),
        Column::new("order_ref", ColumnType::Text).seldom(),
        Column::new("reservation_ref", ColumnType::Text).seldom(),
        Column::new("metadata", ColumnType::Json),
        Column::new("max_attempts", ColumnType::Int),
        Column::new("expires_at", ColumnType::Timestamp).seldom(),
        Column::new("channel", ColumnType::Text),
        Column::new("last_payment_error", ColumnType::Json).seldom(),
        Column::new("cancellation_reason", ColumnType::Text).seldom(),
        Column::new("canceled_at", ColumnType::Timestamp).seldom(),
        Column::new("amount_captured_minor", ColumnType::BigInt).often(),
        Column::new("amount_refunded_minor", ColumnType::BigInt),
        Column::new("live_order_ref", ColumnType::Text).seldom(),
        Column::new("capture_delay_seconds", ColumnType::Int).seldom(),
        Column::new("closes_at", ColumnType::Timestamp).seldom(),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp).often(),
        Column::new("risk", ColumnType::Json).seldom(),
        Column::new("options", ColumnType::Json).seldom(),
        Column::new("disputed", ColumnType::Json).seldom(),
    ],
};

static ATTEMPTS: TableSpec = TableSpec {
    name: "attempts",
    key: &[Column::new("attempt_id", ColumnType::Uuid)],
    columns: &[
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("number", ColumnType::Int),
        Column::new("connector", ColumnType::Text),
        Column::new("method_id", ColumnType::Uuid),
        Column::new("test_token", ColumnType::Text).seldom(),
        Column::new("method_type", ColumnType::Text),
        Column::new("method_brand", ColumnType::Text),
        Column::new("method_last4", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("capture", ColumnType::Bool),
        Column::new("status", ColumnType::Text).often(),
        Column::new("started_at", ColumnType::Timestamp),
        Column::new("answered_at", ColumnType::Timestamp).seldom().often(),
        Column::new("decline_code", ColumnType::Text).seldom(),
        Column::new("network_code", ColumnType::Text).seldom(),
        Column::new("decline_message", ColumnType::Text).seldom(),
        Column::new("problem", ColumnType::Text).seldom(),
        Column::new("challenge_url", ColumnType::Text).seldom(),
        Column::new("challenge_reference", ColumnType::Text).seldom(),
        Column::new("gateway_reference", ColumnType::Text).seldom().often(),
        Column::new("response_code", ColumnType::Text).seldom().often(),
        Column::new("acquirer", ColumnType::Text).seldom().often(),
        Column::new("avs_result", ColumnType::Text).seldom().often(),
        Column::new("cvv_result", ColumnType::Text).seldom().often(),
        Column::new("void", ColumnType::Text).seldom(),
        Column::new("checks", ColumnType::Int).often(),
        Column::new("next_check_at", ColumnType::Timestamp).often(),
        Column::new("off_session", ColumnType::Bool),
        Column::new("void_at", ColumnType::Timestamp).seldom(),
        Column::new("capture_at", ColumnType::Timestamp).seldom(),
        Column::new("expires_at", ColumnType::Timestamp).seldom(),
        Column::new("queued_at", ColumnType::Timestamp).seldom(),
        Column::new("resolution", ColumnType::Json).seldom(),
        Column::new("force_three_ds", ColumnType::Bool),
        Column::new("details", ColumnType::Json).seldom(),
        Column::new("alternative", ColumnType::Text).seldom(),
    ],
};

static CAPTURES: TableSpec = TableSpec {
    name: "captures",
    key: &[Column::new("capture_id", ColumnType::Uuid)],
    columns: &[
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("number", ColumnType::Int),
        Column::new("attempt_id", ColumnType::Uuid),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("is_final", ColumnType::Bool),
        Column::new("status", ColumnType::Text),
        Column::new("gateway_reference", ColumnType::Text),
        Column::new("problem", ColumnType::Text).seldom(),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("answered_at", ColumnType::Timestamp),
        Column::new("checks", ColumnType::Int),
        Column::new("next_check_at", ColumnType::Timestamp).seldom(),
        Column::new("queued_at", ColumnType::Timestamp).seldom(),
        Column::new("resolution", ColumnType::Json).seldom(),
        Column::new("origin", ColumnType::Text).seldom(),
    ],
};

static ORDERS: TableSpec = TableSpec {
    name: "orders",
    key: &[Column::new("order_ref", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("kind", ColumnType::Text),
        Column::new("customer_id", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("starts_at", ColumnType::Timestamp),
        Column::new("product_type", ColumnType::Text).seldom(),
        Column::new("rate_plan", ColumnType::Text).seldom(),
        Column::new("reservation_id", ColumnType::Text),
        Column::new("reservation_holder", ColumnType::Text),
        Column::new("reservation_expires_at", ColumnType::Timestamp),
        Column::new("details", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static STOREFRONT_PAYMENTS: TableSpec = TableSpec {
    name: "storefront_payments",
    key: &[Column::new("intent_id", ColumnType::Uuid)],
    columns: &[
        Column::new("client_key", ColumnType::Text),
        Column::new("ip_address", ColumnType::Text),
        Column::new("user_agent", ColumnType::Text),
    ],
};

static REFUNDS_SEEN: TableSpec = TableSpec {
    name: "refunds_seen",
    key: &[Column::new("refund_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("attempt_id", ColumnType::Uuid),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("gateway_reference", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("failed_after_success", ColumnType::Bool),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("processed_at", ColumnType::Timestamp),
    ],
};

static DISPUTES_SEEN: TableSpec = TableSpec {
    name: "disputes_seen",
    key: &[Column::new("dispute_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("source", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static TABLES: [&TableSpec; 25] = [
    &INTENTS,
    &ATTEMPTS,
    &CAPTURES,
    &ORDERS,
    &STOREFRONT_PAYMENTS,
    &REFUNDS_SEEN,
    &DISPUTES_SEEN,
    &JOBS,
    &JOB_ITEMS,
    &FRAUD_RULE_SETS,
    &FRAUD_DECISIONS,
    &FRAUD_OVERRIDES,
    &PAYMENT_LINKS,
    &LOCATOR,
    &LINK_SENDINGS,
    &TENANT_RULES,
    &DEPOSIT_POLICIES,
    &HOTEL_PAYMENTS,
    &HOTEL_RESERVATIONS,
    &CONNECTORS,
    &ROUTING_RULE_SETS,
    &GATEWAY_CALLBACKS,
    &HOTEL_SETTINGS,
    &HOTEL_NOTIFICATIONS,
    &REFUND_NOTICES,
];

/// Schema `intents`, as the batched commit sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct IntentsSchema;

impl Schema for IntentsSchema {
    type Write = IntentWrite;

    fn name(&self) -> &'static str {
        SCHEMA
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        &TABLES
    }

    fn rows(&self, write: &IntentWrite, rows: &mut Rows) {
        match write {
            IntentWrite::Intent(save) => intent_rows(save, rows),
            IntentWrite::Order(save) => order_rows(save, rows),
            IntentWrite::FraudRules(save) => rule_set_rows(save, rows),
            IntentWrite::FraudDecision(save) => decision_row(&save.after, rows),
            IntentWrite::DepositPolicies(save) => deposit_policy_rows(save, rows),
            IntentWrite::LinkSending(save) => link_sending_rows(save, rows),
            IntentWrite::RefundNotice(save) => refund_notice_rows(save, rows),
            IntentWrite::PaymentLink(save) => payment_link_rows(save, rows),
            IntentWrite::FraudOverride(save) => override_row(&save.after, rows),
            IntentWrite::Rules(rules) => rows.project(&TENANT_RULES, rules_cells(rules)),
            IntentWrite::Job(job) => job_rows(job, rows),
            IntentWrite::JobItem(save) => job_item_row(save, rows),
            IntentWrite::Storefront(payment) => rows.insert(&STOREFRONT_PAYMENTS, storefront_cells(payment)),
            IntentWrite::Hotel(write) => hotel_rows(write, rows),
            IntentWrite::Callback(save) => callback_rows(save, rows),
            IntentWrite::Refund(refund) => rows.project(&REFUNDS_SEEN, refund_cells(refund)),
            IntentWrite::Connector(save) => connector_rows(save, rows),
            IntentWrite::RoutingRules(save) => routing_rule_rows(save, rows),
            IntentWrite::Dispute(dispute) => rows.project(&DISPUTES_SEEN, dispute_cells(dispute)),
        }
    }
}

/// The root always; of attempts and captures only what is new or changed.
fn intent_rows(save: &Save<Intent>, rows: &mut Rows) {
    let (before, after) = (save.before.as_deref(), &*save.after);
    match before {
        None => rows.insert(&INTENTS, intent_cells(after)),
        Some(before) => {
            let was = intent_cells(before);
            rows.update_from(&INTENTS, before.version.number(), &was, intent_cells(after));
        }
    }
    for attempt in &after.attempts {
        match before.and_then(|before| before.attempt(attempt.id)) {
            None => rows.insert(&ATTEMPTS, attempt_cells(after, attempt)),
            Some(was) if was != attempt => {
                let was = attempt_cells(after, was);
                rows.update_child_from(&ATTEMPTS, &was, attempt_cells(after, attempt));
            }
            Some(_) => {}
        }
    }
    for (number, capture) in (1..).zip(&after.captures) {
        match before.and_then(|before| before.capture(capture.id)) {
            None => rows.insert(&CAPTURES, capture_cells(after, number, capture)),
            Some(before) if before != capture => {
                rows.update_child(&CAPTURES, capture_cells(after, number, capture));
            }
            Some(_) => {}
        }
    }
}

fn order_rows(save: &Save<StoredOrder>, rows: &mut Rows) {
    match save.before.as_deref() {
        None => rows.insert(&ORDERS, order_cells(&save.after)),
        Some(before) => rows.update(&ORDERS, before.version.number(), order_cells(&save.after)),
    }
}

//! `/v1/payments/connectors` and `/v1/payments/routing-rules`.

mod body;
mod decline_table;
mod logs;
mod resources;
mod rule_body;
mod rules;

pub(super) use decline_table::{get as get_decline_table, put as put_decline_table};
pub(super) use logs::{list as list_logs, test};
pub(super) use resources::{delete, get, list, register, rotate, update};
pub(super) use rules::{
    add as add_rule, delete as delete_rule, evaluate, get as get_rule, list as list_rules,
    update as update_rule,
};

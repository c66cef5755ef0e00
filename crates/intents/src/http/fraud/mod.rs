//! `/v1/payments/fraud`: scores, decisions, rules and overrides.

mod decisions;
mod device;
mod overrides;
mod rule_body;
mod rules;

pub(super) use decisions::{DecisionBody, read as decision, score};
pub(super) use device::{DeviceBody, country};
pub(super) use overrides::create as create_override;
pub(super) use rules::{add as add_rule, delete as delete_rule, list as list_rules, thresholds};

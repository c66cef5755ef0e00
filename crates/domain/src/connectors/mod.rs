//! Connectors: tenants' own accounts at gateways, and which of them takes a payment.
//!
//! A [`Connector`] is what is known of an account but for its secrets, which are the vault's ([`ConnectorSecrets`]).
//! Rules are data ([`RoutingRules`]), and [`plan`] is a pure function of them and of what is known of a payment
//! ([`RoutingFacts`]). A [`Breaker`] keeps payments away from a connector that answers nothing.
//!
//! **How to add a condition to rules.** A field of [`RuleMatch`], its line in `mismatch` and `covers`, its dimension in
//! `cover.rs`, its form in the API, and a law in `tests/`.

mod breaker;
mod connector;
mod cover;
mod decline_table;
mod log;
mod plan;
mod ports;
mod refusal;
mod rule;
mod rule_match;
mod rules;

#[cfg(test)]
mod tests;

pub use breaker::{Breaker, BreakerPolicy, BreakerState, CallHealth, Heard, Permit};
pub use connector::{
    Connector, ConnectorPatch, ConnectorStatus, CredentialsNote, NewConnector, operator_connector_id,
};
pub use decline_table::{DeclineTable, FAIL_OVER_DECLINES};
pub use log::{CONNECTOR_LOG_LIFE, ConnectorLog, LoggedCall};
pub use plan::{Candidate, Considered, Origin, RoutePlan, RoutingFacts, RuleVerdict, Standing, plan};
pub use ports::{
    AdapterError, CallsHeard, ConnectorAdapters, ConnectorCredentials, ConnectorSecrets,
    ConnectorSecretsError, ConnectorStore, Credentials, GatewayField, GatewayType, NewCredentials,
    OwnGateways, OwnGatewaysError, TenantRouting,
};
pub use refusal::ConnectorRefusal;
pub use rule::{RoutingRule, RoutingTarget, RuleProblem, RuleProblemKind};
pub use rule_match::{AmountRange, BinRange, RuleMatch};
pub use rules::RoutingRules;

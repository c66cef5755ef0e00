//! Why a change of connectors or rules was refused.

use crate::kernel::{ConnectorId, RoutingRuleId};
use crate::ports::DeclineCode;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorRefusal {
    /// The name cannot be one.
    #[error(
        "a connector's name has 1 to 40 characters of a-z, 0-9, `-` and `_`, and begins with a letter: the books call \
         it by its name"
    )]
    BadName,
    /// The operator's settings have a connector of this name.
    #[error("the connector `{0}` is one of the operator's; choose another name")]
    NameOfOperator(String),
    /// The tenant had a connector of this name, perhaps one that was deleted.
    #[error("there is, or was, a connector `{0}`: the books name it for ever; choose another name")]
    NameTaken(String),
    /// A value is out of its range.
    #[error("{0}")]
    BadValue(String),
    /// There is no gateway of this type.
    #[error("there is no gateway type `{0}`")]
    NoSuchType(String),
    /// What the gateway needs is missing, or what it does not know was given.
    #[error("{problem}")]
    BadField {
        /// The field of `config`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A decline after which no other connector may be tried.
    #[error("`{}` is final: no other connector is tried after it, whatever a table says", code.as_str())]
    FinalDecline {
        /// Where in the list.
        place: usize,
        /// Which.
        code: DeclineCode,
    },
    /// The tenant has all the connectors it can have.
    #[error("a tenant has at most {} connectors; delete one first", super::Connector::CONNECTORS_MAX)]
    TooManyConnectors,
    /// It is set up by the operator's settings.
    #[error("it is one of the operator's connectors: it is changed in the settings of the installation")]
    IsOperators,
    /// It takes payments.
    #[error("it takes payments: disable it first (PATCH with `status`: `disabled`)")]
    StillEnabled,
    /// It was disabled so lately that a payment may still begin there.
    #[error(
        "it was disabled or changed a moment ago, and a payment may still begin there: try again in a few seconds"
    )]
    DisabledJustNow,
    /// Outcomes or money of payments are still open there.
    #[error("{0} payments at it are still open: their outcome, their challenge or the money they hold")]
    HasOpenPayments(u64),
    /// Rules name it.
    #[error("the routing rule {0} names it; change or delete the rule first")]
    NamedByRule(RoutingRuleId),
    /// A rule names a connector that is not there.
    #[error("there is no connector {0}")]
    NoSuchConnector(ConnectorId),
    /// A rule says something that makes no sense.
    #[error("{problem}")]
    BadRule {
        /// Where, as a JSON Pointer.
        at: String,
        /// What is wrong.
        problem: String,
    },
    /// A text holds a card's number.
    #[error("a text of a connector or a rule must not hold a card number")]
    CardNumber {
        /// Which, as a JSON Pointer.
        at: String,
    },
    /// The tenant has all the rules it can have.
    #[error("a tenant has at most {} routing rules; delete one first", super::RoutingRules::RULES_MAX)]
    TooManyRules,
}

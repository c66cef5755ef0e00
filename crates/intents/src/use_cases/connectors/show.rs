//! Connectors as they are shown, and found for those who change them.

use tender_domain::connectors::{
    BreakerState, CallHealth, Connector, ConnectorRefusal, ConnectorSecretsError, ConnectorStatus,
    DeclineTable, GatewayType, RoutingRules, operator_connector_id,
};
use tender_domain::kernel::{Caller, ConnectorId, Message};
use tender_events::{ConnectorChanged, Envelope, PublicEvent as _};
use tender_http::current_traceparent;

use super::super::IntentsError;
use crate::IntentsService;

/// A connector as it is shown: with what this process heard of it lately.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) account: Account,
    pub(crate) breaker: BreakerState,
    pub(crate) health: CallHealth,
}

/// Whose account it is.
#[derive(Debug, Clone)]
pub(crate) enum Account {
    /// The tenant registered it.
    Own(Box<Connector>),
    /// It is in the operator's settings.
    Operator {
        id: ConnectorId,
        name: String,
        /// The table of its declines, as the tenant has it.
        declines: DeclineTable,
    },
}

impl IntentsService {
    /// The tenant's connectors and the operator's, read anew.
    pub(crate) async fn list_connectors(&self, caller: &Caller) -> Result<Vec<Shown>, IntentsError> {
        let routing = self.read_routing(&caller.tenant).await?;
        let own = routing.connectors.iter().filter(|one| one.status != ConnectorStatus::Deleted);
        let own = own.map(|one| self.shown(caller, Account::Own(Box::new(one.clone()))));
        let operators = self
            .gateways
            .in_order()
            .map(|name| self.shown(caller, operators(&routing.rules, operator_connector_id(name), name)));
        Ok(own.chain(operators).collect())
    }

    /// The connector with this id, the tenant's or the operator's.
    pub(crate) async fn get_connector(
        &self,
        caller: &Caller,
        id: ConnectorId,
    ) -> Result<Shown, IntentsError> {
        if let Some(name) = self.operators_name(id) {
            let routing = self.read_routing(&caller.tenant).await?;
            return Ok(self.shown(caller, operators(&routing.rules, id, name)));
        }
        let own = self.own_by_id(caller, id).await?;
        Ok(self.shown(caller, Account::Own(Box::new(own))))
    }

    pub(super) fn shown(&self, caller: &Caller, account: Account) -> Shown {
        let name = match &account {
            Account::Own(connector) => &connector.name,
            Account::Operator { name, .. } => name,
        };
        let (breaker, health) = self.connectors.breakers.look(&caller.tenant, name, self.clock.now());
        Shown { account, breaker, health }
    }

    /// The operator's connector with this id.
    pub(super) fn operators_name(&self, id: ConnectorId) -> Option<&str> {
        self.gateways.in_order().find(|name| operator_connector_id(name) == id)
    }

    /// The tenant's own connector with this id; the operator's are not changed here.
    pub(super) async fn own_by_id(
        &self,
        caller: &Caller,
        id: ConnectorId,
    ) -> Result<Connector, IntentsError> {
        if self.operators_name(id).is_some() {
            return Err(ConnectorRefusal::IsOperators.into());
        }
        self.connector_by_id(&caller.tenant, id).await?.ok_or(IntentsError::NoSuchConnector)
    }

    /// What other services are told of a connector: all of it, but its secrets.
    pub(super) fn told_of(&self, connector: &Connector) -> Message {
        let envelope = Envelope { id: self.ids.event(), traceparent: current_traceparent() };
        ConnectorChanged::of(connector).into_message(envelope)
    }

    pub(super) fn type_of(&self, kind: &str) -> Result<&GatewayType, ConnectorRefusal> {
        let types = self.connectors.ports.adapters.types();
        types.iter().find(|one| one.name == kind).ok_or_else(|| ConnectorRefusal::NoSuchType(kind.to_owned()))
    }
}

/// One of the operator's connectors, as a tenant has it.
pub(super) fn operators(rules: &RoutingRules, id: ConnectorId, name: &str) -> Account {
    Account::Operator { id, name: name.to_owned(), declines: rules.declines_of(id) }
}

/// That the vault could not be asked.
pub(super) fn vault_away(error: &ConnectorSecretsError) -> IntentsError {
    IntentsError::VaultUnavailable(error.to_string())
}

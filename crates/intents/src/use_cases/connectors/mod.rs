//! Tenants' own connectors, and the rules of routing.

mod change;
mod evaluate;
mod probe;
mod register;
mod rules;

use std::collections::BTreeMap;

use secrecy::SecretString;
use tender_domain::connectors::{
    BreakerState, CallHealth, Connector, ConnectorRefusal, ConnectorSecretsError, ConnectorStatus,
    Credentials, GatewayType, operator_connector_id,
};
use tender_domain::kernel::{Caller, ConnectorId};

use super::IntentsError;
use crate::IntentsService;

pub(crate) use change::{PatchWanted, RotateWanted};
pub(crate) use evaluate::{Evaluated, WouldPay};
pub(crate) use probe::Probed;
pub(crate) use register::RegisterWanted;
pub(crate) use rules::{NewRuleWanted, RulePatchWanted, ShownRule};

const DECISIONS_MAX: u32 = 5;

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
    Operator { id: ConnectorId, name: String },
}

/// A configuration, parted into what is shown and what is a secret.
struct Parted {
    plain: BTreeMap<String, String>,
    secrets: Credentials,
}

impl IntentsService {
    /// The tenant's connectors and the operator's, read anew.
    pub(crate) async fn list_connectors(&self, caller: &Caller) -> Result<Vec<Shown>, IntentsError> {
        let routing = self.read_routing(&caller.tenant).await?;
        let own = routing.connectors.iter().filter(|one| one.status != ConnectorStatus::Deleted);
        let own = own.map(|one| self.shown(caller, Account::Own(Box::new(one.clone()))));
        let operators = self.gateways.in_order().map(|name| {
            let account = Account::Operator { id: operator_connector_id(name), name: name.to_owned() };
            self.shown(caller, account)
        });
        Ok(own.chain(operators).collect())
    }

    /// The connector with this id, the tenant's or the operator's.
    pub(crate) async fn get_connector(
        &self,
        caller: &Caller,
        id: ConnectorId,
    ) -> Result<Shown, IntentsError> {
        if let Some(name) = self.operators_name(id) {
            return Ok(self.shown(caller, Account::Operator { id, name: name.to_owned() }));
        }
        let own = self.own_by_id(caller, id).await?;
        Ok(self.shown(caller, Account::Own(Box::new(own))))
    }

    fn shown(&self, caller: &Caller, account: Account) -> Shown {
        let name = match &account {
            Account::Own(connector) => &connector.name,
            Account::Operator { name, .. } => name,
        };
        let (breaker, health) = self.connectors.breakers.look(&caller.tenant, name, self.clock.now());
        Shown { account, breaker, health }
    }

    /// The operator's connector with this id.
    fn operators_name(&self, id: ConnectorId) -> Option<&str> {
        self.gateways.in_order().find(|name| operator_connector_id(name) == id)
    }

    /// The tenant's own connector with this id; the operator's are not changed here.
    async fn own_by_id(&self, caller: &Caller, id: ConnectorId) -> Result<Connector, IntentsError> {
        if self.operators_name(id).is_some() {
            return Err(ConnectorRefusal::IsOperators.into());
        }
        self.connector_by_id(&caller.tenant, id).await?.ok_or(IntentsError::NoSuchConnector)
    }

    fn type_of(&self, kind: &str) -> Result<&GatewayType, ConnectorRefusal> {
        let types = self.connectors.ports.adapters.types();
        types.iter().find(|one| one.name == kind).ok_or_else(|| ConnectorRefusal::NoSuchType(kind.to_owned()))
    }
}

/// Parts a configuration by what the type says of its fields. A field that it does not know is refused: a secret under
/// a wrong name would be shown else.
fn parted(kind: &GatewayType, config: BTreeMap<String, SecretString>) -> Result<Parted, ConnectorRefusal> {
    use secrecy::ExposeSecret as _;
    let mut parted = Parted { plain: BTreeMap::new(), secrets: Credentials::new() };
    for (name, value) in config {
        let bad = |problem: String| ConnectorRefusal::BadField { field: name.clone(), problem };
        let Some(field) = kind.fields.iter().find(|field| field.name == name) else {
            let known: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            let known = known.join(", ");
            return Err(bad(format!(
                "connectors of type `{}` have no such field; they have: {known}",
                kind.name
            )));
        };
        if value.expose_secret().chars().count() > Connector::VALUE_CHARS {
            return Err(bad(format!("has at most {} characters", Connector::VALUE_CHARS)));
        }
        if field.secret {
            if value.expose_secret().trim().is_empty() {
                return Err(bad("must not be empty".to_owned()));
            }
            parted.secrets.insert(name, value);
        } else {
            parted.plain.insert(name, value.expose_secret().to_owned());
        }
    }
    Ok(parted)
}

/// That what the gateway cannot do without is there.
fn complete(
    kind: &GatewayType,
    is_there: impl Fn(&str) -> bool,
    of_secrets: bool,
) -> Result<(), ConnectorRefusal> {
    let mut wanted = kind.fields.iter().filter(|field| field.required && field.secret == of_secrets);
    match wanted.find(|field| !is_there(field.name)) {
        None => Ok(()),
        Some(missing) => {
            let problem = format!("a connector of type `{}` needs it", kind.name);
            Err(ConnectorRefusal::BadField { field: missing.name.to_owned(), problem })
        }
    }
}

fn vault_away(error: &ConnectorSecretsError) -> IntentsError {
    IntentsError::VaultUnavailable(error.to_string())
}

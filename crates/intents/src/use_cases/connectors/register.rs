//! Registers a connector.

use std::collections::BTreeMap;

use secrecy::SecretString;
use tender_domain::connectors::{
    AdapterError, Connector, ConnectorRefusal, ConnectorStatus, DeclineTable, NewConnector, NewCredentials,
};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, Save};
use tender_domain::ports::DeclineCode;
use tender_http::RequestKey;

use super::configuration::{complete, parted};
use super::show::vault_away;
use super::{Account, Shown};
use crate::IntentsService;
use crate::use_cases::fraud::{Done, audited};
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};

/// The constraint that keeps a name one connector's for ever.
const ONE_OF_EACH_NAME: &str = "connectors_one_of_each_name";

/// A connector that a client registers.
#[derive(Debug, Clone)]
pub(crate) struct RegisterWanted {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// Secrets and others; the type says which are which.
    pub(crate) config: BTreeMap<String, SecretString>,
    pub(crate) priority: i32,
    pub(crate) region: Option<String>,
    pub(crate) retryable_declines: Option<Vec<DeclineCode>>,
}

impl IntentsService {
    /// Registers a connector: its secrets go to the vault first, and nothing of it is there before they are sealed.
    pub(crate) async fn register_connector(
        &self,
        caller: &Caller,
        wanted: RegisterWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        match self.registered(caller, wanted, key, present).await {
            Err(error @ IntentsError::Connector(_)) => self.keep_refusal(&caller.tenant, key, error).await,
            settled => settled,
        }
    }

    async fn registered(
        &self,
        caller: &Caller,
        wanted: RegisterWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let (tenant, now) = (&caller.tenant, self.clock.now());
        let kind = self.type_of(&wanted.kind)?;
        let parts = parted(kind, wanted.config)?;
        complete(kind, |name| parts.plain.contains_key(name), false)?;
        complete(kind, |name| parts.secrets.contains_key(name), true)?;
        if self.gateways.find(&wanted.name).is_some() {
            return Err(ConnectorRefusal::NameOfOperator(wanted.name).into());
        }
        let routing = self.read_routing(tenant).await?;
        let live = routing.connectors.iter().filter(|one| one.status != ConnectorStatus::Deleted).count();
        if live >= Connector::CONNECTORS_MAX {
            return Err(ConnectorRefusal::TooManyConnectors.into());
        }
        if routing.connectors.iter().any(|one| one.name == wanted.name) {
            return Err(ConnectorRefusal::NameTaken(wanted.name).into());
        }
        let new = NewConnector {
            id: self.ids.next(),
            tenant: tenant.clone(),
            livemode: caller.livemode,
            name: wanted.name,
            kind: wanted.kind,
            priority: wanted.priority,
            region: wanted.region,
            config: parts.plain,
            secrets: parts.secrets.keys().cloned().collect(),
            declines: DeclineTable::of(wanted.retryable_declines)?,
        };
        let connector = Connector::register(new, now)?;
        self.usable(&connector, &parts.secrets)?;
        let (ports, id) = (&self.connectors.ports, connector.id);
        let credentials = NewCredentials { generation: 1, fields: parts.secrets, previous_until: None };
        ports.secrets.keep(tenant, id, credentials).await.map_err(|error| vault_away(&error))?;
        let shown = self.shown(caller, Account::Own(Box::new(connector.clone())));
        let answer = present(&shown);
        let done = Done {
            action: "connector.registered",
            resource_id: id.to_string(),
            intent: None,
            reason: None,
            detail: format!("{} ({})", connector.name, connector.kind),
            version: connector.version,
        };
        let change = Change::of(tenant.clone())
            .tell([audited(&*self.ids, caller, done, now), self.told_of(&connector)])
            .keyed(record_of(key, id.to_string(), &answer, now));
        let name = connector.name.clone();
        let committed = self.store.commit(change.save(Save::<Connector>::new(connector))).await;
        if committed.is_ok() {
            self.read_routing(tenant).await?;
            return Ok(now_made(answer));
        }
        // What may have been committed keeps its secrets: whoever asks again finds out.
        if !matches!(committed, Err(CommitError::Unresolved))
            && let Err(error) = ports.secrets.erase(tenant, id).await
        {
            tracing::warn!(%tenant, connector = %id, %error, "secrets of a connector that is not there are left");
        }
        match committed {
            Err(CommitError::KeyTaken(record)) => again(*record, key),
            Err(CommitError::Refused { constraint }) if constraint == ONE_OF_EACH_NAME => {
                Err(ConnectorRefusal::NameTaken(name).into())
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(now_made(answer)),
        }
    }

    /// That a gateway can be made of them: an address that is none is told now and not at the first payment.
    pub(super) fn usable(
        &self,
        connector: &Connector,
        secrets: &tender_domain::connectors::Credentials,
    ) -> Result<(), ConnectorRefusal> {
        match self.connectors.ports.adapters.made_of(connector, secrets) {
            Ok(_) | Err(AdapterError::Secrets(_)) => Ok(()),
            Err(AdapterError::Unusable(problem)) => Err(ConnectorRefusal::BadValue(problem)),
        }
    }
}

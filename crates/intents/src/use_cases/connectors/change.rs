//! Changes a connector, rotates its credentials, deletes it.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use tender_domain::connectors::{
    Connector, ConnectorPatch, ConnectorRefusal, ConnectorStatus, DeclineTable, NewCredentials,
};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, ConnectorId, Save, Timestamp};
use tender_domain::ports::DeclineCode;
use tender_http::RequestKey;

use super::configuration::{complete, parted, same_account};
use super::rules::DECISIONS_MAX;
use super::show::vault_away;
use super::{Account, Shown};
use crate::IntentsService;
use crate::use_cases::fraud::{Done, audited};
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError, Seen};

/// After how long every process has heard of a change: before that a payment may still begin at a connector that was
/// disabled.
const HEARD_WITHIN: Duration = Duration::from_secs(5);

/// What a client changes of a connector.
#[derive(Debug, Clone)]
pub(crate) struct PatchWanted {
    pub(crate) enabled: Option<bool>,
    pub(crate) priority: Option<i32>,
    pub(crate) region: Option<String>,
    /// No secrets: they are rotated.
    pub(crate) config: Option<BTreeMap<String, SecretString>>,
    pub(crate) retryable_declines: Option<Vec<DeclineCode>>,
    pub(crate) seen: Seen,
}

/// New credentials of a connector.
#[derive(Debug, Clone)]
pub(crate) struct RotateWanted {
    pub(crate) secrets: BTreeMap<String, SecretString>,
    /// How long callbacks signed by those before still count.
    pub(crate) overlap: Duration,
}

/// A change that was decided.
pub(super) struct Decided {
    pub(super) after: Connector,
    pub(super) action: &'static str,
    pub(super) detail: String,
}

impl IntentsService {
    /// Changes a connector.
    pub(crate) async fn patch_connector(
        &self,
        caller: &Caller,
        id: ConnectorId,
        wanted: PatchWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_connector(caller, (id, key), present, async |before, now| {
            wanted.seen.require(before.version)?;
            let kind = self.type_of(&before.kind)?;
            let config = match wanted.config.clone() {
                None => None,
                Some(config) => {
                    let parts = parted(kind, config)?;
                    if let Some(field) = parts.secrets.keys().next() {
                        let problem = "is a secret: send it to rotate-credentials".to_owned();
                        return Err(ConnectorRefusal::BadField { field: field.clone(), problem }.into());
                    }
                    Some(parts.plain)
                }
            };
            let declines = wanted.retryable_declines.clone();
            let patch = ConnectorPatch {
                enabled: wanted.enabled,
                priority: wanted.priority,
                region: wanted.region.clone(),
                config,
                declines: declines.map(|codes| DeclineTable::of(Some(codes))).transpose()?,
            };
            let after = before.patched(patch, now)?;
            complete(kind, |name| after.config.contains_key(name), false)?;
            same_account(kind, before, &after)?;
            self.still_usable(&after).await?;
            let detail = format!("status {}, priority {}", after.status.as_str(), after.priority);
            Ok(Decided { after, action: "connector.changed", detail })
        })
        .await
    }

    /// That a gateway can be made of a changed connector, with the secrets that it has.
    async fn still_usable(&self, connector: &Connector) -> Result<(), IntentsError> {
        let read = self.connectors.ports.secrets.read(&connector.tenant, connector.id).await;
        match read.map_err(|error| vault_away(&error))? {
            Some(kept) => Ok(self.usable(connector, &kept.fields)?),
            None => Ok(()),
        }
    }

    /// Gives a connector its next credentials.
    pub(crate) async fn rotate_credentials(
        &self,
        caller: &Caller,
        id: ConnectorId,
        wanted: RotateWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_connector(caller, (id, key), present, async |before, now| {
            let kind = self.type_of(&before.kind)?;
            let parts = parted(kind, wanted.secrets.clone())?;
            if let Some(field) = parts.plain.keys().next() {
                let problem = "is no secret: change it by PATCH".to_owned();
                return Err(ConnectorRefusal::BadField { field: field.clone(), problem }.into());
            }
            complete(kind, |name| parts.secrets.contains_key(name), true)?;
            // What is left out would be forgotten, and its callbacks refused from now on.
            let left_out = |field: &&String| !parts.secrets.contains_key(*field);
            if let Some(field) = before.credentials.fields.iter().find(left_out) {
                let problem = "is set: a rotation has all secrets, what stays as it was".to_owned();
                return Err(ConnectorRefusal::BadField { field: field.clone(), problem }.into());
            }
            let fields = parts.secrets.keys().cloned().collect();
            let after = before.rotated(fields, wanted.overlap, now)?;
            self.usable(&after, &parts.secrets)?;
            let note = &after.credentials;
            let detail = format!("generation {}", note.generation);
            let credentials = NewCredentials {
                generation: note.generation,
                fields: parts.secrets,
                previous_until: note.previous_until,
            };
            // Before the commit: a process that hears of the generation finds it. Both are safe to repeat.
            let kept = self.connectors.ports.secrets.keep(&caller.tenant, id, credentials).await;
            kept.map_err(|error| vault_away(&error))?;
            Ok(Decided { after, action: "connector.credentials_rotated", detail })
        })
        .await
    }

    /// Deletes a connector that was disabled and at which nothing is open, and destroys its credentials.
    pub(crate) async fn delete_connector(
        &self,
        caller: &Caller,
        id: ConnectorId,
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let answered = self
            .change_connector(caller, (id, key), present, async |before, now| {
                self.deletable(caller, before, now).await?;
                let detail = before.name.clone();
                Ok(Decided { after: before.deleted(now), action: "connector.deleted", detail })
            })
            .await?;
        // Also of a call that is sent again: the first one may not have come so far.
        if answered.answer.status < 300 {
            let erased = self.connectors.ports.secrets.erase(&caller.tenant, id).await;
            erased.map_err(|error| vault_away(&error))?;
        }
        Ok(answered)
    }

    async fn deletable(
        &self,
        caller: &Caller,
        connector: &Connector,
        now: Timestamp,
    ) -> Result<(), IntentsError> {
        if connector.status == ConnectorStatus::Enabled {
            return Err(ConnectorRefusal::StillEnabled.into());
        }
        if now < connector.updated_at + HEARD_WITHIN {
            return Err(ConnectorRefusal::DisabledJustNow.into());
        }
        let routing = self.read_routing(&caller.tenant).await?;
        if let Some(rule) = routing.rules.naming(connector.id) {
            return Err(ConnectorRefusal::NamedByRule(rule.id).into());
        }
        match self.connectors.ports.store.open_payments(&caller.tenant, &connector.name).await? {
            0 => Ok(()),
            open => Err(ConnectorRefusal::HasOpenPayments(open).into()),
        }
    }

    pub(super) async fn change_connector(
        &self,
        caller: &Caller,
        (id, key): (ConnectorId, Option<&RequestKey>),
        present: impl Fn(&Shown) -> Answer,
        decide: impl AsyncFn(&Connector, Timestamp) -> Result<Decided, IntentsError>,
    ) -> Result<Answered, IntentsError> {
        let tenant = &caller.tenant;
        if let Some(answered) = self.answered_before(tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let (before, now) = (self.own_by_id(caller, id).await?, self.clock.now());
            let decided = match decide(&before, now).await {
                Ok(decided) => decided,
                Err(error @ IntentsError::Connector(_)) => {
                    return self.keep_refusal(tenant, key, error).await;
                }
                Err(error) => return Err(error),
            };
            let Decided { after, action, detail } = decided;
            let shown = self.shown(caller, Account::Own(Box::new(after.clone())));
            let answer = present(&shown);
            let (resource_id, version) = (id.to_string(), after.version);
            let done = Done { action, resource_id, intent: None, reason: None, detail, version };
            let change = Change::of(tenant.clone())
                .tell([audited(&*self.ids, caller, done, now), self.told_of(&after)])
                .keyed(record_of(key, id.to_string(), &answer, now))
                .save(Save::<Connector>::changed(before, after));
            match self.store.commit(change).await {
                Ok(_) => {
                    self.read_routing(tenant).await?;
                    return Ok(now_made(answer));
                }
                Err(CommitError::KeyTaken(record)) => return again(*record, key),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

//! Connectors, rules and logs in memory: beside the intents, whose changes they are written with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::DateTime;
use tender_domain::connectors::{
    Connector, ConnectorCredentials, ConnectorLog, ConnectorSecrets, ConnectorSecretsError, ConnectorStore,
    NewCredentials, OwnGateways, OwnGatewaysError, RoutingRules, TenantRouting,
};
use tender_domain::intents::AttemptStatus;
use tender_domain::kernel::{
    CommitError, ConnectorId, ConnectorLogId, Direction, Page, PageRequest, Save, StoreError, TenantId,
    Timestamp,
};

use tender_domain::ports::PaymentGateway;

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};

type Lines = BTreeMap<(TenantId, ConnectorLogId), ConnectorLog>;

/// What is kept of every tenant's connectors.
#[derive(Debug, Default)]
pub(crate) struct Connectors {
    connectors: BTreeMap<(TenantId, ConnectorId), Arc<Connector>>,
    rules: BTreeMap<TenantId, Arc<RoutingRules>>,
    logs: Mutex<Lines>,
}

impl Connectors {
    pub(crate) fn check(&self, save: &Save<Connector>) -> Result<(), CommitError> {
        let stored = self.connectors.get(&(save.after.tenant.clone(), save.after.id));
        let stored = stored.map(|stored| stored.version);
        check_version(save, stored, |connector| connector.version, "connectors_pkey")?;
        let namesake = |other: &Arc<Connector>| {
            other.tenant == save.after.tenant && other.name == save.after.name && other.id != save.after.id
        };
        let taken = self.connectors.values().any(namesake);
        if taken { Err(refused("connectors_one_of_each_name")) } else { Ok(()) }
    }

    pub(crate) fn check_rules(&self, save: &Save<RoutingRules>) -> Result<(), CommitError> {
        let stored = self.rules.get(&save.after.tenant).map(|stored| stored.version);
        check_version(save, stored, |set| set.version, "routing_rule_sets_pkey")
    }

    pub(crate) fn apply(&mut self, connector: Arc<Connector>) {
        self.connectors.insert((connector.tenant.clone(), connector.id), connector);
    }

    pub(crate) fn apply_rules(&mut self, set: Arc<RoutingRules>) {
        self.rules.insert(set.tenant.clone(), set);
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ConnectorStore for MemoryIntentStore {
    async fn routing(&self, tenant: &TenantId) -> Result<TenantRouting, StoreError> {
        Ok(self.read(|all| {
            let own = all.connectors.connectors.values().filter(|connector| connector.tenant == *tenant);
            let rules = all.connectors.rules.get(tenant).map(|set| RoutingRules::clone(set));
            TenantRouting {
                connectors: own.map(|connector| Connector::clone(connector)).collect(),
                rules: rules.unwrap_or_else(|| RoutingRules::unset(tenant.clone(), DateTime::UNIX_EPOCH)),
            }
        }))
    }

    async fn routing_changed_since(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let mut changed: Vec<(Timestamp, TenantId)> = self.read(|all| {
            let connectors = all.connectors.connectors.values();
            let connectors = connectors.map(|connector| (connector.updated_at, connector.tenant.clone()));
            let rules = all.connectors.rules.values().map(|set| (set.updated_at, set.tenant.clone()));
            connectors.chain(rules).filter(|(at, _)| *at >= since).collect()
        });
        changed.sort();
        changed.truncate(limit);
        Ok(changed.into_iter().map(|(at, tenant)| (tenant, at)).collect())
    }

    async fn connector_of_callback(&self, id: ConnectorId) -> Result<Option<Connector>, StoreError> {
        Ok(self.read(|all| {
            let found = all.connectors.connectors.values().find(|connector| connector.id == id);
            found.map(|connector| Connector::clone(connector))
        }))
    }

    async fn open_payments(&self, tenant: &TenantId, connector: &str) -> Result<u64, StoreError> {
        Ok(self.read(|all| {
            let attempts = all.of(tenant).flat_map(|intent| {
                let capturing = |id| {
                    let mut captures = intent.captures.iter();
                    captures.any(|one| {
                        one.attempt == id && (one.next_check_at.is_some() || one.queued_at.is_some())
                    })
                };
                intent.attempts.iter().map(move |attempt| (attempt, capturing(attempt.id)))
            });
            let open = attempts.filter(|(attempt, capturing)| {
                attempt.connector == connector
                    && (attempt.next_check_at.is_some()
                        || attempt.queued_at.is_some()
                        || attempt.status == AttemptStatus::Challenge
                        || attempt.expires_at.is_some()
                        || *capturing)
            });
            open.count() as u64
        }))
    }

    async fn keep_logs(&self, lines: &[ConnectorLog]) -> Result<(), StoreError> {
        self.read(|all| {
            let mut kept = all.connectors.lines();
            for line in lines {
                kept.entry((line.tenant.clone(), line.id)).or_insert_with(|| line.clone());
            }
        });
        Ok(())
    }

    async fn logs(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        page: &PageRequest,
    ) -> Result<Page<ConnectorLog>, StoreError> {
        let (fetch, cursor) = (page.limit() + 1, page.cursor.map(|cursor| cursor.0));
        let rows: Vec<ConnectorLog> = self.read(|all| {
            let lines = all.connectors.lines();
            let own = lines.values().filter(|line| line.tenant == *tenant && line.connector == connector);
            match page.direction {
                Direction::Older => {
                    let older = own.rev().filter(|line| cursor.is_none_or(|at| line.id.uuid() < at));
                    older.take(fetch).cloned().collect()
                }
                Direction::Newer => {
                    let newer = own.filter(|line| cursor.is_none_or(|at| line.id.uuid() > at));
                    newer.take(fetch).cloned().collect()
                }
            }
        });
        Ok(Page::from_fetched(page, rows))
    }

    async fn forget_logs(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        Ok(self.read(|all| {
            let mut lines = all.connectors.lines();
            let old: Vec<_> =
                lines.iter().filter(|(_, line)| line.at < before).map(|(key, _)| key.clone()).collect();
            old.iter().take(limit).filter(|key| lines.remove(key).is_some()).count() as u64
        }))
    }
}

/// Nobody has a connector of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOwnGateways;

#[async_trait]
impl OwnGateways for NoOwnGateways {
    async fn named(
        &self,
        _: &TenantId,
        _: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        Ok(None)
    }

    async fn enabled(&self, _: &TenantId, _: bool) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        Ok(Vec::new())
    }
}

/// Connectors' secrets in memory, in the clear.
#[derive(Debug, Default)]
pub struct MemoryConnectorSecrets(Mutex<BTreeMap<(TenantId, ConnectorId), ConnectorCredentials>>);

#[async_trait]
impl ConnectorSecrets for MemoryConnectorSecrets {
    async fn keep(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: NewCredentials,
    ) -> Result<(), ConnectorSecretsError> {
        let NewCredentials { generation, fields, previous_until } = credentials;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(&(tenant.clone(), connector));
        let previous = match (before, previous_until) {
            (Some(before), Some(_)) if before.generation == generation => before.previous,
            (Some(before), Some(until)) => Some((before.fields, until)),
            _ => None,
        };
        all.insert((tenant.clone(), connector), ConnectorCredentials { generation, fields, previous });
        Ok(())
    }

    async fn read(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorCredentials>, ConnectorSecretsError> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.get(&(tenant.clone(), connector)).cloned())
    }

    async fn erase(&self, tenant: &TenantId, connector: ConnectorId) -> Result<(), ConnectorSecretsError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(tenant.clone(), connector));
        Ok(())
    }
}

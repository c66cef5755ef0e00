//! The credentials of tenants' own connectors: kept, read, destroyed.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use tender_domain::connectors::{
    ConnectorCredentials, ConnectorSecrets, ConnectorSecretsError, NewCredentials,
};
use tender_domain::kernel::{Change, CommitError, ConnectorId, Save, TenantId, Version, to_micros};
use tender_domain::vault::{
    ConnectorSecret, ReadPurpose, Reader, SECRET_SEALED_BY_RETIRED_KEY, SecretOf, VaultWrite,
};

use crate::VaultService;
use crate::sealing::SealError;

/// How often it is tried when somebody else was faster, or a key was retired meanwhile.
const TRIES_MAX: usize = 5;

/// Who uses them in the same process.
static INTENTS: LazyLock<Arc<str>> = LazyLock::new(|| "intents".into());

fn unavailable(error: impl std::fmt::Display) -> ConnectorSecretsError {
    ConnectorSecretsError::Unavailable(error.to_string())
}

#[async_trait]
impl ConnectorSecrets for VaultService {
    async fn keep(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: NewCredentials,
    ) -> Result<(), ConnectorSecretsError> {
        for _ in 0..TRIES_MAX {
            let before = self.secret_of(tenant, connector).await?;
            let next = self.sealed_anew(tenant, connector, before.as_ref(), &credentials).await?;
            let save = match before {
                None => Save::<ConnectorSecret>::new(next),
                Some(before) => Save::<ConnectorSecret>::changed(before, next),
            };
            if self.commit_secret(tenant, save).await? {
                return Ok(());
            }
        }
        Err(unavailable("others kept changing the credentials"))
    }

    async fn read(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorCredentials>, ConnectorSecretsError> {
        self.read_credentials(Reader::Service(Arc::clone(&INTENTS)), tenant, connector).await
    }

    async fn erase(&self, tenant: &TenantId, connector: ConnectorId) -> Result<(), ConnectorSecretsError> {
        for _ in 0..TRIES_MAX {
            let Some(before) = self.secret_of(tenant, connector).await? else { return Ok(()) };
            if before.sealed.is_none() {
                return Ok(());
            }
            let next = before.erased(to_micros(self.deps.clock.now()));
            if self.commit_secret(tenant, Save::<ConnectorSecret>::changed(before, next)).await? {
                return Ok(());
            }
        }
        Err(unavailable("others kept changing the credentials"))
    }
}

impl VaultService {
    /// The credentials in the clear. The read is put down before they are given out.
    ///
    /// # Errors
    /// `Unavailable`, also when the read could not be put down or they do not open.
    pub async fn read_credentials(
        &self,
        reader: Reader,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorCredentials>, ConnectorSecretsError> {
        let Some(found) = self.secret_of(tenant, connector).await? else { return Ok(None) };
        let Some(sealed) = &found.sealed else { return Ok(None) };
        let opened = match self.keys.open_credentials(tenant, connector, sealed).await {
            // Its key was retired between the two looks: it is sealed under another by now.
            Err(SealError::Retired) => {
                match self.secret_of(tenant, connector).await?.and_then(|s| s.sealed) {
                    Some(again) => self.keys.open_credentials(tenant, connector, &again).await,
                    None => return Ok(None),
                }
            }
            opened => opened,
        };
        let of = SecretOf::Connector(connector);
        let line = self.line(tenant, of, (reader, ReadPurpose::ConnectorCall), opened.is_ok());
        self.reads.put(line).await.map_err(unavailable)?;
        let mut credentials = opened.map_err(|error| {
            tracing::error!(%tenant, %connector, %error, "credentials do not open");
            unavailable(error)
        })?;
        let now = self.deps.clock.now();
        credentials.previous = credentials.previous.filter(|(_, until)| *until > now);
        Ok(Some(credentials))
    }

    async fn secret_of(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorSecret>, ConnectorSecretsError> {
        self.deps.key_store.connector_secret(tenant, connector).await.map_err(unavailable)
    }

    /// The row with these credentials, and with those before them beside.
    async fn sealed_anew(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        before: Option<&ConnectorSecret>,
        new: &NewCredentials,
    ) -> Result<ConnectorSecret, ConnectorSecretsError> {
        if before.is_some_and(|before| before.generation > new.generation) {
            return Err(ConnectorSecretsError::Stale);
        }
        let kept = match before.and_then(|before| before.sealed.as_ref()) {
            Some(sealed) => {
                Some(self.keys.open_credentials(tenant, connector, sealed).await.map_err(unavailable)?)
            }
            None => None,
        };
        // The same generation again is the same rotation again: what was before it stays before it.
        let previous = match (kept, new.previous_until) {
            (Some(kept), Some(_)) if kept.generation == new.generation => kept.previous,
            (Some(kept), Some(until)) => Some((kept.fields, until)),
            _ => None,
        };
        let credentials =
            ConnectorCredentials { generation: new.generation, fields: new.fields.clone(), previous };
        let sealed =
            self.keys.seal_credentials(tenant, connector, &credentials).await.map_err(unavailable)?;
        let now = to_micros(self.deps.clock.now());
        Ok(match before {
            Some(before) => before.sealed_as(new.generation, sealed, now),
            None => ConnectorSecret {
                tenant: tenant.clone(),
                connector,
                version: Version::FIRST,
                generation: new.generation,
                sealed: Some(sealed),
                updated_at: now,
            },
        })
    }

    /// Whether it was committed; not when somebody else was faster.
    async fn commit_secret(
        &self,
        tenant: &TenantId,
        save: Save<ConnectorSecret>,
    ) -> Result<bool, ConnectorSecretsError> {
        let mut change = Change::of(tenant.clone());
        change.writes = vec![VaultWrite::from(save)];
        match self.deps.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Refused { constraint }) => {
                if constraint == SECRET_SEALED_BY_RETIRED_KEY {
                    self.keys.forget_current(tenant).await;
                }
                Ok(false)
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}

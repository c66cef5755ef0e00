//! Go on with a rotation: a page of records, or its end.

use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, ConnectorId, MethodId, Save, to_micros};
use tender_domain::vault::{
    ConnectorSecret, DataKey, KeyRotation, PaymentMethod, ReadPurpose, RotationFailure,
    SEALED_BY_RETIRED_KEY, SECRET_SEALED_BY_RETIRED_KEY, SecretOf, VaultWrite,
};

use crate::sealing::SealError;
use crate::{VaultError, VaultService};

/// How many records one commit seals anew. When somebody changes one of them meanwhile, fewer are tried.
const PAGE_SIZES: [usize; 3] = [100, 10, 1];

/// What became of a page.
enum Page {
    /// It was committed, or others have committed it: there may be more.
    Turned,
    /// Somebody changed one of its records.
    Disturbed,
    /// There is none any more.
    Over,
}

impl VaultService {
    /// Seals a page of records anew and puts down how far the rotation is, in one commit; or destroys the older keys and
    /// ends it, when nothing is left. Says whether there is more to do.
    ///
    /// # Errors
    /// When the store or the key-encryption key cannot be reached. Nothing of the page was done then.
    pub(crate) async fn rotate_page(&self, rotation: &KeyRotation) -> Result<bool, VaultError> {
        if rotation.has_failed_too_often() {
            return self.end_rotation(rotation).await;
        }
        for size in PAGE_SIZES {
            match self.turn_page(rotation, size).await? {
                Page::Turned => return Ok(true),
                Page::Disturbed => {}
                Page::Over => return self.end_rotation(rotation).await,
            }
        }
        Ok(true)
    }

    async fn turn_page(&self, rotation: &KeyRotation, size: usize) -> Result<Page, VaultError> {
        let (tenant, to) = (&rotation.tenant, rotation.to);
        let except: Vec<MethodId> =
            rotation.failures.iter().filter_map(|failure| failure.payment_method_id).collect();
        let methods = self.deps.key_store.sealed_otherwise(tenant, to, &except, size).await?;
        if methods.is_empty() {
            return self.turn_secrets(rotation, size).await;
        }
        let (mut saves, mut failures) = (Vec::new(), Vec::new());
        for method in methods {
            match self.resealed(rotation, &method).await {
                Ok(Some(next)) => saves.push(Save::changed(method, next)),
                Ok(None) => {}
                Err(SealError::Unavailable(why)) => return Err(VaultError::KeysUnavailable(why)),
                // Its key was retired since it was read: it is sealed under another by now.
                Err(SealError::Retired) => return Ok(Page::Disturbed),
                Err(error) => {
                    tracing::error!(%tenant, method = %method.id, %error, "tokens do not open; their key is kept");
                    let error = error.to_string();
                    failures.push(RotationFailure {
                        payment_method_id: Some(method.id),
                        connector_id: None,
                        error,
                    });
                }
            }
        }
        let next = rotation.progressed(saves.len() as u64, failures);
        let mut change = Change::of(tenant.clone()).in_background();
        change.writes = saves.into_iter().map(VaultWrite::from).collect();
        let change = change.save(Save::changed(rotation.clone(), next));
        match self.deps.store.commit(change).await {
            Ok(_) => Ok(Page::Turned),
            Err(CommitError::Conflict) => Ok(Page::Disturbed),
            Err(error) => Err(error.into()),
        }
    }

    /// The same of connectors' credentials, once no method is left.
    async fn turn_secrets(&self, rotation: &KeyRotation, size: usize) -> Result<Page, VaultError> {
        let (tenant, to) = (&rotation.tenant, rotation.credentials_key());
        let except: Vec<ConnectorId> =
            rotation.failures.iter().filter_map(|failure| failure.connector_id).collect();
        let secrets = self.deps.key_store.secrets_sealed_otherwise(tenant, to, &except, size).await?;
        if secrets.is_empty() {
            return Ok(Page::Over);
        }
        let (mut saves, mut failures) = (Vec::new(), Vec::new());
        for secret in secrets {
            let connector = secret.connector;
            match self.secret_resealed(rotation, &secret).await {
                Ok(Some(next)) => saves.push(Save::changed(secret, next)),
                Ok(None) => {}
                Err(SealError::Unavailable(why)) => return Err(VaultError::KeysUnavailable(why)),
                Err(SealError::Retired) => return Ok(Page::Disturbed),
                Err(error) => {
                    tracing::error!(%tenant, %connector, %error, "credentials do not open; their key is kept");
                    let (error, connector_id) = (error.to_string(), Some(connector));
                    failures.push(RotationFailure { payment_method_id: None, connector_id, error });
                }
            }
        }
        let next = rotation.progressed(saves.len() as u64, failures);
        let mut change = Change::of(tenant.clone()).in_background();
        change.writes = saves.into_iter().map(VaultWrite::from).collect();
        match self.deps.store.commit(change.save(Save::changed(rotation.clone(), next))).await {
            Ok(_) => Ok(Page::Turned),
            Err(CommitError::Conflict) => Ok(Page::Disturbed),
            Err(error) => Err(error.into()),
        }
    }

    async fn secret_resealed(
        &self,
        rotation: &KeyRotation,
        secret: &ConnectorSecret,
    ) -> Result<Option<ConnectorSecret>, SealError> {
        let Some(sealed) = &secret.sealed else { return Ok(None) };
        let (tenant, connector) = (&secret.tenant, secret.connector);
        let opened = self.keys.open_credentials(tenant, connector, sealed).await;
        if !matches!(opened, Err(SealError::Unavailable(_) | SealError::Retired)) {
            let (of, by) = (SecretOf::Connector(connector), (self.vault_reader(), ReadPurpose::KeyRotation));
            let put = self.reads.put(self.line(tenant, of, by, opened.is_ok())).await;
            put.map_err(|refusal| SealError::Unavailable(refusal.to_string()))?;
        }
        let again =
            self.keys.seal_credentials_under(rotation.credentials_key(), tenant, connector, &opened?).await?;
        Ok(Some(secret.sealed_as(secret.generation, again, to_micros(self.deps.clock.now()))))
    }

    async fn resealed(
        &self,
        rotation: &KeyRotation,
        method: &Arc<PaymentMethod>,
    ) -> Result<Option<PaymentMethod>, SealError> {
        let Some(sealed) = method.tokens() else { return Ok(None) };
        let (tenant, id) = (&method.tenant, method.id);
        let opened = self.keys.open(tenant, id, sealed).await;
        if !matches!(opened, Err(SealError::Unavailable(_) | SealError::Retired)) {
            let read = self.line(
                tenant,
                SecretOf::Method(id),
                (self.vault_reader(), ReadPurpose::KeyRotation),
                opened.is_ok(),
            );
            self.reads.put(read).await.map_err(|refusal| SealError::Unavailable(refusal.to_string()))?;
        }
        let again = self.keys.seal_under(rotation.to, tenant, id, &opened?).await?;
        Ok(method.resealed(again))
    }

    /// Destroys the older keys, and ends the rotation. A key under which a record was sealed again meanwhile, or whose
    /// record does not open, is refused to be destroyed by the database.
    async fn end_rotation(&self, rotation: &KeyRotation) -> Result<bool, VaultError> {
        let tenant = &rotation.tenant;
        for (purpose, to) in rotation.targets() {
            let keys = self.deps.key_store.usable_keys(tenant, purpose).await?;
            let Some(target) = keys.iter().find(|key| key.id == to) else {
                return Err(VaultError::KeysUnavailable("the rotation's key is not there".to_owned()));
            };
            for key in keys.iter().filter(|key| key.number < target.number) {
                if !self.retire(key).await? && rotation.failures.is_empty() {
                    return Ok(true);
                }
            }
        }
        let now = to_micros(self.deps.clock.now());
        let next = rotation.finished(now);
        let told = self.audit_of_rotation(&next, "vault.key_rotation_ended", ("vault".to_owned(), None));
        let change = Change::of(tenant.clone()).guarded(rotation.ended()).tell([told]).in_background();
        match self.deps.store.commit(change.save(Save::changed(rotation.clone(), next))).await {
            Ok(_) => Ok(false),
            Err(CommitError::Conflict) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the key is destroyed now.
    async fn retire(&self, key: &DataKey) -> Result<bool, VaultError> {
        let Some(next) = key.retired(to_micros(self.deps.clock.now())) else { return Ok(true) };
        let change = Change::of(key.tenant.clone()).save(Save::changed(key.clone(), next)).in_background();
        match self.deps.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(CommitError::Refused { constraint })
                if [SEALED_BY_RETIRED_KEY, SECRET_SEALED_BY_RETIRED_KEY].contains(&&*constraint) =>
            {
                Ok(false)
            }
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Wraps keys that an older key-encryption key has wrapped under the current one. Says how many were looked at.
    ///
    /// # Errors
    /// When the store or the key-encryption key cannot be reached. What was done stays done.
    pub(crate) async fn rewrap_keys(&self, limit: usize) -> Result<usize, VaultError> {
        let by = self.keys.wrapped_by_now().await?;
        let keys = self.deps.key_store.keys_not_wrapped_by(&by, limit).await?;
        for key in &keys {
            let rewrapped = match self.keys.rewrapped(key).await {
                Ok(rewrapped) => rewrapped,
                Err(SealError::Unavailable(why)) => return Err(VaultError::KeysUnavailable(why)),
                Err(error) => {
                    tracing::error!(tenant = %key.tenant, key = %key.id, %error, "a data key cannot be wrapped anew");
                    continue;
                }
            };
            let Some(next) = rewrapped else { continue };
            let change =
                Change::of(key.tenant.clone()).save(Save::changed(key.clone(), next)).in_background();
            match self.deps.store.commit(change).await {
                Ok(_) => metrics::counter!("vault_data_keys_rewrapped_total").increment(1),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(keys.len())
    }
}

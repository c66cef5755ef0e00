//! Begin a rotation of the tenant's keys.

use std::collections::BTreeMap;

use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Guard, JobId, JobOwner, Message, Save, TenantId, Version, to_micros,
};
use tender_domain::vault::{DataKey, KeyPurpose, KeyRotation, RUNNING_ROTATION, VaultWrite};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::RequestKey;

use super::Reply;
use crate::{VaultError, VaultService};

/// How often it is tried when others make keys at the same time.
const TRIES_MAX: usize = 5;

/// A version of a key that is not saved yet.
struct NextKey {
    key: DataKey,
    /// How many records of its purpose are to be sealed under it.
    sealed_otherwise: u64,
}

impl VaultService {
    /// Makes a new version of each of the tenant's keys, and a job that seals everything under them and destroys the older
    /// versions.
    ///
    /// # Errors
    /// `RotationRunning`; see [`VaultError`].
    pub async fn rotate_keys(
        &self,
        caller: &Caller,
        key: Option<RequestKey>,
        present: fn(&KeyRotation) -> Answer,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = self.begin_rotation(caller, key, present).await;
        self.settled(tenant, key, result).await
    }

    async fn begin_rotation(
        &self,
        caller: &Caller,
        key: Option<&RequestKey>,
        present: fn(&KeyRotation) -> Answer,
    ) -> Result<Reply, VaultError> {
        let tenant = &caller.tenant;
        for _ in 0..TRIES_MAX {
            let (methods, of_methods) = self.next_of(tenant, KeyPurpose::PaymentMethods).await?;
            let (credentials, of_credentials) =
                self.next_of(tenant, KeyPurpose::ConnectorCredentials).await?;
            let rotation = KeyRotation {
                tenant: tenant.clone(),
                id: JobId::of(JobOwner::Vault, self.deps.ids.uuid()),
                version: Version::FIRST,
                to: methods.key.id,
                credentials_to: Some(credentials.key.id),
                total: methods.sealed_otherwise + credentials.sealed_otherwise,
                done: 0,
                failures: Vec::new(),
                created_by: caller.subject.to_string(),
                created_at: to_micros(self.deps.clock.now()),
                finished_at: None,
            };
            let answer = present(&rotation);
            let record = self.record(key, rotation.id.to_string(), &answer);
            let told = self.audited(&rotation, "vault.key_rotation_started", caller);
            let begun = rotation.begun();
            let mut change = Change::of(tenant.clone()).tell([told]).keyed(record);
            change = change.guarded(of_methods).guarded(of_credentials).guarded(begun);
            change.writes = vec![
                VaultWrite::from(Save::new(methods.key)),
                VaultWrite::from(Save::new(credentials.key)),
                VaultWrite::from(Save::new(rotation)),
            ];
            match self.deps.store.commit(change).await {
                Ok(_) => {
                    self.keys.forget_current(tenant).await;
                    return Ok(Reply { answer, version: None, replayed: false });
                }
                Err(CommitError::ClaimTaken { kind: RUNNING_ROTATION, owner, .. }) => {
                    return Err(VaultError::RotationRunning(owner));
                }
                Err(CommitError::ClaimTaken { .. } | CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The next version of a purpose's key with what there is to seal under it, and the guard of its number.
    async fn next_of(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<(NextKey, Guard), VaultError> {
        let (key, number) = self.keys.next_version(tenant, purpose).await?;
        let sealed_otherwise = self.deps.key_store.count_sealed_otherwise(tenant, purpose, key.id).await?;
        Ok((NextKey { key, sealed_otherwise }, number))
    }

    /// The rotation of this job of the caller's tenant.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn get_rotation(&self, caller: &Caller, id: JobId) -> Result<KeyRotation, VaultError> {
        let found = self.deps.key_store.rotation(&caller.tenant, id).await?;
        found.ok_or(VaultError::NotFound("job"))
    }

    fn audited(&self, rotation: &KeyRotation, action: &str, caller: &Caller) -> Message {
        let actor = caller.actor.as_ref().map(ToString::to_string);
        self.audit_of_rotation(rotation, action, (caller.subject.to_string(), actor))
    }

    pub(super) fn audit_of_rotation(
        &self,
        rotation: &KeyRotation,
        action: &str,
        (subject, actor): (String, Option<String>),
    ) -> Message {
        let mut details = BTreeMap::from([
            ("data_key_id".to_owned(), rotation.to.to_string()),
            ("status".to_owned(), rotation.status().as_str().to_owned()),
            ("done".to_owned(), rotation.done.to_string()),
        ]);
        details.extend(rotation.credentials_to.map(|to| ("credentials_key_id".to_owned(), to.to_string())));
        let recorded = AuditRecorded {
            action: action.to_owned(),
            service: "vault".to_owned(),
            tenant_id: rotation.tenant.clone(),
            subject,
            actor,
            resource_id: rotation.id.to_string(),
            intent_id: None,
            reason: None,
            details,
            version: rotation.version,
            recorded_at: to_micros(self.deps.clock.now()),
        };
        let traceparent = tender_http::current_traceparent();
        recorded.into_message(Envelope { id: self.deps.ids.event(), traceparent })
    }
}

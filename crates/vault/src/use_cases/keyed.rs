//! Idempotency keys: the first answer again, and refusals kept.

use tender_domain::kernel::{Answer, Change, CommitError, KeyRecord, KeyWrite, TenantId, Timestamp, Version};
use tender_domain::vault::PaymentMethod;
use tender_http::{Problem, RequestKey, replay_or_conflict};

use crate::{VaultError, VaultService};

/// Turns the committed method, as it is at an instant, into the answer that the client gets, and that is kept under its key.
pub type Present = fn(&PaymentMethod, Timestamp) -> Answer;

/// The answer of a mutating use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What the client gets.
    pub answer: Answer,
    /// The method's version, when the answer shows a method now.
    pub version: Option<Version>,
    /// Whether this is the answer of an earlier call with the same key.
    pub replayed: bool,
}

impl Reply {
    pub(super) fn of(method: &PaymentMethod, present: Present, now: Timestamp) -> Self {
        Self { answer: present(method, now), version: Some(method.version), replayed: false }
    }
}

impl VaultService {
    /// The answer of an earlier call with this key, if there was one.
    pub(super) async fn replayed(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
    ) -> Result<Option<Reply>, VaultError> {
        let Some(key) = key else { return Ok(None) };
        let record = self.deps.store.key(tenant, &key.scope).await?;
        record.map(|record| replay(record, key)).transpose()
    }

    /// The record of a key with its answer, for the change that makes the effect.
    pub(super) fn record(
        &self,
        key: Option<&RequestKey>,
        resource: String,
        answer: &Answer,
    ) -> Option<KeyWrite> {
        key.map(|key| KeyWrite::Record {
            scope: key.scope.clone(),
            fingerprint: key.fingerprint,
            resource,
            answer: answer.clone(),
            at: self.deps.clock.now(),
        })
    }

    /// The end of a keyed use case: who lost its key to another call gets that call's answer, and a refusal of
    /// business (422) is kept, so that a retry never changes an outcome.
    pub(super) async fn settled(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
        result: Result<Reply, VaultError>,
    ) -> Result<Reply, VaultError> {
        let Some(key) = key else { return result };
        let error = match result {
            Err(VaultError::Commit(CommitError::KeyTaken(record))) => return replay(*record, key),
            Err(error) if !matches!(error, VaultError::Convention(_)) => error,
            other => return other,
        };
        let problem = Problem::from(error.clone());
        if problem.status() != 422 {
            return Err(error);
        }
        let answer = problem.to_answer();
        let record = self.record(Some(key), String::new(), &answer);
        match self.deps.store.commit(Change::of(tenant.clone()).keyed(record)).await {
            Ok(_) => Ok(Reply { answer, version: None, replayed: false }),
            Err(CommitError::KeyTaken(record)) => replay(*record, key),
            Err(error) => Err(error.into()),
        }
    }
}

fn replay(record: KeyRecord, key: &RequestKey) -> Result<Reply, VaultError> {
    let answer = replay_or_conflict(record, key.fingerprint).into_answer()?;
    Ok(Reply { answer, version: None, replayed: true })
}

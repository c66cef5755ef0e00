use tender_domain::kernel::{Answer, Change, CommitError, KeyRecord, KeyWrite, TenantId, Timestamp};
use tender_http::{Problem, RequestKey, replay_or_conflict};

use crate::{OperationsError, OperationsService};

/// How often a use case loads and decides again when somebody else was faster, before it says so (409).
pub(crate) const TRIES: usize = 5;

/// What a request with an idempotency key ended with.
#[derive(Debug, Clone)]
pub enum Kept<T> {
    /// It was done now.
    Fresh(T),
    /// It had been done: the answer that was kept.
    Replayed(Answer),
}

impl OperationsService {
    /// The answer of the key, when the same request was answered before.
    pub(crate) async fn answered(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
    ) -> Result<Option<Answer>, OperationsError> {
        let Some(key) = key else { return Ok(None) };
        let record = self.store().key(tenant, &key.scope).await?;
        record.map(|record| replayed(record, key)).transpose()
    }

    /// Keeps a refusal of business (422) under its key, so that the same request is refused for ever; gives back what
    /// is to be answered.
    pub(crate) async fn refuse<T>(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
        error: OperationsError,
    ) -> Result<Kept<T>, OperationsError> {
        let problem = Problem::from(error.clone());
        let Some(key) = key.filter(|_| problem.status() == 422) else { return Err(error) };
        let record = record(key, "refused".to_owned(), problem.to_answer(), self.now());
        match self.store().commit(Change::of(tenant.clone()).keyed(record)).await {
            Ok(_) => Err(error),
            Err(CommitError::KeyTaken(record)) => replayed(*record, key).map(Kept::Replayed),
            Err(failed) => Err(failed.into()),
        }
    }
}

/// What the record of a key means for the request that carries it. No use case here takes two commits, so a record
/// always has its answer.
pub(crate) fn replayed(record: KeyRecord, key: &RequestKey) -> Result<Answer, OperationsError> {
    replay_or_conflict(record, key.fingerprint).into_answer().map_err(OperationsError::KeyReused)
}

pub(crate) fn record(key: &RequestKey, resource: String, answer: Answer, at: Timestamp) -> KeyWrite {
    KeyWrite::Record { scope: key.scope.clone(), fingerprint: key.fingerprint, resource, answer, at }
}

//! Requests with an idempotency key that make one commit, about anything but an intent; and how every refusal is kept.

use tender_domain::kernel::{Answer, Change, CommitError, KeyRecord, KeyWrite, TenantId, Timestamp};
use tender_http::{Problem, RequestKey, replay_or_conflict};

use super::{Answered, IntentsError};
use crate::IntentsService;

/// The key with the answer of the only commit.
pub(super) fn record_of(
    key: Option<&RequestKey>,
    resource: impl Into<String>,
    answer: &Answer,
    at: Timestamp,
) -> Option<KeyWrite> {
    let key = key?;
    Some(KeyWrite::Record {
        scope: key.scope.clone(),
        fingerprint: key.fingerprint,
        resource: resource.into(),
        answer: answer.clone(),
        at,
    })
}

/// What the record of a key means for the request that carries it.
pub(super) fn again(record: KeyRecord, key: Option<&RequestKey>) -> Result<Answered, IntentsError> {
    let key = key.ok_or(IntentsError::InFlight)?;
    if record.fingerprint != key.fingerprint {
        return Err(IntentsError::OtherRequest);
    }
    let answer = replay_or_conflict(record, key.fingerprint).into_answer();
    answer.map(Answered::again).map_err(|_| IntentsError::InFlight)
}

/// An answer that was made just now.
pub(super) const fn now_made(answer: Answer) -> Answered {
    Answered { answer, replayed: false, intent: None }
}

impl IntentsService {
    /// The answer of the key, when the same request was answered before.
    pub(super) async fn answered_before(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
    ) -> Result<Option<Answered>, IntentsError> {
        let Some(named) = key else { return Ok(None) };
        let record = self.store.key(tenant, &named.scope).await?;
        record.map(|record| again(record, key)).transpose()
    }

    /// A refusal of business (422) is kept under its key, so that the same request is refused for ever. Any other is not.
    pub(super) async fn keep_refusal(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
        error: IntentsError,
    ) -> Result<Answered, IntentsError> {
        let problem = Problem::from(error.clone());
        if problem.status() != 422 {
            return Err(error);
        }
        let answer = problem.to_answer();
        match self.keep_answer(tenant, key, "refused", &answer).await? {
            Some(first) => again(first, key),
            None => Ok(now_made(answer)),
        }
    }

    /// Keeps the answer of a refusal under its key, with nothing beside it. What was kept there before stands, and is
    /// given back: a retry never changes an outcome.
    pub(super) async fn keep_answer(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
        resource: impl Into<String>,
        answer: &Answer,
    ) -> Result<Option<KeyRecord>, IntentsError> {
        let Some(record) = record_of(key, resource, answer, self.clock.now()) else { return Ok(None) };
        match self.store.commit(Change::of(tenant.clone()).keyed(record)).await {
            Ok(_) => Ok(None),
            Err(CommitError::KeyTaken(first)) => Ok(Some(*first)),
            Err(error) => Err(error.into()),
        }
    }
}

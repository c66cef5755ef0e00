//! The one change of a dispute: its charge, its history, what others are told, the key's answer.

use std::sync::Arc;

use tender_domain::disputes::{Dispute, DisputeRefusal, Disputed};
use tender_domain::kernel::{
    Answer, Change, CommitError, DisputeId, Guard, KeyRecord, KeyState, KeyWrite, Lane, Message,
    RequestFingerprint, Save, TenantId, Version,
};
use tender_domain::refunds::{RefundWrite, RefundableCharge};
use tender_http::RequestKey;

use super::super::RefundsError;
use crate::RefundsService;
use crate::dispute_messages::DisputeMessages;

/// How disputes and refusals become answers that can be kept. Each API has its own.
#[derive(Debug, Clone, Copy)]
pub struct DisputePresenter {
    /// The answer that shows a dispute that is new.
    pub created: fn(&Dispute) -> Answer,
    /// The answer that shows one that was there.
    pub shown: fn(&Dispute) -> Answer,
    /// The answer that shows a refusal.
    pub refusal: fn(&DisputeRefusal) -> Answer,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeAnswered {
    /// The answer, as it is kept.
    pub answer: Answer,
    /// Whether it was kept from an earlier request with the same key.
    pub replayed: bool,
    /// The dispute and its version, when the answer was made just now.
    pub dispute: Option<(DisputeId, Version)>,
}

impl DisputeAnswered {
    pub(super) fn of(answer: Answer, dispute: &Dispute) -> Self {
        Self { answer, replayed: false, dispute: Some((dispute.id, dispute.version)) }
    }

    /// An answer that shows no dispute.
    pub(in crate::use_cases) const fn plain(answer: Answer) -> Self {
        Self { answer, replayed: false, dispute: None }
    }

    /// The kept answer of a key.
    pub(in crate::use_cases) fn replay(
        record: KeyRecord,
        fingerprint: RequestFingerprint,
    ) -> Result<Self, RefundsError> {
        if record.fingerprint != fingerprint {
            return Err(RefundsError::OtherRequest);
        }
        match record.state {
            KeyState::Done(answer) => Ok(Self { answer, replayed: true, dispute: None }),
            KeyState::Started => Err(RefundsError::InFlight),
        }
    }
}

/// On whose behalf, and with what beside it, a dispute is saved.
#[derive(Debug, Clone, Default)]
pub(in crate::use_cases) struct Beside {
    pub(in crate::use_cases) lane: Lane,
    pub(in crate::use_cases) traceparent: Option<String>,
    pub(in crate::use_cases) key: Option<KeyWrite>,
    pub(in crate::use_cases) guards: Vec<Guard>,
    pub(in crate::use_cases) writes: Vec<RefundWrite>,
    /// What others are told beside it.
    pub(in crate::use_cases) tell: Vec<Message>,
    /// What the audit log is told, when a person did it.
    pub(in crate::use_cases) audit: Option<Message>,
}

impl RefundsService {
    /// Saves what became of a charge by one of its disputes.
    pub(in crate::use_cases) async fn save_dispute(
        &self,
        before: &Arc<RefundableCharge>,
        disputed: &Disputed,
        beside: Beside,
    ) -> Result<(), CommitError> {
        let messages = DisputeMessages {
            ids: &*self.ids,
            traceparent: beside.traceparent,
            now: disputed.charge.updated_at,
        };
        let told = messages.of(disputed);
        let save = Save::<RefundableCharge>::changed(Arc::clone(before), disputed.charge.clone());
        let mut change = Change::of(before.tenant.clone())
            .save(save)
            .tell(told)
            .tell(beside.tell)
            .tell(beside.audit)
            .keyed(beside.key);
        for entry in &disputed.entries {
            change = change.save(Save::new(entry.clone()));
        }
        change.writes.extend(beside.writes);
        change.guards = beside.guards;
        change.lane = beside.lane;
        self.store.commit(change).await.map(|_| ())
    }

    /// The kept answer of a key, if the request has one that was used.
    pub(in crate::use_cases) async fn kept_dispute_answer(
        &self,
        tenant: &TenantId,
        key: Option<&RequestKey>,
    ) -> Result<Option<DisputeAnswered>, RefundsError> {
        let Some(key) = key else { return Ok(None) };
        let record = self.store.key(tenant, &key.scope).await?;
        record.map(|record| DisputeAnswered::replay(record, key.fingerprint)).transpose()
    }

    /// Keeps an answer that needs no other change.
    pub(in crate::use_cases) async fn keep_dispute_answer(
        &self,
        tenant: &TenantId,
        (answer, resource): (Answer, String),
        key: Option<&RequestKey>,
    ) -> Result<DisputeAnswered, RefundsError> {
        let first = DisputeAnswered { answer: answer.clone(), replayed: false, dispute: None };
        let Some(kept) = self.key_record(key, &answer, resource) else { return Ok(first) };
        match self.store.commit(Change::of(tenant.clone()).keyed(kept)).await {
            Ok(_) => Ok(first),
            Err(CommitError::KeyTaken(record)) => {
                let fingerprint = key.map_or(record.fingerprint, |key| key.fingerprint);
                DisputeAnswered::replay(*record, fingerprint)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The record of a key whose effect takes one commit.
    pub(in crate::use_cases) fn key_record(
        &self,
        key: Option<&RequestKey>,
        answer: &Answer,
        resource: String,
    ) -> Option<KeyWrite> {
        key.map(|key| KeyWrite::Record {
            scope: key.scope.clone(),
            fingerprint: key.fingerprint,
            resource,
            answer: answer.clone(),
            at: self.clock.now(),
        })
    }
}

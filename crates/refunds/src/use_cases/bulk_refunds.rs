//! Makes many refunds by one request: the request makes a job, a worker does its items one by one.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tender_domain::jobs::Job;
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Credential, JobId, JobOwner, KeyScope, KeyWrite, RefundId,
    RequestFingerprint, Save, ScopeSet,
};
use tender_domain::refunds::{RefundJobItem, RefundJobItemState, RefundJobWithItems};
use tender_http::{Problem, RequestKey};

use super::{Answered, CreateRefund, Presenter, RefundsError};
use crate::RefundsService;

/// Under which route an item's key counts: its own, apart from those of clients.
const ITEM_ROUTE: &str = "refunds.bulk_create";

/// What an item came to, for now.
enum Outcome {
    Ended(RefundJobItemState),
    /// Something that passes is in the way: it is tried again.
    Later(RefundsError),
}

impl RefundsService {
    /// Keeps a job of these items: what is asked for, or the problem that refused it, as JSON.
    pub(crate) async fn refund_in_bulk(
        &self,
        caller: &Caller,
        items: Vec<Result<String, String>>,
        key: RequestKey,
        show: fn(&RefundJobWithItems) -> Answer,
    ) -> Result<Answered, RefundsError> {
        let now = self.clock.now();
        let job = Job {
            id: JobId::of(JobOwner::Refunds, self.ids.uuid()),
            tenant: caller.tenant.clone(),
            livemode: caller.livemode,
            created_by: caller.subject.to_string(),
            created_at: now,
        };
        let state = |item| match item {
            Ok(body) => RefundJobItemState::Pending(body),
            Err(problem) => RefundJobItemState::Failed { problem, at: now },
        };
        let items =
            (0..).zip(items).map(|(number, item)| RefundJobItem::new(&job, number, state(item))).collect();
        let new = Arc::new(RefundJobWithItems { job, items });
        let answer = show(&new);
        let kept = KeyWrite::Record {
            scope: key.scope,
            fingerprint: key.fingerprint,
            resource: new.job.id.to_string(),
            answer: answer.clone(),
            at: now,
        };
        match self.store.commit(Change::of(caller.tenant.clone()).save(new).keyed(kept)).await {
            Ok(_) => Ok(Answered { answer, replayed: false, refund: None }),
            Err(CommitError::KeyTaken(record)) => Answered::replay(*record, key.fingerprint),
            Err(error) => Err(error.into()),
        }
    }

    /// A job with its items; a customer has none.
    pub(crate) async fn get_job(
        &self,
        caller: &Caller,
        id: JobId,
    ) -> Result<Option<RefundJobWithItems>, RefundsError> {
        let job = self.store.job(&caller.tenant, id).await?;
        Ok(job.filter(|_| caller.only_customer().is_none()))
    }

    /// Does one item of a job. Safe to do twice, also side by side: its refund is made under the item's own key.
    pub(crate) async fn do_item(
        self: &Arc<Self>,
        job: &Job,
        item: RefundJobItem,
        wanted: Result<CreateRefund, Problem>,
        present: Presenter,
    ) -> Result<(), RefundsError> {
        let outcome = match wanted {
            Ok(wanted) => self.refund_item(job, item.number, wanted, present).await,
            Err(problem) => Outcome::Ended(self.failed_item(&problem.to_answer())),
        };
        let state = match outcome {
            Outcome::Ended(state) => state,
            Outcome::Later(error) => return Err(error),
        };
        let Some(ended) = item.ended(state) else { return Ok(()) };
        let change = Change::of(job.tenant.clone()).save(Save::<RefundJobItem>::changed(item, ended));
        match self.store.commit(change.in_background()).await {
            // Another worker was faster, with the same outcome.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn refund_item(
        self: &Arc<Self>,
        job: &Job,
        number: u32,
        wanted: CreateRefund,
        present: Presenter,
    ) -> Outcome {
        let caller = Caller {
            tenant: job.tenant.clone(),
            subject: job.created_by.as_str().into(),
            credential: Credential::Service("refunds".into()),
            scopes: ScopeSet::EMPTY,
            roles: Arc::from([]),
            actor: None,
            livemode: job.livemode,
        };
        let text = format!("{}/{number}", job.id);
        let fingerprint = RequestFingerprint(Sha256::digest(text.as_bytes()).into());
        let key = RequestKey { scope: KeyScope { route: ITEM_ROUTE, key: text.into() }, fingerprint };
        match self.create_refund(&caller, wanted, key, present).await {
            Ok(answered) => Outcome::Ended(match made(&answered) {
                Some(made) => RefundJobItemState::Succeeded { made, at: self.clock.now() },
                None => self.failed_item(&answered.answer),
            }),
            Err(
                error @ (RefundsError::InFlight
                | RefundsError::SourceUnavailable(_)
                | RefundsError::ConnectorAway(_)
                | RefundsError::Store(_)
                | RefundsError::Commit(_)),
            ) => Outcome::Later(error),
            Err(error) => Outcome::Ended(self.failed_item(&Problem::from(error).to_answer())),
        }
    }

    fn failed_item(&self, answer: &Answer) -> RefundJobItemState {
        RefundJobItemState::Failed { problem: answer.body.to_string(), at: self.clock.now() }
    }
}

/// The refund that an answer shows, also one that was kept.
fn made(answered: &Answered) -> Option<RefundId> {
    #[derive(serde::Deserialize)]
    struct Head {
        id: RefundId,
    }
    if answered.answer.status >= 400 {
        return None;
    }
    serde_json::from_str::<Head>(&answered.answer.body).ok().map(|head| head.id)
}

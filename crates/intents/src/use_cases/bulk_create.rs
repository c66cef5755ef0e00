//! Creates many intents by one request: the request makes a job, a worker does its items one by one.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tender_domain::intents::{Job, JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Credential, IntentId, JobId, KeyRecord, KeyScope, KeyState,
    KeyWrite, RequestFingerprint, Save, ScopeSet,
};
use tender_http::{Problem, RequestKey};

use super::{Answered, CreateIntent, IntentsError, Keyed, Presenter, Shown};
use crate::IntentsService;

/// Under which route an item's key counts: its own, apart from those of clients.
const ITEM_ROUTE: &str = "intents.bulk_create";

/// What an item came to, for now.
enum Outcome {
    Ended(JobItemState),
    /// Something that passes is in the way: it is tried again.
    Later(IntentsError),
}

impl IntentsService {
    /// Keeps a job of these items: what is asked for, or the problem that refused it, as JSON.
    pub(crate) async fn create_in_bulk(
        &self,
        caller: &Caller,
        items: Vec<Result<String, String>>,
        key: RequestKey,
        show: fn(&JobWithItems) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let now = self.clock.now();
        let job = Job {
            id: self.ids.next(),
            tenant: caller.tenant.clone(),
            livemode: caller.livemode,
            created_by: caller.subject.to_string(),
            created_at: now,
        };
        let state = |item| match item {
            Ok(body) => JobItemState::Pending(body),
            Err(problem) => JobItemState::Failed { problem, at: now },
        };
        let items = (0..).zip(items).map(|(number, item)| JobItem::new(&job, number, state(item))).collect();
        let new = Arc::new(JobWithItems { job, items });
        let answer = show(&new);
        let kept = KeyWrite::Record {
            scope: key.scope.clone(),
            fingerprint: key.fingerprint,
            resource: new.job.id.to_string(),
            answer: answer.clone(),
            at: now,
        };
        match self.store.commit(Change::of(caller.tenant.clone()).save(new).keyed(kept)).await {
            Ok(_) => Ok(Answered { answer, replayed: false, intent: None }),
            Err(CommitError::KeyTaken(record)) => again(*record, &key),
            Err(error) => Err(error.into()),
        }
    }

    /// A job with its items, if the caller may see it: a customer only its own.
    pub(crate) async fn get_job(
        &self,
        caller: &Caller,
        id: JobId,
    ) -> Result<Option<JobWithItems>, IntentsError> {
        let job = self.store.job(&caller.tenant, id).await?;
        let visible = |found: &JobWithItems| {
            caller.only_customer().is_none_or(|customer| found.job.created_by == customer)
        };
        Ok(job.filter(visible))
    }

    /// Does one item of a job. Safe to do twice, also side by side: its intent is created under the item's own key.
    pub(crate) async fn do_item(
        self: &Arc<Self>,
        job: &Job,
        item: JobItem,
        wanted: Result<CreateIntent, Problem>,
        present: Presenter,
    ) -> Result<(), IntentsError> {
        let outcome = match wanted {
            Ok(wanted) => self.create_item(job, item.number, wanted, present).await,
            Err(problem) => Outcome::Ended(self.failed(&problem.to_answer())),
        };
        let state = match outcome {
            Outcome::Ended(state) => state,
            Outcome::Later(error) => return Err(error),
        };
        let Some(ended) = item.ended(state) else { return Ok(()) };
        let change = Change::of(job.tenant.clone()).save(Save::<JobItem>::changed(item, ended));
        match self.store.commit(change.in_background()).await {
            // Another worker was faster, with the same outcome.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn create_item(
        self: &Arc<Self>,
        job: &Job,
        number: u32,
        wanted: CreateIntent,
        present: Presenter,
    ) -> Outcome {
        let caller = Caller {
            tenant: job.tenant.clone(),
            subject: job.created_by.as_str().into(),
            credential: Credential::Service("intents".into()),
            scopes: ScopeSet::EMPTY,
            roles: Arc::from([]),
            actor: None,
            livemode: job.livemode,
        };
        let text = format!("{}/{number}", job.id);
        let fingerprint = RequestFingerprint(Sha256::digest(text.as_bytes()).into());
        let key = RequestKey { scope: KeyScope { route: ITEM_ROUTE, key: text.into() }, fingerprint };
        let keyed = Keyed::new(Some(key), present, Shown::Intent { created: true }).in_background();
        match self.create_intent(&caller, wanted, keyed).await {
            Ok(answered) => Outcome::Ended(match created(&answered) {
                Some(made) => JobItemState::Succeeded { made, at: self.clock.now() },
                None => self.failed(&answered.answer),
            }),
            Err(
                error @ (IntentsError::InFlight
                | IntentsError::VaultUnavailable(_)
                | IntentsError::ScorerUnavailable(_)
                | IntentsError::Orders(_)
                | IntentsError::Store(_)
                | IntentsError::Commit(_)),
            ) => Outcome::Later(error),
            Err(error) => Outcome::Ended(self.failed(&Problem::from(error).to_answer())),
        }
    }

    fn failed(&self, answer: &Answer) -> JobItemState {
        JobItemState::Failed { problem: answer.body.to_string(), at: self.clock.now() }
    }
}

/// The answer that was kept for the key.
fn again(record: KeyRecord, key: &RequestKey) -> Result<Answered, IntentsError> {
    if record.fingerprint != key.fingerprint {
        return Err(IntentsError::OtherRequest);
    }
    match record.state {
        KeyState::Done(answer) => Ok(Answered::again(answer)),
        // A job and its key's answer are one commit.
        KeyState::Started => Err(IntentsError::BadKeyRecord(record.resource)),
    }
}

/// The intent that an answer shows, also one that was kept.
fn created(answered: &Answered) -> Option<IntentId> {
    #[derive(serde::Deserialize)]
    struct Head {
        id: IntentId,
    }
    if answered.answer.status >= 400 {
        return None;
    }
    serde_json::from_str::<Head>(&answered.answer.body).ok().map(|head| head.id)
}

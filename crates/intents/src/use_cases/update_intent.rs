//! Changes an intent.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::intents::{CaptureMode, Intent, IntentPatch};
use tender_domain::kernel::{Caller, Change, CommitError, IntentId, Money, Save};

use super::{Answered, IntentsError, Keyed, Seen};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// What a client changes; what is none stays.
#[derive(Debug, Clone)]
pub(crate) struct UpdateIntent {
    /// In minor units.
    pub(crate) amount: Option<i64>,
    pub(crate) capture_mode: Option<CaptureMode>,
    /// An empty one takes it away.
    pub(crate) description: Option<String>,
    /// Laid over what is there; an empty value removes its key.
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    pub(crate) seen: Seen,
}

impl IntentsService {
    /// Changes an intent that the client has read.
    pub(crate) async fn update_intent(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wanted: UpdateIntent,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            wanted.seen.require(before.version)?;
            let metadata =
                wanted.metadata.clone().map(|changes| before.metadata.patched(changes)).transpose()?;
            let patch = IntentPatch {
                amount: wanted.amount.map(|minor| Money::new(minor, before.amount.currency())),
                capture_mode: wanted.capture_mode,
                description: wanted
                    .description
                    .clone()
                    .map(|text| Some(text).filter(|text| !text.is_empty())),
                metadata,
            };
            let now = self.clock.now();
            let permitted = patch.amount.map_or(Ok(()), |amount| self.permit(&caller.tenant, amount, None));
            let after = match permitted.and_then(|()| before.update(patch, now)) {
                Ok(after) => Arc::new(after),
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let amounts = ("amount_before", before.amount.to_string());
            let told = self.done_by(caller, "intent.updated", amounts, (&*after, now));
            let change = Change::of(caller.tenant.clone())
                .save(Save::<Intent>::changed(before, Arc::clone(&after)))
                .tell(told)
                .keyed(keyed.record(&after, now));
            match self.store.commit(change).await {
                Ok(_) => return Ok(keyed.answered(&after)),
                Err(CommitError::KeyTaken(record)) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

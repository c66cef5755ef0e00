//! Gives an intent a method.

use std::sync::Arc;

use tender_domain::intents::{Instrument, Intent};
use tender_domain::kernel::{Caller, Change, CommitError, IntentId, Save};

use super::confirm_intent::payer_and_payee;
use super::create_intent::saved_type;
use super::{Answered, IntentsError, Keyed, Seen};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

impl IntentsService {
    /// Attaches a method, also another one after a decline.
    pub(crate) async fn attach_method(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        instrument: Instrument,
        seen: Seen,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            seen.check(before.version)?;
            let paid = payer_and_payee(&before);
            let with = self.charge_with(&caller.tenant, paid, &instrument, &before.method).await?;
            let now = self.clock.now();
            let method_type = saved_type(Some(&instrument), Some(&with));
            let permitted = self.permit(&caller.tenant, before.amount, method_type);
            let attached = permitted
                .and_then(|()| before.attach_method(with.instrument.clone(), with.summary.clone(), now));
            let after = match attached {
                Ok(after) => Arc::new(after),
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let change = Change::of(caller.tenant.clone())
                .save(Save::<Intent>::changed(before, Arc::clone(&after)))
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

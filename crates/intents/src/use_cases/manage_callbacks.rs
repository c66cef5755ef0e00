//! What people see and do of gateways' callbacks.

use tender_domain::intents::{CallbackFilter, GatewayCallback};
use tender_domain::kernel::{
    Answer, CallbackId, Caller, Change, CommitError, Page, PageRequest, Save, StoreError,
};
use tender_events::AuditRecorded;
use tender_http::{RequestKey, current_traceparent};

use super::once::{again, now_made, record_of};
use super::{Answered, IntentsError};
use crate::GatewayCallbacks;
use crate::messages::Messages;

/// How often it is decided anew while the worker writes what became of the callback.
const DECISIONS_MAX: u32 = 20;

impl GatewayCallbacks {
    /// A page of the tenant's callbacks, the newest first.
    pub(crate) async fn page(
        &self,
        caller: &Caller,
        filter: &CallbackFilter,
        page: &PageRequest,
    ) -> Result<Page<GatewayCallback>, IntentsError> {
        Ok(self.store.page_of_callbacks(&caller.tenant, filter, page).await?)
    }

    /// One callback of the tenant.
    pub(crate) async fn get(&self, caller: &Caller, id: CallbackId) -> Result<GatewayCallback, IntentsError> {
        self.store.callback(&caller.tenant, id).await?.ok_or(IntentsError::NoSuchCallback)
    }

    /// Has a callback handled again, whatever became of it: what it told and was done is not done a second time.
    pub(crate) async fn handle_again(
        &self,
        caller: &Caller,
        id: CallbackId,
        (reason, key): (&str, &RequestKey),
        present: impl Fn(&GatewayCallback) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let service = &self.service;
        for _ in 0..DECISIONS_MAX {
            if let Some(answered) = service.answered_before(&caller.tenant, Some(key)).await? {
                return Ok(answered);
            }
            let before = self.get(caller, id).await?;
            let now = service.clock.now();
            let after = before.again(now);
            let answer = present(&after);
            let messages = Messages { ids: &*service.ids, traceparent: current_traceparent(), now };
            let done = ("intents", "gateway_callback.handled_again");
            let audit = AuditRecorded::by(caller, done, id.to_string(), after.version, now)
                .because(reason.to_owned())
                .with("connector", &before.connector)
                .with("event_id", &before.event_id)
                .with("state_before", before.state.as_str());
            let change = Change::of(caller.tenant.clone())
                .tell([messages.audited(audit)])
                .keyed(record_of(Some(key), id.to_string(), &answer, now))
                .save(Save::<GatewayCallback>::changed(before, after));
            match service.store.commit(change).await {
                Ok(_) => {
                    self.wake();
                    return Ok(now_made(answer));
                }
                Err(CommitError::KeyTaken(record)) => return again(*record, Some(key)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Measures how long the longest waiting callback has waited.
    pub(crate) async fn measure_oldest(&self) -> Result<(), StoreError> {
        let oldest = self.store.oldest_pending().await?;
        let age = oldest.map_or(0, |oldest| (self.service.clock.now() - oldest).num_seconds().max(0));
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        metrics::gauge!("tender_oldest_pending_callback_seconds").set(f64::from(age));
        Ok(())
    }
}

//! Deposits: the hotels' policies, and what they come to for a stay.

use tender_domain::deposits::{EvaluatedDeposit, HotelPolicies, RatePlanPolicy, Stay};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, Save};
use tender_events::AuditRecorded;
use tender_http::{RequestKey, current_traceparent};

use super::once::{again, now_made, record_of};
use super::{Answered, IntentsError, Seen};
use crate::IntentsService;
use crate::messages::Messages;

const DECISIONS_MAX: u32 = 5;

impl IntentsService {
    /// A hotel's policies; none when it has none.
    pub(crate) async fn deposit_policies(
        &self,
        caller: &Caller,
        hotel_id: &str,
    ) -> Result<Option<HotelPolicies>, IntentsError> {
        Ok(self.deposits.deposit_policies(&caller.tenant, hotel_id).await?)
    }

    /// Replaces a hotel's policies.
    pub(crate) async fn put_deposit_policies(
        &self,
        caller: &Caller,
        (hotel_id, policies): (String, Vec<RatePlanPolicy>),
        seen: Seen,
        key: Option<&RequestKey>,
        present: impl Fn(&HotelPolicies) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let (before, now) = (self.deposit_policies(caller, &hotel_id).await?, self.clock.now());
            seen.check(before.as_ref().map_or(HotelPolicies::UNSET_VERSION, |before| before.version))?;
            let decided = match &before {
                Some(before) => before.replace(policies.clone(), now),
                None => HotelPolicies::first(caller.tenant.clone(), hotel_id.clone(), policies.clone(), now),
            };
            let after = match decided {
                Ok(after) => after,
                Err(refusal) => return self.keep_refusal(&caller.tenant, key, refusal.into()).await,
            };
            let answer = present(&after);
            let record = record_of(key, hotel_id.clone(), &answer, now);
            let audit = policies_put(caller, before.as_ref(), &after);
            let is_first = before.is_none();
            let save = match before {
                Some(before) => Save::<HotelPolicies>::changed(before, after),
                None => Save::<HotelPolicies>::new(after),
            };
            let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
            let change = Change::of(caller.tenant.clone()).save(save).keyed(record);
            match self.store.commit(change.tell([messages.audited(audit)])).await {
                Ok(_) => return Ok(now_made(answer)),
                Err(CommitError::KeyTaken(record)) => return again(*record, key),
                Err(CommitError::Conflict) => {}
                // Two set the hotel's first policies at once: the other's are there now.
                Err(CommitError::Refused { .. }) if is_first => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// What is to be paid in advance for a stay. Changes nothing.
    pub(crate) async fn evaluate_deposit(
        &self,
        caller: &Caller,
        hotel_id: &str,
        stay: Stay<'_>,
    ) -> Result<EvaluatedDeposit, IntentsError> {
        match self.deposit_policies(caller, hotel_id).await? {
            Some(hotel) => Ok(hotel.evaluate(stay)?),
            None => Ok(EvaluatedDeposit::none(stay.total)),
        }
    }
}

/// For the audit log: who replaced a hotel's policies, which were there and which are.
fn policies_put(caller: &Caller, before: Option<&HotelPolicies>, after: &HotelPolicies) -> AuditRecorded {
    let told = |hotel: &HotelPolicies| {
        serde_json::to_string(&hotel.policies).expect("texts and numbers have a JSON form")
    };
    let done = ("intents", "deposit_policies.replaced");
    AuditRecorded::by(caller, done, after.hotel_id.clone(), after.version, after.updated_at)
        .with("policies", told(after))
        .with("policies_before", before.map_or_else(|| "[]".to_owned(), told))
}

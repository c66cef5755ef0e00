//! A person's word against the rules.

use tender_domain::fraud::{FraudOverride, NewOverride, OverrideAction, OverrideTarget};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, Save, Timestamp, Version};
use tender_http::RequestKey;

use super::audit::{Done, audited};
use crate::IntentsService;
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};

/// How long an override counts that names no end.
const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// What a person asks for.
#[derive(Debug, Clone)]
pub(crate) struct WantedOverride {
    pub(crate) target: OverrideTarget,
    pub(crate) action: OverrideAction,
    pub(crate) reason: String,
    pub(crate) expires_at: Option<Timestamp>,
}

impl IntentsService {
    /// Forces what becomes of payments of an intent, a card or a customer, for a time.
    pub(crate) async fn override_fraud(
        &self,
        caller: &Caller,
        wanted: WantedOverride,
        key: Option<&RequestKey>,
        present: impl Fn(&FraudOverride) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        if let OverrideTarget::Intent(id) = &wanted.target {
            self.load(caller, *id).await?;
        }
        let now = self.clock.now();
        let new = NewOverride {
            id: self.ids.next(),
            tenant: caller.tenant.clone(),
            target: wanted.target,
            action: wanted.action,
            reason: wanted.reason,
            by: caller.subject.to_string(),
            expires_at: wanted.expires_at.unwrap_or(now + LIFETIME),
        };
        let forced = match FraudOverride::create(new, now) {
            Ok(forced) => forced,
            Err(refusal) => return self.keep_refusal(&caller.tenant, key, refusal.into()).await,
        };
        let answer = present(&forced);
        let detail =
            format!("{} of {} {}", forced.action.as_str(), forced.target.kind(), forced.target.key());
        let done = Done {
            action: "fraud.override.created",
            resource_id: forced.id.to_string(),
            intent: match forced.target {
                OverrideTarget::Intent(id) => Some(id),
                OverrideTarget::Card(_) | OverrideTarget::Customer(_) => None,
            },
            reason: Some(forced.reason.clone()),
            detail,
            version: Version::FIRST,
        };
        let change = Change::of(caller.tenant.clone())
            .tell([audited(&*self.ids, caller, done, now)])
            .keyed(record_of(key, forced.id.to_string(), &answer, now))
            .save(Save::<FraudOverride>::new(forced));
        match self.store.commit(change).await {
            Ok(_) => {
                self.fraud_policies.forget(&caller.tenant);
                Ok(now_made(answer))
            }
            Err(CommitError::KeyTaken(record)) => again(*record, key),
            Err(error) => Err(error.into()),
        }
    }
}

//! What is refunds' to act on: handed over, again and again until it has it. Refunds takes the same in once.

use tender_domain::disputes::{DisputeIntakeError, DisputeTaken, ToldChargeback};
use tender_domain::intents::{CallbackState, GatewayCallback, IntentWrite};
use tender_domain::kernel::{Change, CommitError, StoreError, TenantId};
use tender_domain::refunds::{RefundIntakeError, RefundNews, RefundTaken, ToldRefund};
use tender_events::AlertSeverity;

use super::act::{End, handled};
use super::{GatewayCallbacks, alerts};
use crate::use_cases::IntentsError;

const NOWHERE: &str = "refunds and disputes are taken in nowhere in this process";

impl GatewayCallbacks {
    /// A refund ended, or was made outside.
    pub(super) async fn refund(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        news: RefundNews,
    ) -> Result<End, IntentsError> {
        let Some(intake) = self.refunds.get() else {
            return Ok((CallbackState::Elsewhere, Some(NOWHERE.to_owned())));
        };
        // Whose word it is does not depend on what the message says.
        let told = ToldRefund { connector: callback.connector.clone(), news };
        match intake.take_refund(tenant, &told).await {
            Ok(RefundTaken::Applied) => Ok((CallbackState::Applied, None)),
            Ok(RefundTaken::Known) => Ok((CallbackState::Known, None)),
            Ok(RefundTaken::Unmatched(why)) => Ok((CallbackState::Unmatched, Some(why))),
            Err(RefundIntakeError::Refused(problem)) => {
                self.refused(tenant, callback, ("refund_contradiction", AlertSeverity::Critical), problem)
                    .await
            }
            Err(RefundIntakeError::Unavailable(problem)) => Err(away(&problem)),
        }
    }

    /// A payment is disputed.
    pub(super) async fn disputed(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        told: &ToldChargeback,
    ) -> Result<End, IntentsError> {
        let Some(intake) = self.disputes.get() else {
            return Ok((CallbackState::Elsewhere, Some(NOWHERE.to_owned())));
        };
        let mut told = told.clone();
        // Whose word it is does not depend on what the message says.
        told.dispute.processor.clone_from(&callback.connector);
        match intake.take_dispute(tenant, &told).await {
            Ok(DisputeTaken::Known) => Ok((CallbackState::Applied, None)),
            Ok(DisputeTaken::Waiting) => {
                let note = format!("no charge {} is known yet; refunds looks for it", told.gateway_reference);
                Ok((CallbackState::Applied, Some(note)))
            }
            Ok(DisputeTaken::Unknown) => {
                let note = "no such dispute is known, and this opens none".to_owned();
                Ok((CallbackState::Unmatched, Some(note)))
            }
            Err(DisputeIntakeError::Refused(problem)) => {
                self.refused(tenant, callback, ("dispute_contradiction", AlertSeverity::Critical), problem)
                    .await
            }
            Err(DisputeIntakeError::Unavailable(problem)) => Err(away(&problem)),
        }
    }

    /// What refunds refused is told to a person, once.
    async fn refused(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        kind: (&'static str, AlertSeverity),
        problem: String,
    ) -> Result<End, IntentsError> {
        let now = self.service.clock.now();
        let alert = alerts::refused(callback, (tenant, kind, &problem), &*self.service.ids, now);
        let change = Change::<IntentWrite>::of(tenant.clone()).tell([alert]);
        let change = change.handled(handled(callback)).in_background();
        match self.service.store.commit(change).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok((CallbackState::Contradicted, Some(problem))),
            Err(error) => Err(error.into()),
        }
    }
}

impl GatewayCallbacks {
    /// A callback that could not be acted on for a week is told to a person, once in each round.
    pub(super) async fn tell_given_up(&self, callback: &GatewayCallback) -> Result<(), CommitError> {
        // Nobody's: there is nobody to tell.
        let Some(tenant) = &callback.tenant else { return Ok(()) };
        let now = self.service.clock.now();
        let why = callback.note.as_deref().unwrap_or_default();
        let problem = format!("it could not be acted on for a week: {why}");
        let kind = ("callback_given_up", AlertSeverity::Critical);
        let alert = alerts::refused(callback, (tenant, kind, &problem), &*self.service.ids, now);
        let mut entry = handled(callback);
        entry.key.push_str(" given up");
        let change = Change::<IntentWrite>::of(tenant.clone()).tell([alert]).handled(entry).in_background();
        match self.service.store.commit(change).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn away(problem: &str) -> IntentsError {
    StoreError::Unavailable(format!("refunds: {problem}")).into()
}

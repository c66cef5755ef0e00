//! The next connector, once an attempt is known to have moved no money.

use std::sync::Arc;

use tender_domain::connectors::{FAIL_OVER_DECLINES, operator_connector_id};
use tender_domain::intents::{Attempt, Intent, NextTry, NoEffect};
use tender_domain::kernel::{AttemptId, TenantId};
use tender_domain::ports::{DeclineCode, GatewayAnswer, GatewayError};
use tender_http::ServerTiming;

use super::IntentsError;
use super::drive::Recorder;
use super::routing::Charging;
use crate::IntentsService;

/// What is tried at the next connector.
pub(super) struct FailOver {
    /// The attempt that ended.
    pub(super) attempt: AttemptId,
    pub(super) ended: NoEffect,
    /// The try that follows.
    pub(super) next: NextTry,
    /// What it is made with.
    pub(super) charging: Charging,
}

impl IntentsService {
    /// What follows the end of an attempt at the next connector; none when its outcome is not known, or known and final.
    pub(super) fn fails_over(
        &self,
        tenant: &TenantId,
        attempt: &Attempt,
        result: &Result<GatewayAnswer, GatewayError>,
        charging: &Charging,
    ) -> Option<FailOver> {
        if charging.others.is_empty() || !attempt.can_fail_over() {
            return None;
        }
        let ended = match result {
            Err(GatewayError::NotDone(problem) | GatewayError::NotNow(problem)) => {
                NoEffect::NotDone(problem.clone())
            }
            Ok(GatewayAnswer::Declined(decline))
                if self.fails_over_after(tenant, &attempt.connector, decline.code) =>
            {
                NoEffect::Declined(decline.clone())
            }
            // What is not known may have moved money: it never fails over.
            Err(GatewayError::Unknown(_)) | Ok(_) => return None,
        };
        let (connector, charging) = charging.clone().next()?;
        // The same for every decision, so that a repeated one starts the same attempt.
        let next = attempt.at_another(self.ids.next(), connector);
        Some(FailOver { attempt: attempt.id, ended, next, charging })
    }

    /// By the connector's table as the tenant has it, else the usual one.
    fn fails_over_after(&self, tenant: &TenantId, connector: &str, code: DeclineCode) -> bool {
        let Some(routing) = self.connectors.book.of(tenant) else {
            return FAIL_OVER_DECLINES.contains(&code);
        };
        match routing.connectors.iter().find(|own| own.name == connector) {
            Some(own) => own.declines.has(code),
            None => routing.rules.declines_of(operator_connector_id(connector)).has(code),
        }
    }

    /// Records the end of the one attempt with the start of the next, in one commit, and drives that one.
    pub(super) async fn fail_over(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        over: FailOver,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        let (next, from) = (over.next.id, over.attempt);
        let decide = |intent: &Intent, now| {
            intent.record_and_try_again(from, over.ended.clone(), over.next.clone(), now)
        };
        // The answer of the request is what the next attempt comes to.
        let key = |after: &Intent| match after.attempt(next) {
            Some(_) => None,
            None => recorder.finish(after),
        };
        let intent = self.record(intent, decide, key, &recorder).await?;
        // Another way may have recorded another end meanwhile: then there is no next attempt, and nothing is called.
        match intent.attempt(next) {
            Some(_) => {
                let after = match over.ended {
                    NoEffect::Declined(_) => "declined",
                    NoEffect::NotDone(_) => "error",
                };
                metrics::counter!("tender_fail_overs_total", "after" => after).increment(1);
                Box::pin(self.drive_attempt(intent, next, over.charging, recorder, timing)).await
            }
            None => Ok(intent),
        }
    }
}

//! Finds out what became of calls whose outcome is not known: by asking the gateway for our reference.

use std::sync::Arc;

use tender_domain::intents::{Attempt, CaptureStatus, Intent};
use tender_domain::kernel::{IntentId, TenantId, Timestamp};
use tender_domain::ports::{CallKind, GatewayAnswer, GatewayError, Lookup, LookupRequest};
use tender_http::ServerTiming;

use super::drive::Recorder;
use super::{IntentsError, Keyed};
use crate::IntentsService;

impl IntentsService {
    /// Resolves what is due of an intent, for a request that waits.
    pub(super) async fn resolve(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        keyed: &Keyed,
    ) -> Result<Arc<Intent>, IntentsError> {
        let recorder = Recorder { keyed: None, ..Recorder::of(keyed) };
        self.resolve_for(intent, recorder).await
    }

    /// Resolves what is due of an intent, for the worker. Says whether everything is known now.
    pub(crate) async fn resolve_due(
        self: &Arc<Self>,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<bool, IntentsError> {
        let intent = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
        let intent = self.resolve_for(Arc::new(intent), Recorder::background()).await?;
        Ok(intent.next_check_at().is_none())
    }

    pub(super) async fn resolve_for(
        self: &Arc<Self>,
        mut intent: Arc<Intent>,
        recorder: Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let timing = ServerTiming::current();
        let now = self.clock.now();
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let attempts: Vec<Attempt> =
            intent.attempts.iter().filter(|attempt| is_due(attempt.next_check_at)).cloned().collect();
        for attempt in attempts {
            intent = if attempt.is_open() {
                let result = self
                    .look_up(
                        &intent.tenant,
                        &attempt.connector,
                        CallKind::Authorize,
                        attempt.id.to_string(),
                        attempt.started_at,
                    )
                    .await;
                self.record_attempt(intent, attempt.id, result, recorder.clone(), &timing).await?
            } else if attempt.is_voiding() {
                self.drive_void(intent, attempt.id, recorder.clone(), &timing).await?
            } else {
                intent
            };
        }
        let captures: Vec<_> = intent
            .captures
            .iter()
            .filter(|capture| capture.status == CaptureStatus::Pending && is_due(capture.next_check_at))
            .cloned()
            .collect();
        for capture in captures {
            let Some(attempt) = intent.attempt(capture.attempt) else { continue };
            let connector = attempt.connector.clone();
            let result = self
                .look_up(
                    &intent.tenant,
                    &connector,
                    CallKind::Capture,
                    capture.id.to_string(),
                    capture.created_at,
                )
                .await;
            intent = self.record_capture(intent, capture.id, result, &recorder).await?;
        }
        Ok(intent)
    }

    /// What became of a call, in the words of the call itself: "not found" is `NotDone` once it can no longer arrive,
    /// and unknown until then.
    async fn look_up(
        &self,
        tenant: &TenantId,
        connector: &str,
        kind: CallKind,
        reference: String,
        started_at: Timestamp,
    ) -> Result<GatewayAnswer, GatewayError> {
        let unknown = |why: &str| Err(GatewayError::Unknown(why.to_owned()));
        let Some(gateway) = self.gateways.find(connector) else {
            return unknown("the connector is not set up");
        };
        let request = LookupRequest { tenant: tenant.clone(), kind, reference };
        let limit = self.options.call_timeout;
        let looked = tokio::time::timeout(limit, gateway.lookup(&request)).await;
        // Begun at the latest within `send_within`, it may have been on its way to the gateway for as long as a call may
        // take; only then does the gateway's own time begin.
        let arrives_until =
            started_at + self.options.send_within + limit + gateway.capabilities().not_found_is_final_after;
        let may_arrive = self.clock.now() < arrives_until;
        metrics::counter!("tender_gateway_lookups_total", "call" => kind.as_str()).increment(1);
        match looked {
            // What completes a challenge may still be on its way, and then the challenge is not all there will be.
            Ok(Ok(Lookup::Answered(GatewayAnswer::Challenge { .. }))) if may_arrive => {
                unknown("the challenge may still be completed")
            }
            Ok(Ok(Lookup::Answered(answer))) => Ok(answer),
            Ok(Ok(Lookup::Pending)) => unknown("the gateway is still at it"),
            Ok(Ok(Lookup::NotFound)) if may_arrive => unknown("the gateway does not know it yet"),
            Ok(Ok(Lookup::NotFound)) => {
                Err(GatewayError::NotDone("the gateway never received it".to_owned()))
            }
            Ok(Err(error)) => unknown(&error.to_string()),
            Err(_) => unknown("the look-up took too long"),
        }
    }
}

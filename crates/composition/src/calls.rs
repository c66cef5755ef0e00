//! What people do, into the outbox of the service that they ask (ADR 29).

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{Change, CommitError, IntentId, JobId, JobOwner, Message, Version};
use tender_domain::ports::{Clock, Ids};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::{Application, CallLog, DeclaredRoute, PersonsCall, current_traceparent};
use tender_postgres::{PgWriter, Schema};

use crate::{Ground, Part};

/// Routes behind scopes of audited reads that tell nothing of any person or payment: put down in somebody else's name alone.
pub const TELL_OF_NOBODY: [&str; 1] = ["GET /v1/payments/health"];

/// Tells `audit.recorded` of each call, by a commit of the service's writer, which gathers those of many requests.
struct OutboxCallLog<S: Schema> {
    service: &'static str,
    writer: PgWriter<S>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// The log of what people do at a service.
pub fn call_log<S: Schema>(service: &'static str, writer: &PgWriter<S>, ground: &Ground) -> Arc<dyn CallLog> {
    let (clock, ids) = (Arc::clone(&ground.clock), Arc::clone(&ground.ids));
    Arc::new(OutboxCallLog { service, writer: writer.clone(), clock, ids })
}

#[async_trait]
impl<S: Schema> CallLog for OutboxCallLog<S> {
    async fn put_down(&self, call: PersonsCall) -> Result<(), CommitError> {
        if call.caller.actor.is_none() && TELL_OF_NOBODY.contains(&call.route) {
            return Ok(());
        }
        let change = Change::of(call.caller.tenant.clone()).tell([self.message(&call)]);
        self.writer.commit(change).await.map(|_| ())
    }
}

impl<S: Schema> OutboxCallLog<S> {
    fn message(&self, call: &PersonsCall) -> Message {
        let action = call.scope.as_str().replace(':', ".");
        // A list is no one's in particular: it is the tenant's.
        let resource =
            call.path_ids.last().map_or_else(|| call.caller.tenant.to_string(), |(_, id)| id.clone());
        let done = (self.service, &*action);
        let mut event = AuditRecorded::by(&call.caller, done, resource, Version::FIRST, self.clock.now());
        event.intent_id = intent_of(call);
        for (name, id) in &call.query_ids {
            event = event.with(name, id);
        }
        // After what the client named: `?request_id=…` is not ours.
        event = event.with("route", call.route).with("request_id", &call.request_id);
        if !call.filters.is_empty() {
            event = event.with("filters", call.filters.join(" "));
        }
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}

/// The intent that the path names: by its id, or as the storefronts' documents have it, by its UUID.
fn intent_of(call: &PersonsCall) -> Option<IntentId> {
    let named = |wanted: &str| call.path_ids.iter().find(|(name, _)| name == wanted).map(|(_, id)| id);
    let by_id = named("intent_id").and_then(|id| id.parse().ok());
    by_id.or_else(|| named("payment_id").and_then(|id| id.parse().ok()).map(IntentId::from_uuid))
}

/// The log of what people do at several services in one process: each keeps what is asked of it.
#[must_use]
pub fn call_log_of_parts(parts: &[Part]) -> Arc<dyn CallLog> {
    let shown = parts.iter().map(|part| {
        let mount = Arc::clone(&part.mount);
        let document = Application::new(part.name, move |config| mount(config)).openapi();
        let declared = DeclaredRoute::all(&document).into_iter();
        let routes = declared.map(|route| format!("{} {}", route.method, route.path)).collect();
        Shown { service: part.name, routes, log: Arc::clone(&part.call_log) }
    });
    Arc::new(CallLogOfParts(shown.collect()))
}

struct Shown {
    service: &'static str,
    routes: BTreeSet<String>,
    log: Arc<dyn CallLog>,
}

struct CallLogOfParts(Vec<Shown>);

#[async_trait]
impl CallLog for CallLogOfParts {
    async fn put_down(&self, call: PersonsCall) -> Result<(), CommitError> {
        let (route, owner) = (documented(call.route), owner_of_job(&call));
        let declaring = self.0.iter().filter(|shown| shown.routes.contains(&route));
        // Several have jobs under one path, and a job's id says whose it is.
        let shown = declaring.clone().find(|shown| owner.is_none_or(|owner| owner == shown.service));
        match shown.or_else(|| declaring.clone().next()) {
            Some(shown) => shown.log.put_down(call).await,
            None => Err(CommitError::Unavailable(format!("no service declares {route}"))),
        }
    }
}

/// A route as its document has it: the router's pattern may say beside a parameter what fits it.
fn documented(route: &str) -> String {
    let mut segments = route.split('/').map(|segment| match segment.split_once(':') {
        Some((name, _)) if name.starts_with('{') => format!("{name}}}"),
        _ => segment.to_owned(),
    });
    let first = segments.next().unwrap_or_default();
    segments.fold(first, |path, segment| path + "/" + &segment)
}

fn owner_of_job(call: &PersonsCall) -> Option<&'static str> {
    let (_, id) = call.path_ids.iter().find(|(name, _)| name == "job_id")?;
    Some(match id.parse::<JobId>().ok()?.owner() {
        JobOwner::Intents => "intents",
        JobOwner::Vault => "vault",
        JobOwner::Refunds => "refunds",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routers_pattern_is_found_in_the_document() {
        for (pattern, path) in [
            ("GET /rentals/payments/{id:[0-9-]+}", "GET /rentals/payments/{id}"),
            ("GET /v1/payments/intents/{intent_id}/charges", "GET /v1/payments/intents/{intent_id}/charges"),
            ("GET /v1/payments/intents", "GET /v1/payments/intents"),
        ] {
            assert_eq!(documented(pattern), path);
        }
    }
}

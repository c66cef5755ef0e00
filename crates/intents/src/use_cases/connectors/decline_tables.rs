//! The tables of declines: after which of them the next connector is tried, as a tenant has it of each connector.
//!
//! Of an own connector the table is a part of it, and of the operator's a part of the tenant's routing: what one tenant
//! says of an account of the operator's is no other tenant's.

use tender_domain::connectors::{ConnectorPatch, DeclineTable};
use tender_domain::kernel::{Answer, Caller, CommitError, ConnectorId};
use tender_domain::ports::DeclineCode;
use tender_http::RequestKey;

use super::Shown;
use super::change::Decided;
use super::rules::DECISIONS_MAX;
use super::show::operators;
use crate::IntentsService;
use crate::use_cases::fraud::Done;
use crate::use_cases::{Answered, IntentsError, Seen};

/// What the audit log calls it.
const CHANGED: &str = "connector.decline_table_changed";

impl IntentsService {
    /// Replaces a connector's table of declines; none for the usual one.
    pub(crate) async fn put_decline_table(
        &self,
        caller: &Caller,
        id: ConnectorId,
        (codes, seen): (Option<Vec<DeclineCode>>, Seen),
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(name) = self.operators_name(id) {
            return self.put_operators_declines(caller, (id, name), (codes, seen), key, present).await;
        }
        self.change_connector(caller, (id, key), present, async |before, now| {
            seen.require(before.declines.version())?;
            let declines = DeclineTable::of(codes.clone())?;
            let detail = told(&declines);
            let patch = ConnectorPatch { declines: Some(declines), ..ConnectorPatch::default() };
            Ok(Decided { after: before.patched(patch, now)?, action: CHANGED, detail })
        })
        .await
    }

    async fn put_operators_declines(
        &self,
        caller: &Caller,
        (id, name): (ConnectorId, &str),
        (codes, seen): (Option<Vec<DeclineCode>>, Seen),
        key: Option<&RequestKey>,
        present: impl Fn(&Shown) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let tenant = &caller.tenant;
        if let Some(answered) = self.answered_before(tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let (routing, now) = (self.read_routing(tenant).await?, self.clock.now());
            seen.require(routing.rules.declines_of(id).version())?;
            let declines = match DeclineTable::of(codes.clone()) {
                Ok(declines) => declines,
                Err(refusal) => return self.keep_refusal(tenant, key, refusal.into()).await,
            };
            let detail = told(&declines);
            let after = routing.rules.with_declines(id, declines, now);
            let answer = present(&self.shown(caller, operators(&after, id, name)));
            let (resource_id, version) = (id.to_string(), after.version);
            let done = Done { action: CHANGED, resource_id, intent: None, reason: None, detail, version };
            let changed = (routing.rules.clone(), after);
            if let Some(answered) = self.commit_rules(caller, changed, (key, answer), done).await? {
                return Ok(answered);
            }
        }
        Err(CommitError::Conflict.into())
    }
}

/// What the audit log is told of a table.
fn told(table: &DeclineTable) -> String {
    let codes: Vec<&str> = table.codes().iter().copied().map(DeclineCode::as_str).collect();
    let which = if table.set().is_some() { "fails over after" } else { "as usual: fails over after" };
    format!("{which} {}", if codes.is_empty() { "no decline".to_owned() } else { codes.join(", ") })
}

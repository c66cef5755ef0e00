//! Tries a connector: a real call that moves no money.

use std::time::{Duration, Instant};

use serde_json::json;
use tender_domain::connectors::{ConnectorLog, Heard, LoggedCall};
use tender_domain::kernel::{Caller, ConnectorId, Page, PageRequest, gateway_text};

use super::Account;
use crate::IntentsService;
use crate::use_cases::IntentsError;

/// What a try came to.
#[derive(Debug, Clone)]
pub(crate) struct Probed {
    /// Why it failed; none when the gateway answered and takes the credentials.
    pub(crate) problem: Option<String>,
    pub(crate) took: Duration,
}

impl IntentsService {
    /// Asks the gateway of a connector something, with its credentials.
    pub(crate) async fn test_connector(
        &self,
        caller: &Caller,
        id: ConnectorId,
    ) -> Result<Probed, IntentsError> {
        let shown = self.get_connector(caller, id).await?;
        let name = match &shown.account {
            Account::Own(connector) => connector.name.clone(),
            Account::Operator { name, .. } => name.clone(),
        };
        let Some(gateway) = self.gateway_of(&caller.tenant, &name).await else {
            let problem = Some("its credentials cannot be had now, or make no gateway".to_owned());
            return Ok(Probed { problem, took: Duration::ZERO });
        };
        let (began, limit) = (Instant::now(), self.options.call_timeout);
        let problem = match tokio::time::timeout(limit, gateway.check_reachable()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(gateway_text(&error.to_string())),
            Err(_) => Some(format!("no answer within {} s", limit.as_secs())),
        };
        let (took, now) = (began.elapsed(), self.clock.now());
        if let Account::Own(connector) = &shown.account {
            // An answer to a person's question closes a breaker as one to a payment does; none opens it.
            if problem.is_none() {
                self.connectors.breakers.hear((&caller.tenant, &name), Heard::Answer, took, now);
            }
            let call = LoggedCall {
                call: "test".to_owned(),
                reference: String::new(),
                request: json!({}),
                answer: json!({ "problem": problem }),
                outcome: if problem.is_none() { "approved" } else { "error" }.to_owned(),
                took_millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            };
            let (tenant, connector) = (caller.tenant.clone(), connector.id);
            self.connectors.logs.put(ConnectorLog { id: self.ids.next(), tenant, connector, call, at: now });
        }
        Ok(Probed { problem, took })
    }

    /// A page of a connector's log. The operator's connectors have none here: theirs would show what other tenants do.
    pub(crate) async fn connector_logs(
        &self,
        caller: &Caller,
        id: ConnectorId,
        page: &PageRequest,
    ) -> Result<Page<ConnectorLog>, IntentsError> {
        let own = self.own_by_id(caller, id).await?;
        Ok(self.connectors.ports.store.logs(&caller.tenant, own.id, page).await?)
    }
}

//! Where sessions are begun: at the tenant's own connectors and the operator's, as the tenant's rules have it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tender_domain::connectors::{OwnGateways, RoutingFacts, TenantRouting, plan};
use tender_domain::intents::Intent;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::PaymentGateway;

use super::WantedSession;
use crate::IntentsService;

fn has(gateway: &Arc<dyn PaymentGateway>, method: &str) -> bool {
    gateway.alternative_methods().contains(&method)
}

impl IntentsService {
    /// The methods that a session of the tenant's can be begun for, by name.
    pub(super) async fn session_methods(&self, tenant: &TenantId, livemode: bool) -> Vec<String> {
        let own = self.own_of_sessions(tenant, livemode).await;
        let all = own.iter().chain(self.gateways.all().map(|(_, gateway)| gateway));
        let methods: BTreeSet<&str> =
            all.flat_map(|gateway| gateway.alternative_methods()).copied().collect();
        methods.into_iter().map(str::to_owned).collect()
    }

    /// The connector that a session is begun at: the one that is named, if it has the method; else by rules, breakers and
    /// priorities, as for a charge, among those that have it; else the operator's. None where none has it.
    pub(super) async fn session_connector(
        &self,
        intent: &Intent,
        wanted: &WantedSession,
        now: Timestamp,
    ) -> Option<String> {
        let method = &*wanted.method;
        if let Some(named) = &wanted.connector {
            let gateway = self.gateway_of(&intent.tenant, named).await;
            return gateway.filter(|gateway| has(gateway, method)).map(|_| named.clone());
        }
        let Some(routing) = self.connectors.book.of(&intent.tenant) else {
            return self.gateways.for_session(method, None).map(str::to_owned);
        };
        let own = self.own_of_sessions(&intent.tenant, intent.livemode).await;
        let holders: BTreeSet<&str> =
            own.iter().filter(|gateway| has(gateway, method)).map(|gateway| gateway.name()).collect();
        let operators = |name: &str| self.gateways.find(name).is_some_and(|gateway| has(gateway, method));
        let is_own = |name: &str| routing.connectors.iter().any(|connector| connector.name == name);
        let holds = |name: &str| if is_own(name) { holders.contains(name) } else { operators(name) };
        let chain = self.plan_of_session(intent, method, (&routing, holds), now);
        // Where no rule sends a payment to the operator's others, the first that has the method takes it.
        chain.or_else(|| self.gateways.for_session(method, None).map(str::to_owned))
    }

    fn plan_of_session(
        &self,
        intent: &Intent,
        method: &str,
        (routing, holds): (&TenantRouting, impl Fn(&str) -> bool),
        now: Timestamp,
    ) -> Option<String> {
        let signals = &intent.risk.signals;
        let facts = RoutingFacts {
            intent: intent.id,
            amount: intent.amount,
            country: signals.billing_country.as_deref().or(signals.shipping_country.as_deref()),
            card_brand: None,
            bin: None,
            method_type: method,
            merchant_account_id: &intent.merchant_account_id,
            metadata: intent.metadata.entries(),
        };
        let candidates = self.candidates((&intent.tenant, intent.livemode), holds, routing, now);
        let planned = plan(&routing.rules, &facts, &candidates);
        let first = planned.chain.into_iter().next()?;
        tracing::debug!(
            intent = %intent.id, connector = first, rule = planned.rule.map(tracing::field::display),
            "a session is routed"
        );
        Some(first)
    }

    /// The tenant's own gateways that take new payments.
    async fn own_of_sessions(&self, tenant: &TenantId, livemode: bool) -> Vec<Arc<dyn PaymentGateway>> {
        match self.enabled(tenant, livemode).await {
            Ok(own) => own,
            Err(error) => {
                tracing::warn!(%tenant, %error, "connectors could not be asked for their methods");
                Vec::new()
            }
        }
    }
}

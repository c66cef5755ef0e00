//! Where sessions are begun: at the tenant's own connectors and the operator's, as the tenant's rules have it.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;
use tender_domain::connectors::{OwnGateways, RoutePlan, RoutingFacts, TenantRouting, plan};
use tender_domain::intents::Intent;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::PaymentGateway;

use super::routing::Routed;
use super::{Charging, WantedSession};
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

    /// Where a session is begun: at the connector that is named, if it has the method, and nowhere else; else by rules,
    /// breakers and priorities, as a charge is, among those that have it; else at the operator's. None where none has it.
    pub(super) async fn route_session(
        &self,
        intent: &Intent,
        wanted: &WantedSession,
        now: Timestamp,
    ) -> Option<Routed> {
        let method = &*wanted.method;
        let only = |connector: &str| Routed {
            connector: connector.to_owned(),
            rule: None,
            charging: Charging::default(),
        };
        if let Some(named) = &wanted.connector {
            let gateway = self.gateway_of(&intent.tenant, named).await;
            return gateway.filter(|gateway| has(gateway, method)).map(|_| only(named));
        }
        let Some(routing) = self.connectors.book.of(&intent.tenant) else {
            return self.gateways.for_session(method, None).map(only);
        };
        let own = self.own_of_sessions(&intent.tenant, intent.livemode).await;
        let holders: BTreeSet<&str> =
            own.iter().filter(|gateway| has(gateway, method)).map(|gateway| gateway.name()).collect();
        let operators = |name: &str| self.gateways.find(name).is_some_and(|gateway| has(gateway, method));
        let is_own = |name: &str| routing.connectors.iter().any(|connector| connector.name == name);
        let holds = |name: &str| if is_own(name) { holders.contains(name) } else { operators(name) };
        let planned = self.plan_of_session(intent, method, (&routing, holds), now);
        let mut chain = planned.chain.into_iter();
        match chain.next() {
            Some(connector) => {
                // Nothing of ours is charged, there or elsewhere: there is no token.
                let others = chain.map(|other| (other, SecretString::default())).collect();
                let charging = Charging { others, ..Charging::default() };
                Some(Routed { connector, rule: planned.rule, charging })
            }
            // Where no rule sends a payment to the operator's others, the first that has the method takes it.
            None => self.gateways.for_session(method, None).map(only),
        }
    }

    fn plan_of_session(
        &self,
        intent: &Intent,
        method: &str,
        (routing, holds): (&TenantRouting, impl Fn(&str) -> bool),
        now: Timestamp,
    ) -> RoutePlan {
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
        plan(&routing.rules, &facts, &candidates)
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

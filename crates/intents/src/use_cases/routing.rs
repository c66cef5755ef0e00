//! Which connectors a payment is tried at.

use secrecy::SecretString;
use tender_domain::connectors::{
    BreakerState, Candidate, Origin, RoutePlan, RoutingFacts, TenantRouting, operator_connector_id, plan,
};
use tender_domain::intents::{Instrument, Intent};
use tender_domain::kernel::{RoutingRuleId, TenantId, Timestamp};

use super::{ChargeWith, IntentsError};
use crate::IntentsService;

/// The type of connectors that are the sandbox's simulated gateway under another name: its tokens are good at each.
const SIMULATOR: &str = "simulator";

/// What an attempt is made with, and where else it can be made once it is known to have moved no money.
#[derive(Debug, Clone, Default)]
pub(crate) struct Charging {
    /// The token at the attempt's connector.
    pub(super) token: SecretString,
    /// The other connectors in their order, each with its token.
    pub(super) others: Vec<(String, SecretString)>,
}

/// Where a payment goes first.
pub(super) struct Routed {
    pub(super) connector: String,
    /// The rule that decided; none where none did.
    pub(super) rule: Option<RoutingRuleId>,
    pub(super) charging: Charging,
}

impl Charging {
    /// Of a token that is good at one connector.
    pub(super) const fn only(token: SecretString) -> Self {
        Self { token, others: Vec::new() }
    }

    /// The next connector, and what an attempt there is made with.
    pub(super) fn next(mut self) -> Option<(String, Self)> {
        if self.others.is_empty() {
            return None;
        }
        let (connector, token) = self.others.remove(0);
        Some((connector, Self { token, others: self.others }))
    }
}

impl IntentsService {
    /// Whether a connector is the tenant's own account at the simulated gateway, which is this one.
    pub(crate) fn is_simulated_at(&self, tenant: &TenantId, connector: &str, gateway: &str) -> bool {
        let is_own = |own: tender_domain::connectors::Connector| own.kind == SIMULATOR;
        gateway == SIMULATOR && self.known_connector(tenant, connector).is_some_and(is_own)
    }

    /// Where a payment goes. Of a tenant without connectors and rules of its own nothing is looked at but its tokens.
    pub(super) fn route(
        &self,
        intent: &Intent,
        with: &ChargeWith,
        now: Timestamp,
    ) -> Result<Routed, IntentsError> {
        let Some(routing) = self.connectors.book.of(&intent.tenant) else {
            let first = self.gateways.token_for_new_payment(with.tokens.clone());
            let (connector, token) = first.ok_or_else(|| not_chargeable(with))?;
            return Ok(Routed { connector, rule: None, charging: Charging::only(token) });
        };
        let planned = self.planned(intent, with, &routing, now);
        let token = |name: &String| token_at(with, &routing, name).map(|token| (name.clone(), token));
        let mut chain = planned.chain.iter().filter_map(token);
        let (connector, token) = chain.next().ok_or_else(|| not_chargeable(with))?;
        let charging = Charging { token, others: chain.collect() };
        Ok(Routed { connector, rule: planned.rule, charging })
    }

    /// What the tenant's rules say of a payment, and why.
    pub(super) fn planned(
        &self,
        intent: &Intent,
        with: &ChargeWith,
        routing: &TenantRouting,
        now: Timestamp,
    ) -> RoutePlan {
        let signals = &intent.risk.signals;
        let of_method = signals.card_country.as_deref().or(with.account_country.as_deref());
        let country = of_method.or(signals.billing_country.as_deref());
        let facts = RoutingFacts {
            intent: intent.id,
            amount: intent.amount,
            country: country.or(signals.shipping_country.as_deref()),
            card_brand: with.summary.brand.as_deref(),
            bin: with.card.bin.as_deref(),
            method_type: &with.summary.method_type,
            merchant_account_id: &intent.merchant_account_id,
            metadata: intent.metadata.entries(),
        };
        let holds = |name: &str| token_at(with, routing, name).is_some();
        let candidates = self.candidates((&intent.tenant, intent.livemode), holds, routing, now);
        plan(&routing.rules, &facts, &candidates)
    }

    /// The connectors that a payment could go to: the tenant's own, and the operator's in their order.
    pub(super) fn candidates<'a>(
        &'a self,
        (tenant, livemode): (&TenantId, bool),
        holds: impl Fn(&str) -> bool,
        routing: &'a TenantRouting,
        now: Timestamp,
    ) -> Vec<Candidate<'a>> {
        let breaker = |name: &str| -> BreakerState { self.connectors.breakers.look(tenant, name, now).0 };
        let own = routing.connectors.iter().map(|connector| Candidate {
            id: connector.id,
            name: &connector.name,
            origin: Origin::Tenant,
            priority: connector.priority,
            enabled: connector.takes(livemode),
            holds_token: holds(&connector.name),
            breaker: breaker(&connector.name),
        });
        let operators = self.gateways.in_order().map(|name| Candidate {
            id: operator_connector_id(name),
            name,
            origin: Origin::Operator,
            priority: 0,
            enabled: true,
            holds_token: holds(name),
            breaker: breaker(name),
        });
        own.chain(operators).collect()
    }
}

/// The token of a method at a connector. A simulated connector takes the simulator's: it is the same gateway.
pub(super) fn token_at(with: &ChargeWith, routing: &TenantRouting, name: &str) -> Option<SecretString> {
    let of = |wanted: &str| with.tokens.iter().find(|(connector, _)| connector == wanted);
    let is_simulated =
        routing.connectors.iter().any(|connector| connector.name == name && connector.kind == SIMULATOR);
    let found = of(name).or_else(|| if is_simulated { of(SIMULATOR) } else { None });
    found.map(|(_, token)| token.clone())
}

fn not_chargeable(with: &ChargeWith) -> IntentsError {
    match &with.instrument {
        Instrument::Saved(id) => IntentsError::MethodNotChargeable(*id),
        Instrument::TestToken(_) | Instrument::Alternative(_) => IntentsError::NoMethod,
    }
}

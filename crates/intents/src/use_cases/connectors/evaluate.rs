//! Says where a payment would go, and why. Nothing is paid, and nothing is counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::connectors::{RoutePlan, RoutingFacts, RoutingRules, TenantRouting, plan};
use tender_domain::intents::{Instrument, MethodSummary};
use tender_domain::kernel::{Caller, IntentId, MethodId, Money};

use crate::IntentsService;
use crate::use_cases::IntentsError;
use crate::use_cases::routing::token_at;

/// A payment that could be.
#[derive(Debug, Clone)]
pub(crate) struct WouldPay {
    /// The payment that shares are chosen by; a new one's when none is named.
    pub(crate) intent: Option<IntentId>,
    pub(crate) amount: Money,
    pub(crate) customer_id: Option<String>,
    /// A saved method; without one every connector counts as holding a token.
    pub(crate) method: Option<MethodId>,
    pub(crate) country: Option<String>,
    pub(crate) card_brand: Option<String>,
    pub(crate) bin: Option<String>,
    pub(crate) method_type: String,
    pub(crate) merchant_account_id: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// Where it would go.
#[derive(Debug, Clone)]
pub(crate) struct Evaluated {
    pub(crate) plan: RoutePlan,
    /// The connectors of the chain, in their order.
    pub(crate) chain: Vec<(tender_domain::kernel::ConnectorId, String)>,
    /// The payment that shares were chosen by.
    pub(crate) intent: IntentId,
}

impl IntentsService {
    /// Where a payment would go.
    pub(crate) async fn evaluate_routing(
        &self,
        caller: &Caller,
        would: WouldPay,
    ) -> Result<Evaluated, IntentsError> {
        let now = self.clock.now();
        let routing = self.read_routing(&caller.tenant).await?;
        let none = || {
            let rules = RoutingRules::unset(caller.tenant.clone(), now);
            Arc::new(TenantRouting { connectors: Vec::new(), rules })
        };
        let routing =
            if routing.connectors.is_empty() && routing.rules.rules.is_empty() { none() } else { routing };
        let with = match would.method {
            None => None,
            Some(id) => {
                let paid = (would.customer_id.as_deref(), &*would.merchant_account_id);
                let instrument = Instrument::Saved(id);
                let known = MethodSummary::default();
                Some(self.charge_with(&caller.tenant, paid, &instrument, &known).await?)
            }
        };
        let of_card = with.as_ref();
        let intent = would.intent.unwrap_or_else(|| self.ids.next());
        let facts = RoutingFacts {
            intent,
            amount: would.amount,
            country: would
                .country
                .as_deref()
                .or_else(|| of_card.and_then(|with| with.account_country.as_deref())),
            card_brand: of_card
                .and_then(|with| with.summary.brand.as_deref())
                .or(would.card_brand.as_deref()),
            bin: of_card.and_then(|with| with.card.bin.as_deref()).or(would.bin.as_deref()),
            method_type: of_card.map_or(&would.method_type, |with| &with.summary.method_type),
            merchant_account_id: &would.merchant_account_id,
            metadata: &would.metadata,
        };
        let holds = |name: &str| of_card.is_none_or(|with| token_at(with, &routing, name).is_some());
        let candidates = self.candidates((&caller.tenant, caller.livemode), holds, &routing, now);
        let plan = plan(&routing.rules, &facts, &candidates);
        let named = |name: &String| {
            let found = candidates.iter().find(|candidate| candidate.name == name);
            found.map(|candidate| (candidate.id, name.clone()))
        };
        let chain = plan.chain.iter().filter_map(named).collect();
        Ok(Evaluated { plan, chain, intent })
    }
}

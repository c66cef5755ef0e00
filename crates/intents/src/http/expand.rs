//! `expand[]`: references of an answer that are opened, one level deep, for who may read what they lead to.

use std::collections::BTreeMap;

use serde::Deserialize;
use tender_domain::fraud::FraudDecision;
use tender_domain::intents::{Intent, StoredOrder};
use tender_domain::kernel::{Caller, FraudDecisionId, Scope};
use tender_http::Problem;
use utoipa::ToSchema;

use super::body::IntentBody;
use crate::IntentsService;

/// A reference that can be opened.
pub(super) trait Reference: Copy {
    /// The scope that the route of what it leads to asks for.
    fn scope(self) -> Scope;
}

/// The references of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentIntentReference)]
pub(super) enum OfIntent {
    LatestCharge,
    #[serde(rename = "fraud.decision")]
    FraudDecision,
    Order,
}

impl Reference for OfIntent {
    fn scope(self) -> Scope {
        match self {
            Self::LatestCharge => Scope::IntentsRead,
            Self::FraudDecision => Scope::FraudRead,
            Self::Order => Scope::OrdersRead,
        }
    }
}

/// The reference of what belongs to an intent: of a charge, an authorization, a payment link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentReference)]
pub(super) enum ToIntent {
    PaymentIntent,
}

impl Reference for ToIntent {
    fn scope(self) -> Scope {
        Scope::IntentsRead
    }
}

/// The query of a route that is no list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expand<R> {
    #[serde(default = "Vec::new")]
    pub(super) expand: Vec<R>,
}

/// Whether the caller may read all that is to be opened. A client secret has no scope, and opens nothing.
pub(super) fn may_open<R: Reference>(caller: &Caller, expand: &[R]) -> Result<(), Problem> {
    match expand.iter().map(|reference| reference.scope()).find(|scope| !caller.may(*scope)) {
        Some(scope) => Err(Problem::forbidden(scope)),
        None => Ok(()),
    }
}

/// What the references of some intents lead to. Each kind is read at once, however many intents there are.
#[derive(Default)]
pub(super) struct Opened {
    charges: bool,
    decisions: Option<BTreeMap<FraudDecisionId, FraudDecision>>,
    orders: Option<BTreeMap<String, StoredOrder>>,
}

impl Opened {
    /// Of these intents, which the caller may see, and may [open](may_open).
    pub(super) async fn of(
        service: &IntentsService,
        caller: &Caller,
        intents: &[&Intent],
        expand: &[OfIntent],
    ) -> Result<Self, Problem> {
        let mut opened = Self { charges: expand.contains(&OfIntent::LatestCharge), ..Self::default() };
        if expand.contains(&OfIntent::FraudDecision) {
            opened.decisions = Some(service.fraud_decisions_of(caller, intents).await?);
        }
        if expand.contains(&OfIntent::Order) {
            opened.orders = Some(service.orders_of(caller, intents).await?);
        }
        Ok(opened)
    }

    /// One of the intents, with what was to be opened of it.
    pub(super) fn body(&self, intent: &Intent) -> IntentBody {
        let mut body = IntentBody::from(intent);
        if self.charges {
            body.open_charge(intent);
        }
        if let Some(decisions) = &self.decisions {
            let named = intent.risk.decision.as_ref().and_then(|decision| decisions.get(&decision.id));
            body.open_decision(named);
        }
        if let Some(orders) = &self.orders {
            body.open_order(intent.order_ref.as_ref().and_then(|named| orders.get(named)));
        }
        body
    }
}

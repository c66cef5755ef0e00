//! The service: what its use cases work with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{SecretSlice, SecretString};
use tender_domain::deposits::DepositStore;
use tender_domain::fraud::{FraudStore, RiskScorer};
use tender_domain::intents::IntentStore;
use tender_domain::notices::RefundNoticeStore;
use tender_domain::payment_links::PaymentLinkStore;
use tender_domain::ports::{CardForms, Clock, Ids, MethodVault, Notifier, OrderDirectory, PaymentGateway};
use tender_domain::refunds::OpenRefunds;

use crate::LinkTokens;
use crate::askers::Askers;
use crate::client_secret::ClientSecrets;
use crate::connectors::{ConnectorPorts, Connectors};
use crate::fraud_policies::FraudPolicies;
use crate::latencies::Latencies;
use crate::rules::RulesInMemory;
use crate::waiters::Waiters;

use crate::StorefrontPorts;

/// The gateways by their connector's name, and which of them takes new payments.
#[derive(Clone)]
pub struct Gateways {
    by_name: BTreeMap<String, Arc<dyn PaymentGateway>>,
    order: Vec<String>,
    default: String,
}

impl Gateways {
    /// These gateways; the first one takes what names no other. None of none.
    #[must_use]
    pub fn of(gateways: Vec<Arc<dyn PaymentGateway>>) -> Option<Self> {
        let default = gateways.first()?.name().to_owned();
        let order = gateways.iter().map(|gateway| gateway.name().to_owned()).collect();
        let by_name = gateways.into_iter().map(|gateway| (gateway.name().to_owned(), gateway)).collect();
        Some(Self { by_name, order, default })
    }

    /// The gateway of a connector, if it is set up here.
    #[must_use]
    pub fn find(&self, connector: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.by_name.get(connector)
    }

    /// Every gateway with its connector's name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Arc<dyn PaymentGateway>)> {
        self.by_name.iter().map(|(name, gateway)| (name.as_str(), gateway))
    }

    /// The names in the order in which they are preferred.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// The connector that takes a payment whose method is bound to none: a test token's.
    #[must_use]
    pub fn for_new_payment(&self) -> &str {
        &self.default
    }

    /// The operator's connector that a session of this alternative payment method is begun at: the one that takes new
    /// payments when it has the method, else the first one that has; the one that is named, if it has.
    pub(crate) fn for_session(&self, method: &str, named: Option<&str>) -> Option<&str> {
        let has = |gateway: &&Arc<dyn PaymentGateway>| gateway.alternative_methods().contains(&method);
        if let Some(named) = named {
            return self.find(named).filter(has).map(|gateway| gateway.name());
        }
        let default = self.find(&self.default).filter(has);
        default.or_else(|| self.by_name.values().find(has)).map(|gateway| gateway.name())
    }

    /// Which of a method's tokens a new payment is made with: the one of the connector that takes new payments, else the
    /// first one whose connector is set up here. Each token goes to its own connector and to no other.
    pub(crate) fn token_for_new_payment(
        &self,
        tokens: Vec<(String, SecretString)>,
    ) -> Option<(String, SecretString)> {
        let mut usable: Vec<_> = tokens.into_iter().filter(|(name, _)| self.find(name).is_some()).collect();
        let place = usable.iter().position(|(name, _)| *name == self.default).unwrap_or_default();
        (place < usable.len()).then(|| usable.swap_remove(place))
    }
}

/// What the service needs of the world.
#[derive(Clone)]
pub struct Deps {
    /// Where intents are.
    pub store: Arc<dyn IntentStore>,
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// Where orders are looked up.
    pub orders: Arc<dyn OrderDirectory>,
    /// Where payments are made.
    pub gateways: Gateways,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Where fraud's data is, and who else is asked.
    pub fraud: FraudPorts,
    /// What client secrets are derived with: the platform's pepper, 32 bytes or more.
    pub client_secret_key: SecretSlice<u8>,
    /// What payment links need.
    pub links: LinkPorts,
    /// Where the messages of refunds are.
    pub refund_notices: Arc<dyn RefundNoticeStore>,
    /// Where deposit policies are.
    pub deposits: Arc<dyn DepositStore>,
    /// What the storefront dialects need.
    pub storefront: StorefrontPorts,
    /// What tenants' own connectors need.
    pub connectors: ConnectorPorts,
    /// Where refunds whose outcome is open are asked for.
    pub open_refunds: Arc<dyn OpenRefunds>,
}

/// What payment links need of the world.
#[derive(Clone)]
pub struct LinkPorts {
    /// Where links are.
    pub store: Arc<dyn PaymentLinkStore>,
    /// The vault's card forms.
    pub cards: Arc<dyn CardForms>,
    /// Who delivers messages, one for each channel that is set up.
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// Makes their tokens.
    pub tokens: LinkTokens,
    /// Where browsers reach this service (`https://pay.example.com`); empty: as the request at hand came in.
    pub public_url: String,
}

/// What fraud needs of the world.
#[derive(Clone)]
pub struct FraudPorts {
    /// Where rules, decisions and overrides are.
    pub store: Arc<dyn FraudStore>,
    /// An outside scorer, if there is one.
    pub scorer: Option<Arc<dyn RiskScorer>>,
}

/// Bounds of the service.
#[derive(Debug, Clone, Copy)]
pub struct IntentsOptions {
    /// Whether this is the sandbox: test tokens count, and the tickets dialect needs no credential.
    pub sandbox: bool,
    /// The most attempts of an intent of a tenant that sets none.
    pub max_attempts: u32,
    /// How long one call to a gateway may take; then its outcome is unknown. With `send_within` it stays below
    /// `tender_domain::intents::CALL_DEADLINE`.
    pub call_timeout: Duration,
    /// How long after its commit a call may still be sent. A call that has not been sent by then is not sent any more,
    /// so that a gateway's "not found" can become final.
    pub send_within: Duration,
    /// How long an outside scorer may take; then it has said nothing.
    pub scorer_timeout: Duration,
    /// Whether a payment of which an outside scorer says nothing is not tried; it goes on without it otherwise.
    pub scorer_fails_closed: bool,
    /// How long a customer has for a challenge; then its attempt has failed.
    pub challenge_timeout: Duration,
}

impl Default for IntentsOptions {
    fn default() -> Self {
        Self {
            sandbox: true,
            max_attempts: 5,
            call_timeout: Duration::from_secs(10),
            send_within: Duration::from_secs(4),
            scorer_timeout: Duration::from_millis(500),
            scorer_fails_closed: false,
            challenge_timeout: Duration::from_secs(30 * 60),
        }
    }
}

/// The intents service. Cheap to share as an [`Arc`].
pub struct IntentsService {
    pub(crate) store: Arc<dyn IntentStore>,
    pub(crate) vault: Arc<dyn MethodVault>,
    pub(crate) orders: Arc<dyn OrderDirectory>,
    pub(crate) gateways: Gateways,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) fraud: FraudPorts,
    pub(crate) links: LinkPorts,
    pub(crate) refund_notices: Arc<dyn RefundNoticeStore>,
    pub(crate) deposits: Arc<dyn DepositStore>,
    pub(crate) storefront: StorefrontPorts,
    pub(crate) fraud_policies: Arc<FraudPolicies>,
    pub(crate) options: IntentsOptions,
    pub(crate) latencies: Latencies,
    pub(crate) client_secrets: ClientSecrets,
    pub(crate) waiters: Waiters,
    pub(crate) askers: Askers,
    pub(crate) rules: RulesInMemory,
    pub(crate) connectors: Connectors,
    pub(crate) open_refunds: Arc<dyn OpenRefunds>,
}

impl IntentsService {
    /// The service over its ports.
    #[must_use]
    pub fn new(deps: Deps, options: IntentsOptions) -> Arc<Self> {
        let Deps {
            store,
            vault,
            orders,
            gateways,
            clock,
            ids,
            fraud,
            client_secret_key,
            links,
            refund_notices,
            deposits,
            storefront,
            connectors,
            open_refunds,
        } = deps;
        let fraud_policies = FraudPolicies::new(Arc::clone(&fraud.store));
        let (client_secrets, waiters) = (ClientSecrets::new(client_secret_key), Waiters::default());
        let (latencies, rules) = (Latencies::default(), RulesInMemory::default());
        Arc::new(Self {
            store,
            vault,
            orders,
            gateways,
            clock,
            ids,
            fraud,
            links,
            refund_notices,
            deposits,
            storefront,
            fraud_policies,
            options,
            latencies,
            client_secrets,
            waiters,
            askers: Askers::default(),
            rules,
            connectors: Connectors::new(connectors),
            open_refunds,
        })
    }
}

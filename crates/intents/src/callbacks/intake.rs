//! From the bytes of a callback to its durable row.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tender_domain::disputes::DisputeIntake;
use tender_domain::intents::{CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{ConnectorId, StoreError, TenantId, Version, gateway_text};
use tender_domain::ports::{
    CallbackFault, CallbackHeaders, CallbackIntake, CallbackRefusal, GatewayEvent, PaymentGateway,
};
use tender_domain::refunds::RefundIntake;
use tokio::sync::Notify;

use crate::IntentsService;

/// How many events one callback may tell; gateways send one, or a handful.
const EVENTS_MAX: usize = 100;
/// What the locator calls a gateway's own name of a payment, with the connector's name before it.
pub(super) const LOCATED_BY: &str = "gateway_reference";

/// Takes callbacks in, and acts on those that are kept. Cheap to share as an [`Arc`].
pub struct GatewayCallbacks {
    pub(crate) service: Arc<IntentsService>,
    pub(crate) store: Arc<dyn CallbackStore>,
    /// Where disputes are handed over; set once both services are built, for each needs the other.
    pub(super) disputes: OnceLock<Arc<dyn DisputeIntake>>,
    /// Where refunds are handed over; likewise.
    pub(super) refunds: OnceLock<Arc<dyn RefundIntake>>,
    received: Notify,
}

impl GatewayCallbacks {
    /// The callbacks of a service's gateways.
    #[must_use]
    pub fn new(service: Arc<IntentsService>, store: Arc<dyn CallbackStore>) -> Arc<Self> {
        Arc::new(Self {
            service,
            store,
            disputes: OnceLock::new(),
            refunds: OnceLock::new(),
            received: Notify::new(),
        })
    }

    /// From now on disputes are handed over to this intake; the first one that is set stays.
    pub fn hand_disputes_to(&self, intake: Arc<dyn DisputeIntake>) {
        if self.disputes.set(intake).is_err() {
            tracing::error!("disputes are handed over already");
        }
    }

    /// From now on what gateways tell of refunds is handed over to this intake; the first one that is set stays.
    pub fn hand_refunds_to(&self, intake: Arc<dyn RefundIntake>) {
        if self.refunds.set(intake).is_err() {
            tracing::error!("refunds are handed over already");
        }
    }

    /// Something is to be acted on now.
    pub(crate) fn wake(&self) {
        self.received.notify_one();
    }

    /// Waits until something was taken in.
    pub(crate) async fn received(&self) {
        self.received.notified().await;
    }

    /// Takes a callback whose address does not name its connector: the one whose gateway stands behind it.
    pub(crate) async fn take_of_any(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<(), CallbackFault> {
        let mut refusal = CallbackRefusal::NotSupported;
        for (connector, gateway) in self.service.gateways.all() {
            match gateway.read_callback(headers, body, self.service.clock.now()).await {
                Ok(events) => return self.keep(connector, events, body).await,
                // What one gateway signed and nobody understands is told rather than that another did not sign it.
                Err(CallbackFault::Refused(found @ CallbackRefusal::Malformed(_))) => refusal = found,
                Err(CallbackFault::Refused(found)) => {
                    if !matches!(refusal, CallbackRefusal::Malformed(_)) {
                        refusal = found;
                    }
                }
                Err(away) => return Err(away),
            }
        }
        Err(refused(refusal))
    }

    /// What the sender of a connector's callbacks wants to hear once they are durable.
    pub(crate) fn received_word(&self, connector: &str) -> Option<&'static str> {
        self.service.gateways.find(connector).and_then(|gateway| gateway.callback_received())
    }

    /// Takes a callback of a tenant's own connector, which its address names by id. Whatever it says of tenants, it is its
    /// connector's tenant's: another one has no say in who signs it.
    async fn take_of_own(
        &self,
        id: ConnectorId,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<(), CallbackFault> {
        let away = |error: StoreError| CallbackFault::Unavailable(error.to_string());
        let nobodys = || CallbackFault::NoSuchConnector(id.to_string());
        let found = self.service.connectors.ports.store.connector_of_callback(id).await.map_err(away)?;
        let own = found.ok_or_else(nobodys)?;
        let gateway = self.service.gateway_of(&own.tenant, &own.name).await.ok_or_else(nobodys)?;
        let mut events = self.read(&gateway, headers, body).await?;
        for event in &mut events {
            if event.tenant.as_ref().is_some_and(|named| *named != own.tenant) {
                let problem = "it names a payment of another tenant".to_owned();
                return Err(refused(CallbackRefusal::Malformed(problem)));
            }
            event.tenant = Some(own.tenant.clone());
        }
        self.keep(&own.name, events, body).await
    }

    async fn read(
        &self,
        gateway: &Arc<dyn PaymentGateway>,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        let read = gateway.read_callback(headers, body, self.service.clock.now()).await;
        read.map_err(|fault| match fault {
            CallbackFault::Refused(refusal) => refused(refusal),
            away => away,
        })
    }

    async fn keep(
        &self,
        connector: &str,
        events: Vec<GatewayEvent>,
        body: &[u8],
    ) -> Result<(), CallbackFault> {
        let away = |error: StoreError| CallbackFault::Unavailable(error.to_string());
        if events.len() > EVENTS_MAX {
            let problem = format!("it tells more than {EVENTS_MAX} events at once");
            return Err(refused(CallbackRefusal::Malformed(problem)));
        }
        let (now, text) = (self.service.clock.now(), gateway_text(&String::from_utf8_lossy(body)));
        let mut callbacks = Vec::with_capacity(events.len());
        for event in events {
            let tenant = self.tenant_of(connector, &event).await.map_err(away)?;
            // Its gateway may know whose payment it names; else nobody does.
            let nobodys = tenant.is_none() && event.fact.payment_name().is_none();
            let callback = GatewayCallback {
                id: self.service.ids.next(),
                version: Version::FIRST,
                round: 0,
                tenant,
                connector: connector.to_owned(),
                event_id: event.id,
                event_type: gateway_text(&event.event_type),
                occurred_at: event.occurred_at,
                received_at: now,
                fact: event.fact,
                body: text.clone(),
                state: CallbackState::Pending,
                failures: 0,
                next_try_at: Some(now),
                note: None,
            };
            let note = "whose it is could not be found out".to_owned();
            callbacks.push(match nobodys {
                true => callback.settled(CallbackState::Unmatched, Some(note)),
                false => callback,
            });
        }
        let new = self.store.keep(&callbacks).await.map_err(away)?;
        let known = callbacks.len() - new.min(callbacks.len());
        metrics::counter!("tender_gateway_callbacks_total", "outcome" => "kept").increment(new as u64);
        metrics::counter!("tender_gateway_callbacks_total", "outcome" => "repeated").increment(known as u64);
        self.wake();
        Ok(())
    }

    /// Whose it is: as the gateway repeats what we gave it with our reference, else by its own name of the payment.
    async fn tenant_of(&self, connector: &str, event: &GatewayEvent) -> Result<Option<TenantId>, StoreError> {
        if event.tenant.is_some() {
            return Ok(event.tenant.clone());
        }
        match &event.gateway_reference {
            Some(reference) => self.store.located(LOCATED_BY, &format!("{connector}/{reference}")).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl CallbackIntake for GatewayCallbacks {
    async fn take(
        &self,
        connector: &str,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<(), CallbackFault> {
        if let Ok(id) = connector.parse::<ConnectorId>() {
            return self.take_of_own(id, headers, body).await;
        }
        let gateway = self.service.gateways.find(connector);
        let gateway: &Arc<dyn PaymentGateway> =
            gateway.ok_or_else(|| CallbackFault::NoSuchConnector(connector.to_owned()))?;
        let events = self.read(gateway, headers, body).await?;
        self.keep(connector, events, body).await
    }
}

fn refused(refusal: CallbackRefusal) -> CallbackFault {
    metrics::counter!("tender_gateway_callbacks_total", "outcome" => "refused").increment(1);
    tracing::warn!(%refusal, "a callback was refused");
    refusal.into()
}

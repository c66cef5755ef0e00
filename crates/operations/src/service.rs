//! The service: what its use cases need, and its routes.

use std::sync::{Arc, OnceLock};

use actix_web::web::Data;
use secrecy::{ExposeSecret, SecretSlice};
use tender_domain::kernel::Timestamp;
use tender_domain::operations::{HealthSource, OperationsStore};
use tender_domain::ports::{ApiKeyLookup, ApiKeyMemory, Clock, Ids};
use tender_events::Envelope;
use tender_http::current_traceparent;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http;

/// What the service is made of.
pub struct OperationsDeps {
    /// Where it keeps what it owns.
    pub store: Arc<dyn OperationsStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// What the keyed hash of API keys is keyed with; the same in every service.
    pub pepper: SecretSlice<u8>,
    /// The parts of the platform whose health is shown, in the order they are shown.
    pub health: Vec<Arc<dyn HealthSource>>,
}

/// The use cases of operations; see `use_cases`. Also the [`ApiKeyDirectory`](tender_domain::ports::ApiKeyDirectory)
/// and [`ApiKeyAuthority`](tender_domain::ports::ApiKeyAuthority) of the process that owns the keys.
pub struct OperationsService {
    deps: OperationsDeps,
    memory: OnceLock<Arc<dyn ApiKeyMemory>>,
}

impl OperationsService {
    /// The service over these parts.
    #[must_use]
    pub const fn new(deps: OperationsDeps) -> Self {
        Self { deps, memory: OnceLock::new() }
    }

    /// Has this memory of the same process forget a key when it is revoked here, so that its next call is refused.
    /// Set once, after the memory was made over this very service; a second one is not taken.
    pub fn have_forget(&self, memory: Arc<dyn ApiKeyMemory>) {
        // Whoever comes second finds its keys stop within the memory's own few seconds.
        let _ = self.memory.set(memory);
    }

    pub(crate) async fn forget(&self, lookup: &ApiKeyLookup) {
        if let Some(memory) = self.memory.get() {
            memory.forget(lookup).await;
        }
    }

    pub(crate) fn store(&self) -> &dyn OperationsStore {
        &*self.deps.store
    }

    pub(crate) fn ids(&self) -> &(dyn Ids + 'static) {
        &*self.deps.ids
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    pub(crate) fn pepper(&self) -> &[u8] {
        self.deps.pepper.expose_secret()
    }

    pub(crate) fn health_sources(&self) -> &[Arc<dyn HealthSource>] {
        &self.deps.health
    }

    pub(crate) fn envelope(&self) -> Envelope {
        Envelope { id: self.ids().event(), traceparent: current_traceparent() }
    }
}

/// The service's routes. They want `Data<Arc<OperationsService>>` in the application's data; see [`mount`].
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(http::keys::issue)
        .service(http::keys::list)
        .service(http::keys::revoke)
        .service(http::settings::read)
        .service(http::settings::change)
        .service(http::health::read)
        .service(http::internal_keys::find);
}

/// The service's routes with the service behind them: what an application is configured with.
pub fn mount(
    service: Arc<OperationsService>,
) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + Sync + 'static {
    let data = Data::new(service);
    move |config| {
        config.app_data(data.clone());
        routes(config);
    }
}

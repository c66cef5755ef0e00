//! Tenants' own connectors: there are none, and whether that can be said a test decides. And what was heard of calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tender_domain::connectors::{CallsHeard, LoggedCall, OwnGateways, OwnGatewaysError};
use tender_domain::kernel::TenantId;
use tender_domain::ports::PaymentGateway;

#[derive(Default)]
pub(crate) struct OwnConnectors {
    is_away: AtomicBool,
    /// The calls that were told, each as its connector, what it was and what it came to.
    pub(crate) heard: Mutex<Vec<[String; 3]>>,
}

impl OwnConnectors {
    /// Whether the vault that has their secrets is away.
    pub(crate) fn away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    fn checked(&self) -> Result<(), OwnGatewaysError> {
        if self.is_away.load(Ordering::SeqCst) {
            Err(OwnGatewaysError("the vault is away".into()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl CallsHeard for OwnConnectors {
    async fn hear(&self, _: &TenantId, connector: &str, call: LoggedCall) {
        let told = [connector.to_owned(), call.call, call.outcome];
        self.heard.lock().expect("no test panics while it is held").push(told);
    }
}

#[async_trait]
impl OwnGateways for OwnConnectors {
    async fn named(
        &self,
        _: &TenantId,
        _: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        self.checked().map(|()| None)
    }

    async fn enabled(&self, _: &TenantId, _: bool) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        self.checked().map(|()| Vec::new())
    }
}

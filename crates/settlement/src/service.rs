//! The service: what its use cases work with, and its routes.

use std::sync::Arc;

use tender_domain::ledger::LedgerStore;
use tender_domain::ports::{Clock, Ids};

/// What settlement needs of the world.
#[derive(Clone)]
pub struct Deps {
    /// Keeps the ledger.
    pub store: Arc<dyn LedgerStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
}

/// The use cases of settlement.
pub struct SettlementService {
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl SettlementService {
    /// The service with what it needs.
    #[must_use]
    pub fn new(deps: Deps) -> Self {
        let Deps { store, clock, ids } = deps;
        Self { store, clock, ids }
    }
}

//! Deposit policies in memory: beside the intents, whose changes they are written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::deposits::{DepositStore, HotelPolicies};
use tender_domain::kernel::{CommitError, Save, StoreError, TenantId};

use crate::MemoryIntentStore;
use crate::intents::check_version;

/// The policies of every tenant's hotels.
#[derive(Debug, Default)]
pub(crate) struct Deposits(BTreeMap<(TenantId, String), Arc<HotelPolicies>>);

impl Deposits {
    pub(crate) fn check(&self, save: &Save<HotelPolicies>) -> Result<(), CommitError> {
        let stored = self.0.get(&(save.after.tenant.clone(), save.after.hotel_id.clone()));
        check_version(
            save,
            stored.map(|stored| stored.version),
            |hotel| hotel.version,
            "deposit_policies_pkey",
        )
    }

    pub(crate) fn apply(&mut self, hotel: Arc<HotelPolicies>) {
        self.0.insert((hotel.tenant.clone(), hotel.hotel_id.clone()), hotel);
    }
}

#[async_trait]
impl DepositStore for MemoryIntentStore {
    async fn deposit_policies(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelPolicies>, StoreError> {
        let place = (tenant.clone(), hotel_id.to_owned());
        Ok(self.read(|all| all.deposits.0.get(&place).map(|hotel| HotelPolicies::clone(hotel))))
    }
}

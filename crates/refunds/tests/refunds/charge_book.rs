//! Intents, as far as refunds asks it.

use std::sync::Mutex;

use async_trait::async_trait;
use tender_domain::kernel::{IntentId, TenantId};
use tender_domain::refunds::{CapturedCharge, ChargeRef, ChargeSource, ChargeSourceError};

use crate::support::held;

/// What intents would say.
#[derive(Default)]
pub(crate) struct ScriptedCharges {
    pub(crate) known: Mutex<Vec<CapturedCharge>>,
    pub(crate) not_captured: Mutex<Vec<IntentId>>,
    pub(crate) is_away: Mutex<bool>,
}

#[async_trait]
impl ChargeSource for ScriptedCharges {
    async fn charge_of(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError> {
        if *held(&self.is_away) {
            return Err(ChargeSourceError::Unavailable("connection refused".into()));
        }
        if *tenant != TenantId::sandbox() {
            return Ok(None);
        }
        if matches!(named, ChargeRef::Intent(intent) if held(&self.not_captured).contains(&intent)) {
            return Err(ChargeSourceError::NotCaptured);
        }
        let known = held(&self.known);
        let found = known.iter().find(|charge| match named {
            ChargeRef::Charge(id) => charge.charge_id == id,
            ChargeRef::Intent(id) => charge.intent_id == id,
        });
        Ok(found.cloned())
    }
}

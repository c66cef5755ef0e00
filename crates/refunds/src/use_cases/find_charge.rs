//! Finds the charge that a refund is of: in the projection, else from intents.

use std::sync::Arc;

use tender_domain::kernel::{Caller, TenantId};
use tender_domain::refunds::{ChargeRef, ChargeSourceError, RefundRefusal, RefundableCharge};

use super::read_refunds::may_see;
use super::{NamedCharge, RefundsError};
use crate::RefundsService;

/// A charge as it is stored.
pub(super) struct Found {
    pub(super) charge: Arc<RefundableCharge>,
    /// Whether intents was asked just now: then there is nothing newer to be had.
    pub(super) is_fresh: bool,
}

impl RefundsService {
    /// The charge that a client names, as it is known here: for what must be known of it before a refund is asked for
    /// (its currency).
    pub(crate) async fn charge_to_refund(
        &self,
        tenant: &TenantId,
        named: NamedCharge,
    ) -> Result<Arc<RefundableCharge>, RefundsError> {
        Ok(self.find_charge(tenant, named).await?.charge)
    }

    /// The charge that a client names, if the caller may see it: to a customer another's is not there, nor one of which nobody
    /// can say yet whose it is.
    pub(crate) async fn charge_seen_by(
        &self,
        caller: &Caller,
        named: NamedCharge,
    ) -> Result<Arc<RefundableCharge>, RefundsError> {
        let is_customer = caller.only_customer().is_some();
        let charge = match self.find_charge(&caller.tenant, named).await {
            Ok(found) => found.charge,
            Err(RefundsError::NotCaptured) if is_customer => {
                return Err(RefundsError::NoSuchCharge);
            }
            Err(error) => return Err(error),
        };
        if may_see(caller, charge.customer_id.as_deref()) {
            return Ok(charge);
        }
        Err(RefundsError::NoSuchCharge)
    }

    /// The charge that a client names, by itself, by its intent, or by both, which must agree.
    pub(super) async fn find_charge(
        &self,
        tenant: &TenantId,
        named: NamedCharge,
    ) -> Result<Found, RefundsError> {
        let by = named.charge_ref();
        let found = match self.store.charge(tenant, by).await? {
            Some(charge) => Found { charge: Arc::new(charge), is_fresh: false },
            None => {
                let told = self.charges.charge_of(tenant, by).await?.ok_or(RefundsError::NoSuchCharge)?;
                Found { charge: self.adopt_charge(tenant, &told, None, false).await?, is_fresh: true }
            }
        };
        match named {
            NamedCharge::Both { charge, intent } if found.charge.intent_id != intent => {
                Err(RefundRefusal::NotOfIntent { charge, intent }.into())
            }
            _ => Ok(found),
        }
    }

    /// The charge with every capture that intents knows of.
    pub(super) async fn refresh(&self, found: Found) -> Result<Found, RefundsError> {
        let charge = &found.charge;
        match self.charges.charge_of(&charge.tenant, ChargeRef::Charge(charge.id)).await {
            Ok(Some(told)) => {
                let charge = self.adopt_charge(&charge.tenant, &told, None, false).await?;
                Ok(Found { charge, is_fresh: true })
            }
            Ok(None) | Err(ChargeSourceError::NotCaptured) => {
                // The event came from intents, so it did know: a defect, but no reason to refuse a refund.
                tracing::error!(charge = %charge.id, tenant = %charge.tenant, "intents does not know a charge of its own");
                Ok(Found { is_fresh: true, ..found })
            }
            Err(error) => Err(error.into()),
        }
    }
}

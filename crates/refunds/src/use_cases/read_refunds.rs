//! Reads refunds. Who reads one whose outcome is open makes us ask for it.

use std::sync::Arc;

use tender_domain::kernel::{Caller, IntentId, Lane, Page, PageRequest, RefundId};
use tender_domain::refunds::{ChargeRef, ChargeSourceError, Refund, RefundFilter};

use super::{Asker, RefundsError};
use crate::RefundsService;

impl RefundsService {
    /// One refund, with its outcome if it can be had now.
    ///
    /// # Errors
    /// `NoSuchRefund` when it is not there, another tenant's or, for a customer, another customer's.
    pub async fn get_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        traceparent: Option<String>,
    ) -> Result<Refund, RefundsError> {
        let charge =
            self.store.charge_of_refund(&caller.tenant, id).await?.ok_or(RefundsError::NoSuchRefund)?;
        let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?.clone();
        if !may_see(caller, refund.customer_id.as_deref()) {
            return Err(RefundsError::NoSuchRefund);
        }
        if !refund.attempt().is_some_and(|attempt| self.may_ask_on_read(attempt)) {
            return Ok(refund);
        }
        let asker = Asker { lane: Lane::Foreground, traceparent, key: None };
        match self.resolve_refund(Arc::new(charge), id, &asker).await {
            Ok((refund, _)) => Ok(refund),
            Err(error) => {
                tracing::warn!(refund = %id, %error, "what became of a refund could not be found out while it was read");
                Ok(refund)
            }
        }
    }

    /// A page of refunds; a customer sees its own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list_refunds(
        &self,
        caller: &Caller,
        filter: RefundFilter,
        page: &PageRequest,
    ) -> Result<Page<Refund>, RefundsError> {
        let Some(own) = caller.only_customer() else {
            return Ok(self.store.refunds(&caller.tenant, &filter, page).await?);
        };
        if filter.customer_id.as_deref().is_some_and(|asked| asked != own) {
            return Ok(Page { data: Vec::new(), has_more: false });
        }
        let filter = RefundFilter { customer_id: Some(own.to_owned()), ..filter };
        Ok(self.store.refunds(&caller.tenant, &filter, page).await?)
    }

    /// A page of an intent's refunds.
    ///
    /// # Errors
    /// `NoSuchCharge` when there is no such intent, or it is not the caller's.
    pub async fn list_refunds_of_intent(
        &self,
        caller: &Caller,
        intent: IntentId,
        page: &PageRequest,
    ) -> Result<Page<Refund>, RefundsError> {
        let named = ChargeRef::Intent(intent);
        let owner = match self.store.charge(&caller.tenant, named).await? {
            Some(charge) => charge.customer_id,
            None => match self.charges.charge_of(&caller.tenant, named).await {
                Ok(told) => told.ok_or(RefundsError::NoSuchCharge)?.customer_id,
                // There is such an intent, but whose is not said: a customer is told nothing of it.
                Err(ChargeSourceError::NotCaptured) => None,
                Err(error) => return Err(error.into()),
            },
        };
        if !may_see(caller, owner.as_deref()) {
            return Err(RefundsError::NoSuchCharge);
        }
        let filter = RefundFilter { intent_id: Some(intent), ..RefundFilter::default() };
        Ok(self.store.refunds(&caller.tenant, &filter, page).await?)
    }
}

/// A customer sees what is its own; everybody else sees all of the tenant.
pub(super) fn may_see(caller: &Caller, owner: Option<&str>) -> bool {
    caller.only_customer().is_none_or(|own| owner == Some(own))
}

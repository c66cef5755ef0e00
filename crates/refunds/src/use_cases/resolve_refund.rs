//! Finds out what became of a refund whose outcome is not known.

use std::sync::Arc;

use tender_domain::kernel::{Answer, RefundId, TenantId};
use tender_domain::refunds::{Refund, RefundAttempt, RefundOutcome, RefundableCharge};

use super::{Asker, RefundsError};
use crate::RefundsService;

impl RefundsService {
    /// Asks the gateway about the refund and records what it says. A refund whose outcome is known, or waits for a
    /// person, is given back as it is.
    pub(crate) async fn resolve_refund(
        &self,
        charge: Arc<RefundableCharge>,
        id: RefundId,
        asker: &Asker,
    ) -> Result<(Refund, Option<Answer>), RefundsError> {
        let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?;
        let outcome = match refund.attempt() {
            Some(attempt) if attempt.conflict.is_none() => self.ask_gateway(&charge, refund, attempt).await,
            // Nothing to ask; recording it changes nothing but the key's answer.
            _ => RefundOutcome::UNKNOWN,
        };
        let call = refund.call();
        self.record_outcome(charge, call, outcome, asker).await
    }

    /// The same for a refund that has not been loaded.
    pub(crate) async fn resolve_by_id(
        &self,
        tenant: &TenantId,
        id: RefundId,
        asker: &Asker,
    ) -> Result<Refund, RefundsError> {
        let charge = self.store.charge_of_refund(tenant, id).await?.ok_or(RefundsError::NoSuchRefund)?;
        let (refund, _) = self.resolve_refund(Arc::new(charge), id, asker).await?;
        Ok(refund)
    }

    /// Whether somebody who reads the refund may make us ask the gateway.
    pub(super) fn may_ask_on_read(&self, attempt: &RefundAttempt) -> bool {
        let now = self.clock.now();
        let last = attempt.last_check_at.unwrap_or(attempt.started_at);
        attempt.conflict.is_none()
            && now >= self.sent_before(attempt)
            && now >= last + self.options.read_check_interval
    }
}

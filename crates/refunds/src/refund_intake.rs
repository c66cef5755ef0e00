//! The port by which intents hands over what gateways tell of refunds, where both are in one process.

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, TenantId};
use tender_domain::refunds::{RefundIntake, RefundIntakeError, RefundTaken, ToldRefund};

use crate::RefundsService;
use crate::use_cases::RefundsError;

#[async_trait]
impl RefundIntake for RefundsService {
    async fn take_refund(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<RefundTaken, RefundIntakeError> {
        self.take_told_refund(tenant, told).await.map_err(|error| match error {
            RefundsError::ToldOtherwise(problem) => RefundIntakeError::Refused(problem),
            error @ (RefundsError::Refused(_) | RefundsError::Commit(CommitError::Refused { .. })) => {
                RefundIntakeError::Refused(error.to_string())
            }
            error => RefundIntakeError::Unavailable(error.to_string()),
        })
    }
}

//! The port by which intents hands over what gateways tell of disputes, where both are in one process.

use async_trait::async_trait;
use tender_domain::disputes::{DisputeIntake, DisputeIntakeError, DisputeTaken, ToldChargeback};
use tender_domain::kernel::{CommitError, Lane, TenantId};

use crate::use_cases::RefundsError;
use crate::{RefundsService, Taken};

#[async_trait]
impl DisputeIntake for RefundsService {
    async fn take_dispute(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
    ) -> Result<DisputeTaken, DisputeIntakeError> {
        match self.take_told(tenant, told, Lane::Background).await {
            Ok(Some(Taken::Dispute { .. })) => Ok(DisputeTaken::Known),
            Ok(Some(Taken::Waiting(_))) => Ok(DisputeTaken::Waiting),
            Ok(None) => Ok(DisputeTaken::Unknown),
            Err(
                error @ (RefundsError::Dispute(_)
                | RefundsError::WaitsOtherwise(_)
                | RefundsError::Commit(CommitError::Refused { .. })),
            ) => Err(DisputeIntakeError::Refused(error.to_string())),
            Err(error) => Err(DisputeIntakeError::Unavailable(error.to_string())),
        }
    }
}

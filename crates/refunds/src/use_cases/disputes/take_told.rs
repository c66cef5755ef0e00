//! Takes in what a processor tells by itself, also where that opens no dispute.

use std::sync::Arc;

use tender_domain::disputes::ToldChargeback;
use tender_domain::kernel::{CommitError, Lane, TenantId};

use super::super::RefundsError;
use super::super::retry::{RECORDINGS_MAX, pause};
use super::take::{Taken, Teller, known_by_reference};
use crate::RefundsService;

impl RefundsService {
    /// Takes in what a processor tells; of a word that may open no dispute nothing where none is known. Such a word moves no
    /// money, and what else it says is not compared.
    ///
    /// # Errors
    /// As [`RefundsService::take_chargeback`].
    pub async fn take_told(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
        lane: Lane,
    ) -> Result<Option<Taken>, RefundsError> {
        if !told.only_if_known {
            return self.take_chargeback(tenant, told, lane).await.map(Some);
        }
        let processor = &told.dispute.processor;
        for tries in 0..RECORDINGS_MAX {
            let charge = self.disputes.charge_by_gateway(tenant, processor, &told.gateway_reference).await?;
            let Some(charge) = charge else { return Ok(None) };
            let known = known_by_reference(&charge, &told.dispute).cloned();
            let Some(known) = known else { return Ok(None) };
            match self.move_on(Arc::new(charge), &known, told, Teller { lane, person: None }).await {
                Ok(dispute) => return Ok(Some(Taken::Dispute { dispute: Box::new(dispute), is_new: false })),
                Err(RefundsError::Commit(CommitError::Conflict | CommitError::Overloaded)) => {
                    pause(tries).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

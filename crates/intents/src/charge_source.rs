//! The charges of intents, for refunds in the same process; between processes `GET /internal/charges/{id}` answers.

use async_trait::async_trait;
use tender_domain::intents::{Capture, CaptureStatus, Intent};
use tender_domain::kernel::{AttemptId, TenantId};
use tender_domain::refunds::{CapturedCharge, CapturedPart, ChargeRef, ChargeSource, ChargeSourceError};

use crate::IntentsService;

#[async_trait]
impl ChargeSource for IntentsService {
    async fn charge_of(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError> {
        let intent = match named {
            ChargeRef::Intent(id) => self.intent_for_service(tenant, id).await,
            ChargeRef::Charge(id) => self.intent_of_attempt(tenant, AttemptId::from_uuid(id.uuid())).await,
        };
        match intent.map_err(|error| ChargeSourceError::Unavailable(error.to_string()))? {
            None => Ok(None),
            Some(intent) => captured_charge(&intent).map(Some).ok_or(ChargeSourceError::NotCaptured),
        }
    }
}

/// The charge with its captures that succeeded; none when nothing was captured.
fn captured_charge(intent: &Intent) -> Option<CapturedCharge> {
    let attempt = intent.approved_attempt()?;
    let part = |capture: &Capture| CapturedPart { id: capture.id, amount: capture.amount };
    let succeeded = intent.captures.iter().filter(|capture| capture.status == CaptureStatus::Succeeded);
    let captures: Vec<_> = succeeded.map(part).collect();
    (!captures.is_empty()).then_some(CapturedCharge {
        charge_id: attempt.id.charge(),
        intent_id: intent.id,
        merchant_account_id: intent.merchant_account_id.clone(),
        connector: attempt.connector.clone(),
        gateway_reference: attempt.authorization.as_ref()?.gateway_reference.clone(),
        customer_id: intent.customer_id.clone(),
        order_id: intent.order_ref.clone(),
        livemode: intent.livemode,
        authorized: attempt.amount,
        captures,
    })
}

//! Looks for the charges of chargebacks that wait.

use tender_domain::disputes::{ChargebackIntake, ToldChargeback};
use tender_domain::kernel::{Change, Lane, Save};
use tender_domain::refunds::RefundWrite;
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};

use super::super::RefundsError;
use super::take::Taken;
use crate::RefundsService;

impl RefundsService {
    /// Matches a chargeback that waits, if its charge is known by now; else when it is looked for next is written down.
    /// Says whether it was matched.
    pub(crate) async fn match_chargeback(&self, waiting: ChargebackIntake) -> Result<bool, RefundsError> {
        let told = ToldChargeback {
            gateway_reference: waiting.gateway_reference.clone(),
            dispute: waiting.told.clone(),
            standing: waiting.standing,
            at: waiting.updated_at,
            only_if_known: false,
        };
        let why = match self.take_chargeback(&waiting.tenant, &told, Lane::Background).await {
            Ok(Taken::Dispute { .. }) => return Ok(true),
            Ok(Taken::Waiting(_)) => "no charge has this reference at this connector".to_owned(),
            // Will be no different the next time, and a person has to know.
            Err(RefundsError::Dispute(refusal)) => refusal.to_string(),
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        let (missed, tell) = waiting.missed(&why, now, &self.options.schedule);
        let alert = tell.then(|| self.unmatched(&missed, &why));
        let save = Save::<ChargebackIntake>::changed(waiting, missed);
        let change =
            Change::<RefundWrite>::of(save.after.tenant.clone()).save(save).tell(alert).in_background();
        self.store.commit(change).await.map(|_| false).map_err(Into::into)
    }

    fn unmatched(&self, waiting: &ChargebackIntake, why: &str) -> tender_domain::kernel::Message {
        let told = &waiting.told;
        let reference = told.processor_reference.as_deref().unwrap_or_default();
        let alert = AlertRaised {
            code: "chargeback_unmatched".to_owned(),
            severity: AlertSeverity::Critical,
            service: "refunds".to_owned(),
            tenant_id: waiting.tenant.clone(),
            subject_id: waiting.id.to_string(),
            intent_id: None,
            detail: format!(
                "{} took back {} as {reference}, of the charge {}: {why}",
                told.processor, told.amount, waiting.gateway_reference
            ),
            version: waiting.version,
            raised_at: waiting.updated_at,
        };
        alert.into_message(Envelope { id: self.ids.event(), traceparent: None })
    }
}

//! Look-ups: what became of a call, answered from the books, and what goes wrong with the question itself.

use tender_domain::kernel::{Save, Timestamp};
use tender_domain::ports::{GatewayAnswer, Lookup, LookupRequest};
use tender_domain::simulator::{BookEntry, BookedCallback, BookedOperation, BookedOutcome};

use crate::engine::{books_away, waits_for_the_customer};
use crate::fault::Fault;
use crate::misbehaviour::Plan;
use crate::script::{Script, Scripted, ScriptedCall};
use crate::{Behaviour, SimulatorGateway, decide};

impl SimulatorGateway {
    pub(crate) async fn looked_up(&self, request: &LookupRequest) -> Result<Lookup, Fault> {
        let found = self.books.operation(&request.tenant, request.kind, &request.reference).await;
        let found = found.map_err(|error| books_away(&error))?;
        let plan = self.plan(&Scripted {
            tenant: &request.tenant,
            call: ScriptedCall::Lookup,
            reference: &request.reference,
            token: None,
            amount_minor: found.as_ref().and_then(BookedOperation::amount_minor),
        });
        self.lost_on_the_way(&plan).await?;
        let operation = match found {
            Some(operation) => self.with_session_ended(operation).await?,
            None => self.declare_not_found(request, self.clock.now()).await?,
        };
        self.asked_about(&operation, &plan).await?;
        if operation.visible_at > self.clock.now() {
            return Ok(waits_for_the_customer(&operation).map_or(Lookup::Pending, Lookup::Answered));
        }
        // The one error of an answer is that it was refused: nothing was done, and never will be.
        let answer = self.answer(&operation, None);
        Ok(answer.map_or(Lookup::NotFound, |answer| Lookup::Answered(otherwise(answer, &plan))))
    }

    /// What goes wrong with a question about a call that the books have: they stay as they are.
    pub(crate) async fn asked_about(&self, operation: &BookedOperation, plan: &Plan) -> Result<(), Fault> {
        if plan.slow {
            tokio::time::sleep(self.options.delay).await;
        }
        let has_ended =
            matches!(operation.outcome, BookedOutcome::Approved { .. } | BookedOutcome::Declined(_));
        // What is still pending is told when it ends.
        if plan.callback && has_ended && operation.visible_at <= self.clock.now() {
            // Told once more, beside what was told of the call itself.
            let again = |callback: BookedCallback| BookedCallback {
                id: format!("{}/asked", callback.id),
                ..callback
            };
            let callbacks: Vec<_> = self.callbacks_of(operation, plan).into_iter().map(again).collect();
            self.books.add_callbacks(&callbacks).await.map_err(|error| books_away(&error))?;
            self.booked.notify_one();
            if plan.before_answer {
                self.wait_until_told(operation).await;
            }
        }
        match plan.lost_after {
            Some(loss) => Err(self.lost(loss).await),
            None => Ok(()),
        }
    }

    /// Has what follows an authorization go wrong as its token says.
    pub(crate) fn script_later(&self, operation: &BookedOperation, behaviour: Behaviour) {
        let Some((call, does)) = behaviour.misbehaves_later() else { return };
        self.script(Script {
            tenant: operation.tenant.clone(),
            call: Some(call),
            reference: Some(operation.reference.clone()),
            token: None,
            amount_minor: None,
            times: Some(1),
            does: vec![does],
        });
    }

    /// Leaves a mark, so that the call is not done should it arrive after it was declared not found.
    async fn declare_not_found(
        &self,
        request: &LookupRequest,
        now: Timestamp,
    ) -> Result<BookedOperation, Fault> {
        let reason = "the reference was looked up before it arrived and declared not found";
        let mark = BookedOperation {
            tenant: request.tenant.clone(),
            kind: request.kind,
            reference: request.reference.clone(),
            request_digest: None,
            outcome: BookedOutcome::Refused(reason.to_owned()),
            sca: None,
            session: None,
            return_url: None,
            embeds: false,
            late_refunds: None,
            visible_at: now,
        };
        let entry = BookEntry { operation: Save::new(mark), payment: None, callbacks: Vec::new() };
        match self.record(&entry).await? {
            Some(booked) => Ok(booked.operation),
            None => Err(Fault::Unknown("the simulator could not write its books".to_owned())),
        }
    }
}

/// What is told of an approval: another amount than was done, and than was asked for, when that is planned.
pub(crate) fn otherwise(answer: GatewayAnswer, plan: &Plan) -> GatewayAnswer {
    match answer {
        GatewayAnswer::Approved {
            gateway_reference,
            amount,
            captured,
            response_code,
            acquirer,
            avs,
            sca,
        } if plan.other_amount => {
            // Two more: what was taken may itself be one less than was asked for, or one more.
            let amount = decide::one_more(decide::one_more(amount));
            GatewayAnswer::Approved { gateway_reference, amount, captured, response_code, acquirer, avs, sca }
        }
        other => other,
    }
}

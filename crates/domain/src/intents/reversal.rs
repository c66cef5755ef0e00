//! A capture that had succeeded and did not last: the gateway, or the bank behind it, took the money back (contract §4:
//! "a capture can fail after it was accepted").

use crate::kernel::{CaptureId, Timestamp, gateway_text};

use super::{CaptureStatus, Intent, IntentEvent, IntentStatus, PaymentError, Refusal, Step};

impl Intent {
    /// Records that a capture failed after it had succeeded. Whoever followed its success is told to undo it. When
    /// nothing that was taken is left the payment has `failed`: whether the gateway still holds something nobody
    /// knows, so nothing is captured again by itself.
    ///
    /// # Errors
    /// `NotOpen` when there is no such capture, or it had not succeeded.
    pub fn record_capture_reversed(
        &self,
        id: CaptureId,
        problem: &str,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let succeeded =
            |capture: &super::Capture| capture.id == id && capture.status == CaptureStatus::Succeeded;
        let place = self.captures.iter().position(succeeded).ok_or(Refusal::NotOpen)?;
        let mut next = self.next(now);
        let capture = &mut next.captures[place];
        capture.status = CaptureStatus::Failed;
        capture.problem = Some(gateway_text(&format!("taken back after it had succeeded: {problem}")));
        let attempt = capture.attempt;
        if next.status == IntentStatus::Succeeded && next.amount_captured().is_zero() {
            next.status = IntentStatus::Failed;
            next.last_payment_error = Some(PaymentError {
                attempt: Some(attempt),
                decline: None,
                fraud: None,
                message: gateway_text(&format!(
                    "the payment was taken back after it had succeeded: {problem}"
                )),
            });
        }
        Ok(Step { intent: next, events: vec![IntentEvent::CaptureReversed { capture: id }] })
    }
}

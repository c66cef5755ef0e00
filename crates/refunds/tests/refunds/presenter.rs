//! How the stage shows refunds and refusals.

use tender_domain::kernel::Answer;
use tender_domain::refunds::{Refund, RefundRefusal};
use tender_refunds::Presenter;

pub(crate) const PRESENTER: Presenter = Presenter { refund: show, refusal: refuse };

fn show(refund: &Refund) -> Answer {
    let waits = refund.attempt().is_some() || refund.next_attempt_at().is_some();
    let status = if waits { 202 } else { 201 };
    let body = serde_json::json!({ "id": refund.id, "status": refund.status().as_str(), "amount": refund.amount.minor() });
    Answer { status, body: body.to_string().into() }
}

fn refuse(refusal: &RefundRefusal) -> Answer {
    Answer { status: 422, body: serde_json::json!({ "detail": refusal.to_string() }).to_string().into() }
}

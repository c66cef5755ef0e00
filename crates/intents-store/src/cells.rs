//! Aggregates as cells, in the order of the tables' columns.

use serde::Serialize;
use tender_domain::intents::{
    Attempt, Capture, CaptureOrigin, DisputeOfIntent, Instrument, Intent, IntentStatus, MethodSummary,
    PaymentError, RefundOfIntent, Resolution, StoredOrder, StorefrontPayment, VoidState,
};
use tender_domain::ports::ThreeDs;
use tender_postgres::Cell;

use crate::rows::{DetailsJson, PaymentErrorJson, ResolutionJson};

pub(crate) fn intent_cells(intent: &Intent) -> Vec<Cell> {
    let [method_id, test_token] = instrument_cells(intent.instrument.as_ref());
    let [method_type, method_brand, method_last4] = method_cells(&intent.method);
    vec![
        intent.id.uuid().into(),
        intent.version.number().into(),
        intent.livemode.into(),
        intent.amount.minor().into(),
        intent.amount.currency().code().into(),
        intent.status.as_str().into(),
        intent.customer_id.as_deref().into(),
        intent.merchant_account_id.as_str().into(),
        method_id,
        test_token,
        method_type,
        method_brand,
        method_last4,
        intent.capture_mode.as_str().into(),
        intent.description.as_deref().into(),
        intent.statement_descriptor.as_deref().into(),
        intent.order_ref.as_deref().into(),
        intent.reservation_ref.as_deref().into(),
        json(&intent.metadata),
        count(intent.max_attempts),
        intent.expires_at.into(),
        intent.channel.as_str().into(),
        intent.last_payment_error.as_ref().map_or(Cell::Json(None), error_cell),
        intent.cancellation_reason.as_deref().into(),
        intent.canceled_at.into(),
        intent.amount_captured().minor().into(),
        intent.amount_refunded.minor().into(),
        live_order_ref(intent).into(),
        intent.capture_delay_seconds.map_or(Cell::Int(None), count),
        intent.closes_at().into(),
        intent.created_at.into(),
        intent.updated_at.into(),
        if intent.risk.is_empty() { Cell::Json(None) } else { json(&intent.risk) },
        if intent.options.is_empty() { Cell::Json(None) } else { json(&intent.options) },
        intent.disputed.map_or(Cell::Json(None), |disputed| json(&disputed)),
    ]
}

/// The order whose one live payment this is: of a dialect that pays an order once, while it is neither canceled nor
/// failed nor waits for another method.
fn live_order_ref(intent: &Intent) -> Option<&str> {
    let ended = matches!(
        intent.status,
        IntentStatus::Canceled | IntentStatus::Failed | IntentStatus::RequiresPaymentMethod
    );
    intent.order_ref.as_deref().filter(|_| intent.channel.pays_once() && !ended)
}

pub(crate) fn attempt_cells(intent: &Intent, attempt: &Attempt) -> Vec<Cell> {
    let [method_id, test_token] = instrument_cells(Some(&attempt.instrument));
    let [method_type, method_brand, method_last4] = method_cells(&attempt.method);
    let decline = attempt.decline.as_ref();
    let challenge = attempt.challenge.as_ref();
    let authorization = attempt.authorization.as_ref();
    let void = authorization.and_then(|authorization| authorization.void).map(VoidState::as_str);
    vec![
        attempt.id.uuid().into(),
        intent.id.uuid().into(),
        count(attempt.number),
        attempt.connector.as_str().into(),
        method_id,
        test_token,
        method_type,
        method_brand,
        method_last4,
        attempt.amount.minor().into(),
        attempt.capture.into(),
        attempt.status.as_str().into(),
        attempt.started_at.into(),
        attempt.answered_at.into(),
        decline.map(|decline| decline.code.as_str()).into(),
        decline.and_then(|decline| decline.network_code.as_deref()).into(),
        decline.map(|decline| decline.message.as_str()).into(),
        attempt.problem.as_deref().into(),
        challenge.map(|challenge| challenge.url.as_str()).into(),
        challenge.map(|challenge| challenge.reference.as_str()).into(),
        authorization.map(|authorization| authorization.gateway_reference.as_str()).into(),
        authorization.and_then(|authorization| authorization.response_code.as_deref()).into(),
        authorization.and_then(|authorization| authorization.acquirer.as_deref()).into(),
        authorization.and_then(|authorization| authorization.avs.avs_result.as_deref()).into(),
        authorization.and_then(|authorization| authorization.avs.cvv_result.as_deref()).into(),
        void.into(),
        count(attempt.checks),
        attempt.next_check_at.into(),
        attempt.off_session.into(),
        authorization.and_then(|authorization| authorization.void_at).into(),
        attempt.capture_at.into(),
        attempt.expires_at.into(),
        attempt.queued_at.into(),
        resolution_cell(attempt.resolution.as_ref()),
        (attempt.three_ds == ThreeDs::Force).into(),
        DetailsJson::of(attempt).as_ref().map_or(Cell::Json(None), json),
        alternative(&attempt.instrument).into(),
    ]
}

pub(crate) fn capture_cells(intent: &Intent, number: u32, capture: &Capture) -> Vec<Cell> {
    vec![
        capture.id.uuid().into(),
        intent.id.uuid().into(),
        count(number),
        capture.attempt.uuid().into(),
        capture.amount.minor().into(),
        capture.is_final.into(),
        capture.status.as_str().into(),
        capture.gateway_reference.as_deref().into(),
        capture.problem.as_deref().into(),
        capture.created_at.into(),
        capture.answered_at.into(),
        count(capture.checks),
        capture.next_check_at.into(),
        capture.queued_at.into(),
        resolution_cell(capture.resolution.as_ref()),
        // NULL is ours, as nearly all are.
        (capture.origin == CaptureOrigin::Gateway).then(|| capture.origin.as_str()).into(),
    ]
}

pub(crate) fn order_cells(stored: &StoredOrder) -> Vec<Cell> {
    let order = &stored.order;
    let reservation = order.reservation.as_ref();
    vec![
        order.reference.as_str().into(),
        stored.version.number().into(),
        order.kind.as_str().into(),
        order.customer_id.as_str().into(),
        order.amount.minor().into(),
        order.amount.currency().code().into(),
        order.status.as_str().into(),
        order.starts_at.into(),
        order.product_type.as_deref().into(),
        order.rate_plan.as_deref().into(),
        reservation.map(|reservation| reservation.id.as_str()).into(),
        reservation.map(|reservation| reservation.holder.as_str()).into(),
        reservation.map(|reservation| reservation.expires_at).into(),
        if order.details.is_empty() { Cell::Json(None) } else { json(&order.details) },
        stored.created_at.into(),
        stored.updated_at.into(),
    ]
}

pub(crate) fn storefront_cells(payment: &StorefrontPayment) -> Vec<Cell> {
    vec![
        payment.intent_id.uuid().into(),
        payment.client_key.as_deref().into(),
        payment.ip_address.as_deref().into(),
        payment.user_agent.as_deref().into(),
    ]
}

pub(crate) fn refund_cells(refund: &RefundOfIntent) -> Vec<Cell> {
    vec![
        refund.id.uuid().into(),
        refund.version.number().into(),
        refund.intent_id.uuid().into(),
        refund.attempt.uuid().into(),
        refund.amount.minor().into(),
        refund.amount.currency().code().into(),
        refund.reason.as_str().into(),
        refund.gateway_reference.as_deref().into(),
        refund.status.as_str().into(),
        refund.failed_after_success.into(),
        refund.created_at.into(),
        refund.ended_at.into(),
    ]
}

pub(crate) fn dispute_cells(dispute: &DisputeOfIntent) -> Vec<Cell> {
    vec![
        dispute.id.uuid().into(),
        dispute.version.number().into(),
        dispute.intent_id.uuid().into(),
        dispute.source.as_str().into(),
        dispute.amount.minor().into(),
        dispute.amount.currency().code().into(),
        dispute.reason.as_str().into(),
        dispute.status.as_str().into(),
        dispute.created_at.into(),
        dispute.updated_at.into(),
    ]
}

fn instrument_cells(instrument: Option<&Instrument>) -> [Cell; 2] {
    let (method, token) = match instrument {
        None | Some(Instrument::Alternative(_)) => (None, None),
        Some(Instrument::Saved(id)) => (Some(id.uuid()), None),
        Some(Instrument::TestToken(token)) => (None, Some(token.as_str())),
    };
    [method.into(), token.into()]
}

fn alternative(instrument: &Instrument) -> Option<&str> {
    match instrument {
        Instrument::Alternative(name) => Some(name),
        Instrument::Saved(_) | Instrument::TestToken(_) => None,
    }
}

fn method_cells(method: &MethodSummary) -> [Cell; 3] {
    [method.method_type.as_str().into(), method.brand.as_deref().into(), method.last4.as_deref().into()]
}

fn resolution_cell(resolution: Option<&Resolution>) -> Cell {
    resolution.map_or(Cell::Json(None), |resolution| json(&ResolutionJson::from(resolution)))
}

fn error_cell(error: &PaymentError) -> Cell {
    json(&PaymentErrorJson::from(error))
}

/// Attempts, captures and look-ups are counted by the few: far below what the column holds.
pub(crate) fn count(number: u32) -> Cell {
    i32::try_from(number).unwrap_or(i32::MAX).into()
}

fn json(value: &impl Serialize) -> Cell {
    Cell::json(value).expect("texts and maps of texts have a JSON form")
}

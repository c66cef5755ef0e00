//! The books, for whoever compares them with others.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, StoreError, TenantId};
use tender_domain::simulator::{BookTotals, BookedPayment};

use super::problem::Problem;
use super::trusted::Trusted;
use crate::SimulatorGateway;
use crate::calls::is_reference;

/// The most payments of one page.
const PAGE_ROWS_MAX: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BooksQuery {
    tenant: TenantId,
    #[serde(default = "default_limit")]
    limit: usize,
    starting_after: Option<String>,
}

const fn default_limit() -> usize {
    100
}

#[derive(Serialize)]
pub(crate) struct BooksAnswer {
    object: &'static str,
    tenant: TenantId,
    totals: Vec<TotalsRow>,
    data: Vec<PaymentRow>,
    has_more: bool,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct TotalsRow {
    currency: Currency,
    payments: i64,
    authorized_minor: i128,
    captured_minor: i128,
    refunded_minor: i128,
}

#[derive(Serialize)]
struct PaymentRow {
    reference: String,
    gateway_reference: String,
    currency: Currency,
    authorized_minor: i64,
    captured_minor: i64,
    refunded_minor: i64,
    released: bool,
}

pub(crate) async fn list(
    _: Trusted,
    gateway: Data<SimulatorGateway>,
    query: Query<BooksQuery>,
) -> Result<Json<BooksAnswer>, Problem> {
    let BooksQuery { tenant, limit, starting_after } = query.into_inner();
    if !(1..=PAGE_ROWS_MAX).contains(&limit) {
        let detail = format!("limit must be from 1 to {PAGE_ROWS_MAX}");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail));
    }
    if starting_after.as_deref().is_some_and(|after| !is_reference(after)) {
        let detail = "starting_after takes what next_cursor gave";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail));
    }
    let books = gateway.books();
    let totals = books.totals(&tenant).await.map_err(away)?;
    let mut payments = books.payments(&tenant, starting_after.as_deref(), limit + 1).await.map_err(away)?;
    let has_more = payments.len() > limit;
    payments.truncate(limit);
    let last = payments.last().filter(|_| has_more);
    Ok(Json(BooksAnswer {
        object: "list",
        next_cursor: last.map(|payment| payment.gateway_reference.clone()),
        tenant,
        totals: totals.into_iter().map(TotalsRow::from).collect(),
        data: payments.into_iter().map(PaymentRow::from).collect(),
        has_more,
    }))
}

fn away(error: StoreError) -> Problem {
    tracing::error!(%error, "the simulator's books failed");
    Problem::books_away()
}

impl From<BookTotals> for TotalsRow {
    fn from(totals: BookTotals) -> Self {
        Self {
            currency: totals.currency,
            payments: totals.payments,
            authorized_minor: totals.authorized_minor,
            captured_minor: totals.captured_minor,
            refunded_minor: totals.refunded_minor,
        }
    }
}

impl From<BookedPayment> for PaymentRow {
    fn from(payment: BookedPayment) -> Self {
        Self {
            reference: payment.reference,
            gateway_reference: payment.gateway_reference,
            currency: payment.authorized.currency(),
            authorized_minor: payment.authorized.minor(),
            captured_minor: payment.captured_minor,
            refunded_minor: payment.refunded_minor,
            released: payment.released,
        }
    }
}
